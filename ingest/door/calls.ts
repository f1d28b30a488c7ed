// The methods of `POST /call/{method}`: each checks its argument, then asks store or live state.

import {
  AGGREGATES,
  type Counters,
  DISTRIBUTION_FORMS,
  type DistributionForm,
  EVERY,
  type FeedMethod,
  type FeedMethods,
  type IngestHealth,
} from '../../contract/feed.ts'
import { METRIC_NAME, METRIC_NAME_RULE, metricOf } from '../../contract/metrics.ts'
import { QUARANTINE_REASONS, type QuarantineReason } from '../../contract/observation.ts'
import type { TimeMs } from '../../contract/time.ts'
import { isDeviceId, isKind, KINDS, type Kind } from '../../contract/topics.ts'
import type { RowFilter, Store } from '../store/store.ts'

/** What `flag-calls.ts` answers. */
export type FlagMethod = 'flags' | 'setFlag' | 'unsetFlag' | 'judgeAgain' | 'derivation'

export type Calls = {
  readonly [M in FeedMethod]: (argument: unknown) => Promise<FeedMethods[M]['answer']>
}

export class BadArgument extends Error {
  override readonly name = 'BadArgument'
}

export class UnknownDevice extends Error {
  override readonly name = 'UnknownDevice'
}

export interface CallsPlan {
  readonly store: Store
  readonly isKnown: (device: string) => boolean
  readonly health: () => Promise<IngestHealth>
  readonly counters: () => Promise<Counters>
  readonly registryChanged: () => void
}

const MOST_METRICS = 100
const MOST_POINTS = 100_000

export function openCalls({
  store,
  isKnown,
  health,
  counters,
  registryChanged,
}: CallsPlan): Omit<Calls, FlagMethod> {
  const period = (
    argument: Members,
  ): { device: string; metrics?: readonly string[]; from: TimeMs; to: TimeMs } => {
    const device = readDevice(argument)
    if (!isKnown(device)) throw new UnknownDevice(`there is no device ${device}`)
    const metrics = readMetrics(argument)
    return { device, ...(metrics === null ? {} : { metrics }), ...readSpan(argument) }
  }
  return {
    health: async () => health(),
    counters: async () => counters(),
    async readings(json) {
      const argument = membersOf(json)
      return store.readings({
        ...period(argument),
        limit: readWhole(argument, 'limit', 1, MOST_POINTS),
      })
    },
    async buckets(json) {
      const argument = membersOf(json)
      const every = readOneOf(argument, 'every', EVERY)
      const fn = readOneOf(argument, 'fn', AGGREGATES)
      const good = argument['good'] === true
      return { series: await store.buckets({ ...period(argument), every, fn, ...(good ? { good } : {}) }) }
    },
    async distributions(json) {
      const argument = membersOf(json)
      const kind = readKind(argument)
      const question = { kind, devices: readDevices(argument), metrics: readForms(argument, kind) }
      return { devices: await store.distributions({ ...question, ...readSpan(argument) }) }
    },
    async states(json) {
      const argument = membersOf(json)
      const { device, devices, kind } = argument
      const spans = await store.states({
        ...readSpan(argument),
        ...(device === undefined ? {} : { device: readDevice(argument) }),
        ...(devices === undefined ? {} : { devices: readDevices(argument) }),
        ...(kind === undefined ? {} : { kind: readKind(argument) }),
      })
      return { spans }
    },
    async quarantine(json) {
      const argument = membersOf(json)
      const { reason, cursor } = argument
      if (reason !== undefined && !Object.hasOwn(QUARANTINE_REASONS, String(reason))) {
        throw new BadArgument(
          `reason is ${String(reason)}; one of ${Object.keys(QUARANTINE_REASONS).join(', ')} is taken`,
        )
      }
      if (cursor !== undefined && typeof cursor !== 'string') throw new BadArgument('cursor is no text')
      const page = await store.quarantine({
        limit: readWhole(argument, 'limit', 1, 1_000),
        ...(reason === undefined ? {} : { reason: reason as QuarantineReason }),
        ...(cursor === undefined ? {} : { cursor }),
      })
      if (page === null) throw new BadArgument('cursor is none of ours; start again without it')
      return page
    },
    async track(json) {
      const argument = membersOf(json)
      const { device, from, to } = period(argument)
      return { positions: await store.track(device, from, to) }
    },
    async forget(json) {
      await store.forget(readDevices(membersOf(json)))
      return {}
    },
    async registryChanged() {
      registryChanged()
      return {}
    },
  }
}

export type Members = Readonly<Record<string, unknown>>

export function membersOf(json: unknown): Members {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new BadArgument('the argument is no object')
  return json as Members
}

export function readDevice({ device }: Members): string {
  if (typeof device !== 'string' || !isDeviceId(device))
    throw new BadArgument(`device is ${String(device)}; an id is taken`)
  return device
}

function readDevices({ devices }: Members): readonly string[] {
  if (!Array.isArray(devices) || !devices.every((id) => typeof id === 'string' && isDeviceId(id)))
    throw new BadArgument('devices are a list of ids')
  return devices as string[]
}

function readKind({ kind }: Members): Kind {
  if (typeof kind !== 'string' || !isKind(kind))
    throw new BadArgument(`kind is ${String(kind)}; one of ${KINDS.join(', ')} is taken`)
  return kind
}

function readForms({ metrics }: Members, kind: Kind): Readonly<Record<string, DistributionForm>> {
  const asked = membersOf(metrics)
  const forms = Object.keys(asked).map((metric) => {
    if (metricOf(kind, metric) === undefined)
      throw new BadArgument(`a metric is ${metric}; one that is known of a ${kind} is taken`)
    return [metric, readOneOf(asked, metric, DISTRIBUTION_FORMS)] as const
  })
  return Object.fromEntries(forms)
}

function readMetrics({ metrics }: Members): readonly string[] | null {
  if (metrics === undefined) return null
  if (!Array.isArray(metrics) || metrics.length > MOST_METRICS) {
    throw new BadArgument(`metrics are a list of at most ${MOST_METRICS}`)
  }
  const wrong = metrics.find((metric) => typeof metric !== 'string' || !METRIC_NAME.test(metric)) as unknown
  if (wrong !== undefined)
    throw new BadArgument(`a metric is ${String(wrong)}; a name is ${METRIC_NAME_RULE}`)
  return metrics as string[]
}

export function readSpan({ from, to }: Members): { from: TimeMs; to: TimeMs } {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to))
    throw new BadArgument('from and to are whole milliseconds')
  if ((from as number) > (to as number)) throw new BadArgument(`from ${from} lies after to ${to}`)
  return { from: from as number, to: to as number }
}

export function readWhole(members: Members, name: string, least: number, most: number): number {
  const value = members[name]
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
    throw new BadArgument(`${name} is ${String(value)}; ${least} to ${most} is taken`)
  }
  return value as number
}

export function readOneOf<const T extends string>(members: Members, name: string, allowed: readonly T[]): T {
  const value = allowed.find((one) => one === members[name])
  if (value === undefined)
    throw new BadArgument(`${name} is ${String(members[name])}; one of ${allowed.join(', ')} is taken`)
  return value
}

/** What of the store is to be exported. Throws BadArgument. */
export function readFilter(json: unknown): RowFilter {
  const argument = membersOf(json)
  const { kind, device } = argument
  return {
    ...readSpan(argument),
    ...(kind === undefined ? {} : { kind: readKind(argument) }),
    ...(device === undefined ? {} : { device: readDevice(argument) }),
  }
}

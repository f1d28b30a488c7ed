// Faults planted in sensors against what Pantau noticed: flagged readings, a sensor that is silent, a clock that is off. What was noticed
// within two hours on one metric of one device is one notice, as a person would be told of it.

import type { LiveDevice } from '../../contract/feed.ts'
import { HOUR, SECOND, type TimeMs } from '../../contract/time.ts'
import { isClockWrong } from '../../domain/connectivity/clock-error.ts'
import { groupBy } from '../../domain/transit/feed-tables.ts'
import {
  type DeviceModel,
  SENSOR_FAULTS,
  type SensorFaultKind,
  type Truth,
} from '../../simulators/device-model.ts'
import { firstTick } from '../../simulators/world.ts'
import type { Flagged } from './flags.ts'
import { share } from './outages.ts'

export type TrueFault = Extract<Truth, { type: 'fault' }>

/** Something noticed of a device, and when: `metric` null when it is of all of it. */
export interface Notice {
  readonly device: string
  readonly metric: string | null
  readonly by: string
  readonly from: TimeMs
  readonly until: TimeMs
  readonly known: TimeMs
}

export interface KindScore {
  readonly planted: number
  /** Those that changed at least one reading. */
  readonly visible: number
  readonly found: number
  readonly recall: number
  readonly delaysS: readonly number[]
  /** Found by what, how often. */
  readonly by: ReadonlyMap<string, number>
  readonly missed: readonly TrueFault[]
}

export interface FaultScore {
  readonly kinds: ReadonlyMap<SensorFaultKind, KindScore>
  readonly notices: number
  readonly right: number
  readonly precision: number
  /** Of those that changed a reading. */
  readonly recall: number
  readonly wrong: readonly Notice[]
}

const SAME_NOTICE_MS = 2 * HOUR
const EDGE_MS = HOUR

/** Watches what live state shows of sensors: silence and clocks. */
export class SensorWatch {
  readonly #notices: Notice[] = []
  readonly #open = new Map<string, { from: TimeMs; known: TimeMs }>()

  shown({ id, kind, state, since, clockOffsetMs }: LiveDevice, at: TimeMs): void {
    if (kind !== 'sensor') return
    this.#turn(id, 'silence', state === 'down', since ?? at, at)
    this.#turn(id, 'clock', clockOffsetMs !== null && isClockWrong(clockOffsetMs), at, at)
  }

  /** All up to `to`. */
  notices(to: TimeMs): readonly Notice[] {
    for (const key of [...this.#open.keys()]) {
      const [device = '', by = ''] = key.split('|')
      this.#turn(device, by, false, to, to)
    }
    return this.#notices
  }

  #turn(device: string, by: string, isOn: boolean, from: TimeMs, at: TimeMs): void {
    const key = `${device}|${by}`
    const open = this.#open.get(key)
    if (isOn && open === undefined) this.#open.set(key, { from, known: at })
    if (isOn || open === undefined) return
    this.#open.delete(key)
    this.#notices.push({ device, metric: null, by, from: open.from, until: at, known: open.known })
  }
}

export function noticesOf(flags: readonly Flagged[]): readonly Notice[] {
  return flags.map(({ device, metric, test, from, until, known }) => ({
    device,
    metric,
    by: test,
    from,
    until,
    known,
  }))
}

export interface FaultPlan {
  readonly truths: readonly Truth[]
  readonly faulty: readonly DeviceModel[]
  /** The same without faults. */
  readonly sound: readonly DeviceModel[]
  readonly notices: readonly Notice[]
  readonly from: TimeMs
  readonly to: TimeMs
  /** Those that are counted; absent: all. */
  readonly kinds?: readonly SensorFaultKind[]
}

export function scoreFaults(plan: FaultPlan): FaultScore {
  const { from, to } = plan
  const faults = plan.truths.filter((truth) => truth.type === 'fault')
  const everyMs = new Map(plan.faulty.map((model) => [model.id, model.everyMs]))
  const byDevice = groupBy(plan.notices, ({ device }) => device)
  const near = (fault: TrueFault): readonly Notice[] =>
    (byDevice.get(fault.device) ?? []).filter((notice) =>
      isAbout(notice, fault, everyMs.get(fault.device) ?? 0),
    )
  const counted = faults.filter((fault) => fault.from >= from + EDGE_MS && fault.from < to - EDGE_MS)
  const kinds = new Map(
    (plan.kinds ?? SENSOR_FAULTS).map((kind) => [
      kind,
      scoreKind(
        counted.filter(({ fault }) => fault === kind),
        near,
        plan,
      ),
    ]),
  )
  const groups = joined(plan.notices)
  const isRight = (group: readonly Notice[]): boolean =>
    faults.some(
      (fault) =>
        fault.device === group[0]?.device &&
        group.some((notice) => isAbout(notice, fault, everyMs.get(fault.device) ?? 0)),
    )
  const wrong = groups.filter((group) => !isRight(group)).flatMap((group) => group.slice(0, 1))
  const all = [...kinds.values()]
  return {
    kinds,
    notices: groups.length,
    right: groups.length - wrong.length,
    precision: share(groups.length - wrong.length, groups.length),
    recall: share(sum(all, 'found'), sum(all, 'visible')),
    wrong,
  }
}

function scoreKind(
  faults: readonly TrueFault[],
  near: (fault: TrueFault) => readonly Notice[],
  plan: FaultPlan,
): KindScore {
  const visible = faults.filter((fault) => isVisible(fault, plan))
  const found = visible.flatMap((fault) => {
    const first = near(fault).toSorted((a, b) => a.known - b.known)[0]
    return first === undefined ? [] : [{ fault, first }]
  })
  const by = new Map<string, number>()
  for (const { first } of found) by.set(first.by, (by.get(first.by) ?? 0) + 1)
  const seen = new Set(found.map(({ fault }) => fault))
  return {
    planted: faults.length,
    visible: visible.length,
    found: found.length,
    recall: share(found.length, visible.length),
    delaysS: found.map(({ fault, first }) => (first.known - fault.from) / SECOND),
    by,
    missed: visible.filter((fault) => !seen.has(fault)),
  }
}

/**
 * Whether a notice is about a fault: at its time, and of its metric or of the whole device. A spike makes its neighbours suspect, and a
 * step shows at its end, so two intervals around count as well. A wrong clock moves readings among others, so any metric may show it.
 */
function isAbout(notice: Notice, fault: TrueFault, everyMs: number): boolean {
  if (notice.until < fault.from - 2 * everyMs || notice.from > fault.to + 2 * everyMs + silenceMs(everyMs))
    return false
  if (fault.fault === 'clock') return true
  if (fault.fault === 'drop_out') return notice.by === 'silence'
  if (notice.from > fault.to + 2 * everyMs) return false
  return notice.metric === fault.metric
}

/** Silence is known this long after the last reading (domain B2). */
function silenceMs(everyMs: number): number {
  return 3 * everyMs + 10 * SECOND
}

/** True when at least one reading is not what it would have been. */
function isVisible(fault: TrueFault, { faulty, sound }: FaultPlan): boolean {
  const index = faulty.findIndex(({ id }) => id === fault.device)
  const [model, without] = [faulty[index], sound[index]]
  if (model === undefined || without === undefined) return false
  for (let time = firstTick(model, fault.from); time < fault.to; time += model.everyMs) {
    if (model.deviceTime(time) !== time) return true
    if (model.sampleAt(time)?.values[fault.metric] !== without.sampleAt(time)?.values[fault.metric])
      return true
  }
  return false
}

/** Notices of one metric of one device less than two hours apart are one. */
function joined(notices: readonly Notice[]): readonly (readonly Notice[])[] {
  const byPlace = groupBy(notices, ({ device, metric, by }) => `${device}|${metric ?? by}`)
  return [...byPlace.values()].flatMap((own) => {
    const groups: Notice[][] = []
    let until = Number.NEGATIVE_INFINITY
    for (const notice of own.toSorted((a, b) => a.from - b.from)) {
      if (notice.from - until < SAME_NOTICE_MS) groups.at(-1)?.push(notice)
      else groups.push([notice])
      until = Math.max(until, notice.until)
    }
    return groups
  })
}

function sum(scores: readonly KindScore[], member: 'found' | 'visible'): number {
  return scores.reduce((total, score) => total + score[member], 0)
}

// Outages that happened against those that Pantau showed: how many were found and how many of those shown were true, how soon, and
// whether the cause was right.

import type { LiveDevice } from '../../contract/feed.ts'
import { HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { MERGE_GAP_MS } from '../../domain/connectivity/outage.ts'
import type { Truth } from '../../simulators/device-model.ts'

type TrueOutage = Extract<Truth, { type: 'outage' }>

/** Out without a break: as it was (`causes` of the truth file) or as it was shown (causes as shown). */
export interface Out {
  readonly device: string
  readonly from: TimeMs
  to: TimeMs
  /** When it was first shown; of the truth, its begin. */
  readonly seen: TimeMs
  readonly causes: Set<string>
}

export interface OutageScore {
  readonly happened: number
  readonly shown: number
  readonly found: number
  readonly right: number
  readonly precision: number
  readonly recall: number
  /** From the begin to when it was shown, s, of those found. */
  readonly delaysS: readonly number[]
  /** Share of those found whose cause is the true one. */
  readonly causeRight: number
  /** For people: what was missed, what was shown for nothing. */
  readonly missed: readonly Described[]
  readonly wrong: readonly Described[]
}

export interface Described {
  readonly device: string
  readonly from: TimeMs
  readonly lengthS: number
  readonly causes: readonly string[]
}

/** What begins or ends outside is looked at but not counted: at the start nothing was heard yet. */
const EDGE_MS = HOUR

/** A hotspot comes back at its next report, so what is shown of an outage may begin and end this much later than it. */
const REPORT_MS = MINUTE

function overlap(truth: Out, out: Out): boolean {
  return out.device === truth.device && out.from <= truth.to + REPORT_MS && out.to >= truth.from
}

/** Watches what is shown of hotspots. */
export class OutageWatch {
  readonly #shown: Out[] = []
  readonly #open = new Map<string, Out>()

  shown({ id, kind, state, cause, since }: LiveDevice, at: TimeMs): void {
    if (kind !== 'hotspot') return
    const isOut = state === 'down' || (state === 'unknown' && cause?.startsWith('parent:') === true)
    const open = this.#open.get(id)
    if (!isOut) {
      if (open !== undefined) open.to = Math.max(open.from, since ?? at)
      this.#open.delete(id)
      return
    }
    if (open !== undefined) {
      open.causes.add(cause ?? '')
      return
    }
    const out = {
      device: id,
      from: since ?? at,
      to: Number.POSITIVE_INFINITY,
      seen: at,
      causes: new Set([cause ?? '']),
    }
    this.#open.set(id, out)
    this.#shown.push(out)
  }

  outages(): readonly Out[] {
    return this.#shown
  }
}

/**
 * What was shown against what happened to the hotspots between `from` and `to`; what is out at `from` already is in `truths` too.
 * `canBeSeen`: false for an outage that nobody could have shown, which is not counted as missed.
 */
export function scoreOutages(
  truths: readonly Truth[],
  said: readonly Out[],
  from: TimeMs,
  to: TimeMs,
  canBeSeen: (outage: Out) => boolean = () => true,
): OutageScore {
  const happened = merged(truths.flatMap((truth) => (truth.type === 'outage' ? [trueOut(truth)] : [])))
  const shown = merged(said)
  const counts = (out: Out): boolean => out.from >= from + EDGE_MS && out.from < to - EDGE_MS
  const pairs = pairUp(happened, shown)
  const counted = happened.filter((out) => counts(out) && canBeSeen(out))
  const found = counted.flatMap((truth) => {
    const said = pairs.get(truth)
    return said === undefined ? [] : [{ truth, said }]
  })
  const countedShown = shown.filter(counts)
  const wrong = countedShown.filter((out) => !happened.some((truth) => overlap(truth, out)))
  return {
    happened: counted.length,
    shown: countedShown.length,
    found: found.length,
    right: countedShown.length - wrong.length,
    precision: share(countedShown.length - wrong.length, countedShown.length),
    recall: share(found.length, counted.length),
    delaysS: found.map(({ truth, said }) => (said.seen - truth.from) / 1_000),
    causeRight: share(
      found.filter(({ truth, said }) => isCauseRight(truth.causes, said.causes)).length,
      found.length,
    ),
    missed: counted.filter((out) => !pairs.has(out)).map(described),
    wrong: wrong.map(described),
  }
}

function trueOut(truth: TrueOutage): Out {
  const cause = truth.cause === 'upstream' ? `upstream:${truth.parent ?? ''}` : truth.cause
  return { device: truth.device, from: truth.from, to: truth.to, seen: truth.from, causes: new Set([cause]) }
}

/** By device and time; what overlaps, or is up for less than a minute in between, is one (domain B4). */
function merged(outs: readonly Out[]): Out[] {
  const sorted = [...outs].sort((a, b) =>
    a.device === b.device ? a.from - b.from : a.device < b.device ? -1 : 1,
  )
  const one: Out[] = []
  for (const out of sorted) {
    const last = one.at(-1)
    if (last?.device === out.device && out.from - last.to < MERGE_GAP_MS) {
      last.to = Math.max(last.to, out.to)
      for (const cause of out.causes) last.causes.add(cause)
    } else one.push({ ...out, causes: new Set(out.causes) })
  }
  return one
}

/** Each true outage with the first shown one that overlaps it and is not taken: one shown for two counts once. */
function pairUp(happened: readonly Out[], shown: readonly Out[]): ReadonlyMap<Out, Out> {
  const pairs = new Map<Out, Out>()
  const taken = new Set<Out>()
  for (const truth of happened) {
    const said = shown.find((out) => !taken.has(out) && overlap(truth, out))
    if (said === undefined) continue
    pairs.set(truth, said)
    taken.add(said)
  }
  return pairs
}

/** How each true cause is known: by the will or the silence, by the device's own probe, by what it hangs on. */
function isCauseRight(happened: ReadonlySet<string>, shown: ReadonlySet<string>): boolean {
  return [...happened].some((cause) => {
    if (cause === 'uplink') return shown.has('probe')
    if (cause.startsWith('upstream:')) return shown.has(`parent:${cause.slice('upstream:'.length)}`)
    return shown.has('last_will') || shown.has('silence')
  })
}

function described({ device, from, to, causes }: Out): Described {
  return { device, from, lengthS: Math.round((to - from) / 1_000), causes: [...causes] }
}

export function share(part: number, whole: number): number {
  return whole === 0 ? Number.NaN : part / whole
}

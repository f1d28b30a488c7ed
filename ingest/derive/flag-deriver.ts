// Keeps quality flags up with the readings: off the way from log to store, since it reads what is stored and writes flags beside it. The
// store marks hours that were written to in the same transaction, and a mark goes only with the flags of its hour, so that a crash
// at any moment loses none and doubles none. It works a fifth of the time at most, so that taking readings comes first.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Derivation } from '../../contract/feed.ts'
import { type Clock, HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import type { Store, UnjudgedDevice } from '../store/store.ts'
import { judgeNeighbours, type PlacedStation, type TouchedHours } from './judge-neighbours.ts'
import { judgeStation } from './judge-station.ts'

/** An hour that is over is judged for good this long after its end. */
export const SETTLE_MS = 5 * SECOND
const TICK_MS = 5 * SECOND
/** A sensor whose hour is still open is judged no more often than this. */
const OPEN_EVERY_MS = MINUTE / 2
/** One that sends more than can be judged is looked at again after this. */
const DENSE_EVERY_MS = 10 * MINUTE
const DEVICES_AT_ONCE = 50
/** Hours of one sensor, the newest first: two weeks of a past that was imported. */
const HOURS_AT_ONCE = 336
/** Rests this many times as long as it worked. */
const REST = 4
const LONGEST_REST_MS = 10 * SECOND

export interface FlagDeriver {
  /** Judges all that is marked and over, at once. */
  settle(): Promise<void>
  progress(): Promise<Derivation>
  stop(): Promise<void>
}

export interface FlagDeriverPlan {
  readonly store: Pick<Store, 'unjudged' | 'judge' | 'readings' | 'buckets' | 'flags'>
  /** Sensors that have a place. */
  readonly stations: () => readonly PlacedStation[]
  readonly clock: Clock
  /** Flags of that sensor were judged; `hours` are those whose means changed. */
  readonly onJudged: (device: string, hours: readonly TimeMs[]) => Promise<void>
  /** It could not be done and is tried again. */
  readonly onFault: (error: unknown) => void
}

export function openFlagDeriver(plan: FlagDeriverPlan): FlagDeriver {
  const deriver = new Deriver(plan)
  const stopping = new AbortController()
  const running = deriver.run(stopping.signal)
  return {
    settle: () => deriver.settle(),
    progress: () => deriver.progress(),
    async stop() {
      deriver.end()
      stopping.abort()
      await running
    },
  }
}

const ALL = 1_000_000

class Deriver {
  readonly #plan: FlagDeriverPlan
  /** When a sensor with an open hour was judged, and up to which change. */
  readonly #open = new Map<string, { at: TimeMs; change: number; waitMs: number }>()
  #done = { judged: 0, set: 0, removed: 0, retired: 0 }
  #turn: Promise<unknown> = Promise.resolve()

  #isStopping = false

  constructor(plan: FlagDeriverPlan) {
    this.#plan = plan
  }

  /** What is under way ends with the sensor at hand; what is left stays marked. */
  end(): void {
    this.#isStopping = true
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let isMore = false
      try {
        isMore = await this.#inTurn(() => this.#judgeSome(signal))
      } catch (error) {
        this.#plan.onFault(error)
      }
      if (!isMore) await rest(TICK_MS, signal)
    }
  }

  async settle(): Promise<void> {
    await this.#inTurn(async () => {
      this.#open.clear()
      while (await this.#judgeSome(null)) this.#open.clear()
    })
  }

  async progress(): Promise<Derivation> {
    const now = this.#plan.clock.now()
    const devices = await this.#plan.store.unjudged(ALL)
    const left = devices.reduce(
      (sum, { hours }) => sum + hours.filter(([hour]) => isOver(hour, now)).length,
      0,
    )
    return { left, ...this.#done }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /** Judges a few sensors, and what stands near them; true when there may be more at once. */
  async #judgeSome(signal: AbortSignal | null): Promise<boolean> {
    const { store, clock, stations } = this.#plan
    const now = clock.now()
    const marked = await store.unjudged(ALL)
    const due = marked
      .filter((device) => this.#isDue(device, now))
      .slice(0, DEVICES_AT_ONCE)
      .map((device) => ({ ...device, hours: newestHours(device.hours) }))
    const touched: TouchedHours[] = []
    for (const device of due) {
      if (this.#isStopping) return false
      const began = clock.monotonicMs()
      touched.push(await this.#judgeDevice(device, now))
      if (signal !== null) await rest(restMs(clock.monotonicMs() - began), signal)
    }
    const changes = await judgeNeighbours(store, stations(), touched, now)
    for (const change of changes) this.#count(change)
    // Only now may the marks go: a crash before this judges the same again, which changes nothing.
    for (const { device, hours } of due) {
      const over = hours.filter(([hour]) => isOver(hour, now))
      const settled = { device, metrics: [], versions: {}, from: 0, to: 0, flags: [], hours: over, at: now }
      if (over.length > 0) await store.judge(settled)
      this.#done.judged += over.length
    }
    return due.length === DEVICES_AT_ONCE || due.some(({ hours }) => hours.length === HOURS_AT_ONCE)
  }

  #isDue({ device, hours }: UnjudgedDevice, now: TimeMs): boolean {
    const last = this.#open.get(device)
    if (last === undefined) return true
    const isWaiting = now - last.at < last.waitMs
    if (hours.some(([hour]) => isOver(hour, now))) return !isWaiting || last.waitMs < DENSE_EVERY_MS
    return !isWaiting && newestChange(hours) !== last.change
  }

  async #judgeDevice({ device, metrics, hours }: UnjudgedDevice, now: TimeMs): Promise<TouchedHours> {
    const starts = hours.map(([hour]) => hour)
    const { changes, tooDense } = await judgeStation(this.#plan.store, device, metrics, starts, now)
    const waitMs = tooDense.length > 0 ? DENSE_EVERY_MS : OPEN_EVERY_MS
    this.#open.set(device, { at: now, change: newestChange(hours), waitMs })
    for (const change of changes) this.#count(change)
    const changed = changes.flatMap((change) => change.hours)
    await this.#plan.onJudged(device, [...new Set(changed)])
    // The first reading of an hour may condemn the last one of the hour before.
    const touched = [...starts, ...starts.map((hour) => hour - HOUR), ...changed]
    return { station: device, hours: [...new Set(touched)].filter((hour) => isOver(hour, now)) }
  }

  #count({ set, removed, retired }: { set: number; removed: number; retired: number }): void {
    this.#done.set += set
    this.#done.removed += removed
    this.#done.retired += retired
  }
}

const isOver = (hour: TimeMs, now: TimeMs): boolean => hour + HOUR + SETTLE_MS <= now

function newestHours(hours: UnjudgedDevice['hours']): UnjudgedDevice['hours'] {
  return [...hours].sort(([a], [b]) => b - a).slice(0, HOURS_AT_ONCE)
}

function newestChange(hours: UnjudgedDevice['hours']): number {
  return hours.reduce((most, [, change]) => Math.max(most, change), -1)
}

function restMs(workedMs: number): number {
  return Math.min(REST * workedMs, LONGEST_REST_MS)
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  // Cut short by a stop.
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

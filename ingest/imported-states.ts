// The states that imported readings imply: silence and probes by the same rules as live ones (domain B2, B7), with a reading's time
// for its arrival. So a past that was imported has its outages.

import type { StateSpan, TransferRow } from '../contract/feed.ts'
import { SECOND, type TimeMs } from '../contract/time.ts'
import type { Kind } from '../contract/topics.ts'
import {
  type Heartbeat,
  onSign,
  patienceMs,
  type StateNow,
  stateAt,
  unheard,
} from '../domain/connectivity/device-state.ts'
import { grade } from '../domain/connectivity/grade.ts'
import { joinStates } from './join-states.ts'
import type { KnownDevice } from './known-devices.ts'
import type { Standing } from './live/live-state.ts'
import { beginOf } from './live/state-keeper.ts'
import { groupBy } from './store/group.ts'
import type { StoredSpan } from './store/store.ts'

interface Track {
  readonly kind: Kind
  heartbeat: Heartbeat
  shown: StateNow
  readonly spans: StoredSpan[]
  /** True when it goes on from what was known, so that its first span is one that the store has. */
  readonly goesOn: boolean
}

export class ImportedStates {
  readonly #known: ReadonlyMap<string, KnownDevice>
  readonly #tracks = new Map<string, Track>()

  readonly #standing: (device: string) => Standing | null
  #oldest = Number.POSITIVE_INFINITY
  #newest = Number.NEGATIVE_INFINITY

  /** `standing`: what is known of a device now, for a past that is newer than that. */
  constructor(
    known: ReadonlyMap<string, KnownDevice>,
    standing: (device: string) => Standing | null = () => null,
  ) {
    this.#known = known
    this.#standing = standing
  }

  /** From the first row to behind the last; null when no row said anything of a state. */
  get period(): { readonly from: TimeMs; readonly to: TimeMs } | null {
    return this.#tracks.size === 0 ? null : { from: this.#oldest, to: this.#newest + 1 }
  }

  /** Rows of one device come in the order of time; one that does not is no sign of life. */
  add(row: TransferRow): void {
    const device = this.#known.get(row.device)
    // Nobody expects anything of a device that is not known; a bus in its depot is not down.
    if (device === undefined || row.kind === 'vehicle') return
    if (row.time < this.#oldest) this.#oldest = row.time
    if (row.time > this.#newest) this.#newest = row.time
    const track = this.#tracks.get(row.device) ?? this.#begin(row, device)
    const { lastSign, everyMs, poorReports } = track.heartbeat
    if (row.time < (lastSign ?? row.time)) return
    const isUp = row.values['up'] !== 0
    const quality = grade(row.values['loss_pct'] ?? null, row.values['latency_ms'] ?? null)
    const isPoor = row.kind !== 'hotspot' || quality === 'unknown' ? null : quality === 'poor'
    // Nearly all of a past is a device that goes on as it was: its state has nothing new to say.
    const goesOn = lastSign !== null && row.time - lastSign <= patienceMs(everyMs) && isUp && isPoor !== true
    if (goesOn && track.shown.state === 'up' && poorReports === 0) {
      track.heartbeat = { ...track.heartbeat, lastSign: row.time }
      return
    }
    show(row.device, track, stateAt(track.heartbeat, row.time), row.time)
    track.heartbeat = onSign(track.heartbeat, { type: 'reading', up: isUp, isPoor }, row.time)
    show(row.device, track, stateAt(track.heartbeat, row.time), row.time)
  }

  #begin(row: TransferRow, device: KnownDevice): Track {
    const standing = this.#standing(row.device)
    const { lastSign = null } = standing?.heartbeat ?? {}
    const goesOn = standing?.isHeard === false && lastSign !== null && row.time > lastSign
    const track: Track =
      goesOn && standing !== null
        ? {
            kind: row.kind,
            // Who imported it also heard it.
            heartbeat: { ...standing.heartbeat, listeningSince: null, awaySince: null },
            shown: standing.shown,
            spans: standing.span === null ? [] : [standing.span],
            goesOn,
          }
        : {
            kind: row.kind,
            heartbeat: unheard(device.everyS * SECOND, null),
            shown: { state: 'unknown', since: null, cause: 'never_heard' },
            spans: [],
            goesOn,
          }
    this.#tracks.set(row.device, track)
    return track
  }

  /** Spans to be written beside those that the store has of the period and after it. */
  joined(existing: readonly StateSpan[]): StoredSpan[] {
    const period = this.period
    if (period === null) return []
    const had = groupBy(existing, ({ device }) => device)
    const made = groupBy(this.spans(period.to), ({ device }) => device)
    return [...made].flatMap(([id, spans]) => {
      const track = this.#tracks.get(id)
      if (track === undefined || track.goesOn) return spans
      const { lastSign, everyMs } = track.heartbeat
      const last = lastSign ?? period.to
      return joinStates(spans, had.get(id) ?? [], {
        known: last + everyMs,
        patient: last + patienceMs(everyMs),
      })
    })
  }

  /** All spans, the last of each device open; what fell with its parent is unknown by that parent. */
  spans(until: TimeMs): StoredSpan[] {
    const byDevice = new Map<string, StoredSpan[]>()
    for (const [id, track] of this.#tracks) {
      show(id, track, stateAt(track.heartbeat, until), until)
      byDevice.set(id, track.spans)
    }
    return [...byDevice].flatMap(([id, spans]) =>
      withoutGaps(spans.flatMap((span) => this.#suppressed(id, span, byDevice))),
    )
  }

  /**
   * The span, cut where a parent was down too. Of silence what comes before is left out when it would not have been seen before the parent
   * fell, and what comes after belongs to the parent as long as the device is waited for once more; as live state has it.
   */
  #suppressed(
    id: string,
    span: StoredSpan,
    byDevice: ReadonlyMap<string, readonly StoredSpan[]>,
  ): StoredSpan[] {
    if (span.state !== 'down') return [span]
    const chain = this.#parentsOf(id)
    const first = chain[0]
    if (first === undefined) return [span]
    const everyMs = (this.#known.get(id)?.everyS ?? 0) * SECOND
    const borneMs = span.cause === 'silence' ? patienceMs(everyMs) : 0
    const pieces: StoredSpan[] = []
    let at = span.from
    const end = span.to ?? Number.POSITIVE_INFINITY
    const ownUntil = (until: TimeMs): void => {
      if (until <= at) return
      const isUnseen = pieces.length === 0 && until <= span.from - everyMs + borneMs
      const isBorne = pieces.length > 0 && until - at <= borneMs
      if (!isUnseen && !isBorne) pieces.push({ ...withoutEnd(span), from: at, ...endAt(until) })
    }
    for (const outage of downSpans(byDevice.get(first) ?? [])) {
      const from = Math.max(at, outage.from)
      const to = Math.min(end, outage.to ?? Number.POSITIVE_INFINITY)
      if (from >= to) continue
      ownUntil(from)
      const cause = `parent:${topmost(chain, from, byDevice)}` as const
      pieces.push({ ...withoutEnd(span), from, ...endAt(to), state: 'unknown', cause })
      at = to
    }
    if (pieces.length === 0) return [span]
    ownUntil(end)
    // Where its silence was borne to its end, the parent's time goes on up to there.
    const last = pieces.at(-1)
    if (last?.to !== undefined && last.to < end) pieces.splice(-1, 1, { ...withoutEnd(last), ...endAt(end) })
    return pieces
  }

  #parentsOf(id: string): string[] {
    const chain: string[] = []
    for (let parent = this.#known.get(id)?.parent ?? null; parent !== null && !chain.includes(parent); ) {
      chain.push(parent)
      parent = this.#known.get(parent)?.parent ?? null
    }
    return chain
  }
}

function show(device: string, track: Track, to: StateNow, at: TimeMs): void {
  const from = track.shown
  if (to.state === from.state && to.cause === from.cause) return
  const { kind, spans } = track
  const last = spans.at(-1) ?? null
  const begin = beginOf(last, from, to, at)
  track.shown = to
  // One that begins where the last one began stands in its place.
  if (last !== null) spans.splice(-1, 1, ...(last.from < begin ? [{ ...last, to: begin }] : []))
  spans.push({ device, kind, from: begin, state: to.state, cause: to.cause })
}

const downSpans = (spans: readonly StoredSpan[]): readonly StoredSpan[] =>
  spans.filter(({ state }) => state === 'down')

const endAt = (to: TimeMs): { readonly to?: TimeMs } => (Number.isFinite(to) ? { to } : {})

/** Spans of one device, each going on to where the next begins; those that were one before are one. */
function withoutGaps(spans: readonly StoredSpan[]): StoredSpan[] {
  const joined: StoredSpan[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    if (last?.state === span.state && last.cause === span.cause) {
      joined.splice(-1, 1, { ...withoutEnd(last), ...(span.to === undefined ? {} : { to: span.to }) })
      continue
    }
    if (last !== undefined) joined.splice(-1, 1, { ...last, to: span.from })
    joined.push(span)
  }
  return joined
}

function withoutEnd({ to: _to, ...span }: StoredSpan): StoredSpan {
  return span
}

/** The topmost of the unbroken chain of parents that were down at a time. */
function topmost(
  chain: readonly string[],
  at: TimeMs,
  byDevice: ReadonlyMap<string, readonly StoredSpan[]>,
): string {
  let top = chain[0] ?? ''
  for (const id of chain.slice(1)) {
    const isDown = downSpans(byDevice.get(id) ?? []).some(
      ({ from, to }) => from <= at && (to === undefined || at < to),
    )
    if (!isDown) break
    top = id
  }
  return top
}

// The last 24 hours of a hotspot in 48 half-hours, or as many days in 48 parts: what it was, told by height and pattern as well as by colour.

import type { HotspotStatesAnswer, StatesAnswer } from '../../../contract/api.ts'
import { DEVICE_STATES, type DeviceState } from '../../../contract/device-state.ts'
import { type Clock, DAY, formatTime, MINUTE, SECOND, type TimeMs } from '../../../contract/time.ts'
import { type Availability, availability } from '../../../domain/connectivity/availability.ts'
import { getJson } from '../api.ts'
import { h, svg } from '../dom/h.ts'
import { versioned } from '../dom/versioned.ts'
import { fmt } from '../format.ts'
import { stateWord } from '../layers/wifi.ts'
import { t } from '../text/texts.ts'

export const CELLS = 48
/** Anything shorter is a blink, three minutes of half an hour, and does not colour it. */
const SHORTEST_SHARE = 0.1
/** The worst that lasted long enough stands for the half-hour. */
const WORST_FIRST: readonly DeviceState[] = ['down', 'degraded', 'unknown', 'maintenance', 'up']

export interface Span {
  readonly from: TimeMs
  readonly to: TimeMs
  readonly state: DeviceState
}

/** The state of each of 48 parts of the time before `now`, oldest first; what nothing is known of is unknown. */
export function cellsOf(spans: readonly Span[], now: TimeMs, lengthMs = DAY): readonly DeviceState[] {
  const cellMs = lengthMs / CELLS
  return Array.from({ length: CELLS }, (_, cell) => {
    const begin = now - lengthMs + cell * cellMs
    const lasted = (state: DeviceState): number =>
      spans
        .filter((span) => span.state === state)
        .reduce(
          (sum, span) => sum + Math.max(0, Math.min(span.to, begin + cellMs) - Math.max(span.from, begin)),
          0,
        )
    return WORST_FIRST.find((state) => lasted(state) >= SHORTEST_SHARE * cellMs) ?? 'unknown'
  })
}

/** Share of the time in each state, those that occurred. */
export function sharesOf(
  spans: readonly Span[],
  now: TimeMs,
  lengthMs = DAY,
): readonly (readonly [DeviceState, number])[] {
  const begin = now - lengthMs
  const lasted = (state: DeviceState): number =>
    spans
      .filter((span) => span.state === state)
      .reduce((sum, span) => sum + Math.max(0, Math.min(span.to, now) - Math.max(span.from, begin)), 0)
  const known = DEVICE_STATES.filter((state) => state !== 'unknown').map(
    (state) => [state, lasted(state) / lengthMs] as const,
  )
  const rest = 1 - known.reduce((sum, [, share]) => sum + share, 0)
  return [...known, ['unknown', rest] as const].filter(([, share]) => share > 0.0005)
}

interface Kept {
  readonly spans: readonly Span[] | null
  readonly failed: boolean
  readonly askedMs: number
}

const AGAIN_MS = 2 * MINUTE
const MOST_AT_ONCE = 4
const PAGE = 1_000

/**
 * Fetches the states of the hotspots that are looked at and keeps them for two minutes: one by one where one is looked at, all at once
 * where a whole list is.
 */
export class StateStrips {
  readonly #clock: Clock
  readonly #now: () => TimeMs
  readonly #onChange: () => void
  readonly #areMany: boolean
  readonly #kept = new Map<string, Kept>()
  readonly #waiting: string[] = []
  #running = 0
  #allAskedMs = Number.NEGATIVE_INFINITY
  #haveAllFailed = false
  #days = 1

  constructor(clock: Clock, now: () => TimeMs, onChange: () => void, areMany = false) {
    this.#clock = clock
    this.#now = now
    this.#onChange = onChange
    this.#areMany = areMany
  }

  /** How many days a strip is of. */
  get days(): number {
    return this.#days
  }

  /** Strips of the last `days` from here on. */
  setDays(days: number): void {
    this.#days = days
    this.refresh()
  }

  /** What they are of: `Last 24 hours`, `Last 7 days`. */
  title(): string {
    return this.#days === 1 ? t('strip.title') : t('strip.lastDays', { n: this.#days })
  }

  /** The strip as far as it is known; asks when that is old. */
  render(device: string): Element {
    const kept = this.#areMany ? this.#ofAll(device) : this.#ofOne(device)
    if (kept?.spans != null) return stripOf(kept.spans, this.#now(), this.#days * DAY, this.title())
    if (kept?.failed === true) return h('p', { class: 'hint', role: 'status' }, t('strip.failed'))
    return h(
      'div',
      { class: 'strip is-loading', role: 'status' },
      h('span', { class: 'sr-only' }, t('loading')),
    )
  }

  /** Domain B1 of the last 24 hours, of the same spans as the strip; null until they are there. */
  availability(device: string, now: TimeMs): Availability | null {
    const spans = this.#kept.get(device)?.spans
    if (spans == null) return null
    const changes = spans.flatMap(({ from, to, state }, index) => [
      { time: from, state },
      ...(to < now && spans[index + 1]?.from !== to ? [{ time: to, state: 'unknown' as const }] : []),
    ])
    return availability([now - DAY, now], changes, [])
  }

  /** What changed them, such as maintenance that was announced: the next drawing asks anew. */
  refresh(): void {
    this.#allAskedMs = Number.NEGATIVE_INFINITY
    for (const [device, kept] of this.#kept) {
      this.#kept.set(device, { ...kept, askedMs: Number.NEGATIVE_INFINITY })
    }
    this.#onChange()
  }

  #ofOne(device: string): Kept | undefined {
    const kept = this.#kept.get(device)
    const now = this.#clock.monotonicMs()
    if (kept === undefined || now - kept.askedMs > AGAIN_MS) {
      this.#kept.set(device, { spans: kept?.spans ?? null, failed: false, askedMs: now })
      this.#waiting.push(device)
      this.#next()
    }
    return kept
  }

  #ofAll(device: string): Kept | undefined {
    const now = this.#clock.monotonicMs()
    if (now - this.#allAskedMs > AGAIN_MS) {
      this.#allAskedMs = now
      void this.#loadAll().then(this.#onChange)
    }
    const kept = this.#kept.get(device)
    return kept ?? { spans: null, failed: this.#haveAllFailed, askedMs: this.#allAskedMs }
  }

  #next(): void {
    if (this.#running >= MOST_AT_ONCE) return
    const device = this.#waiting.shift()
    if (device === undefined) return
    this.#running += 1
    void this.#load(device).then(() => {
      this.#running -= 1
      this.#next()
      this.#onChange()
    })
  }

  async #load(device: string): Promise<void> {
    const path = `/api/v1/devices/${encodeURIComponent(device)}/states?from=${this.#from()}`
    const answer = await getJson<StatesAnswer>(path)
    const askedMs = this.#clock.monotonicMs()
    const before = this.#kept.get(device)?.spans ?? null
    const spans = answer.ok ? spansOf(answer.value.spans) : before
    this.#kept.set(device, { spans, failed: !answer.ok, askedMs })
  }

  /** To the second: a cursor holds for the same question alone. */
  #from(): string {
    return formatTime(Math.floor(this.#now() / SECOND) * SECOND - this.#days * DAY)
  }

  async #loadAll(): Promise<void> {
    const [from, days] = [this.#from(), this.#days]
    let cursor: string | undefined
    do {
      const query = `from=${from}&limit=${PAGE}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
      const answer = await getJson<HotspotStatesAnswer>(`/api/v1/connectivity/states?${query}`)
      // Meanwhile another time was chosen.
      if (days !== this.#days) return
      this.#haveAllFailed = !answer.ok
      if (!answer.ok) return
      const askedMs = this.#clock.monotonicMs()
      for (const { id, spans } of answer.value.hotspots)
        this.#kept.set(id, { spans: spansOf(spans), failed: false, askedMs })
      cursor = answer.value.next
    } while (cursor !== undefined)
  }
}

function spansOf(spans: StatesAnswer['spans']): readonly Span[] {
  return spans.map(({ from, to, state }) => ({
    from: Date.parse(from),
    to: to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to),
    state,
  }))
}

function stripOf(spans: readonly Span[], now: TimeMs, lengthMs: number, title: string): Element {
  const words = sharesOf(spans, now, lengthMs).map(([state, share]) =>
    t('strip.label', { state: stateWord(state), share: fmt().percent(share) }),
  )
  const label = `${title}: ${words.join(', ')}`
  const cells = cellsOf(spans, now, lengthMs)
  const shell = svg('svg', {
    class: 'strip',
    viewBox: `0 0 ${CELLS * 4} 20`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': label,
  })
  // A list of strips is drawn each second.
  return versioned(shell, `${label} ${cells.join()}`, () => shapesOf(cells))
}

interface Box {
  readonly className: string
  readonly y: number
  readonly height: number
}

/** Up stands full, degraded half, down full with a line through it, unknown low and dotted, maintenance as an outline. */
const SHAPES: Readonly<Record<DeviceState, readonly Box[]>> = {
  up: [{ className: 'cell-up', y: 2, height: 16 }],
  degraded: [
    { className: 'cell-back', y: 2, height: 16 },
    { className: 'cell-degraded', y: 10, height: 8 },
  ],
  down: [
    { className: 'cell-down', y: 0, height: 20 },
    { className: 'cell-mark', y: 9, height: 2.4 },
  ],
  unknown: [5, 9, 13].map((y) => ({ className: 'cell-unknown', y, height: 2.5 })),
  maintenance: [2, 15].map((y) => ({ className: 'cell-maintenance', y, height: 3 })),
}

/** One path for all that look alike: a list of a hundred strips has a few hundred shapes and not ten thousand. */
function shapesOf(cells: readonly DeviceState[]): readonly SVGElement[] {
  const paths = new Map<string, string>()
  cells.forEach((state, cell) => {
    for (const { className, y, height } of SHAPES[state])
      paths.set(className, `${paths.get(className) ?? ''}M${cell * 4 + 0.4} ${y}h3.2v${height}h-3.2z`)
  })
  return [...paths].map(([className, d]) => svg('path', { class: className, d }))
}

// What the desk asks for besides the live feed: the report of the last 24 hours each minute, open outages each 15 seconds,
// the month's availability each ten minutes.

import type { SummaryAnswer } from '../../../../contract/api.ts'
import type { OutageAnswer, OutagesAnswer, UptimeAnswer } from '../../../../contract/api-staff.ts'
import { formatTime, MINUTE, SECOND, type TimeMs } from '../../../../contract/time.ts'
import { type Fault, getJson, sendJson } from '../../api.ts'
import { monthOf, periodOf } from '../../desk/period.ts'

export type Uptime = UptimeAnswer['hotspots'][number]

const UPTIME_EVERY_MS = MINUTE
const OUTAGES_EVERY_MS = 15 * SECOND
const MONTH_EVERY_MS = 10 * MINUTE

/** How good the month was so far. */
export interface MonthSoFar extends Pick<SummaryAnswer, 'availability' | 'knownShare'> {
  /** `2026-11`. */
  readonly month: string
}

export class Reports {
  readonly uptimes = new Map<string, Uptime>()
  /** Open outages by hotspot. */
  readonly outages = new Map<string, OutageAnswer>()
  loadedAt: TimeMs | null = null
  /** What the uptimes are of. */
  period: { readonly from: TimeMs; readonly at: TimeMs } | null = null
  fault: Fault | null = null
  month: MonthSoFar
  readonly #now: () => TimeMs
  readonly #zone: string
  readonly #onChange: () => void

  constructor(now: () => TimeMs, zone: string, onChange: () => void) {
    this.#now = now
    this.#zone = zone
    this.month = { month: monthOf(now(), zone), availability: null, knownShare: null }
    this.#onChange = onChange
  }

  start(): void {
    for (const [load, everyMs] of [
      [() => this.#loadUptimes(), UPTIME_EVERY_MS],
      [() => this.#loadOutages(), OUTAGES_EVERY_MS],
      [() => this.#loadMonth(), MONTH_EVERY_MS],
    ] as const) {
      void load()
      setInterval(() => {
        if (!document.hidden) void load()
      }, everyMs)
    }
  }

  retry(): void {
    void this.#loadUptimes()
    void this.#loadOutages()
  }

  /** What went wrong, or null once the server has it. */
  async acknowledge(outage: string, note: string): Promise<Fault | null> {
    const path = `/api/v1/connectivity/outages/${encodeURIComponent(outage)}/acknowledge`
    const answer = await sendJson<OutageAnswer>('POST', path, note === '' ? {} : { note })
    if (!answer.ok) return answer.fault
    if (answer.value.to === undefined) this.outages.set(answer.value.hotspot, answer.value)
    this.#onChange()
    return null
  }

  async #loadUptimes(): Promise<void> {
    const answer = await getJson<UptimeAnswer>('/api/v1/connectivity/uptime')
    if (answer.ok) {
      this.uptimes.clear()
      for (const uptime of answer.value.hotspots) this.uptimes.set(uptime.id, uptime)
      this.loadedAt = this.#now()
      this.period = { from: Date.parse(answer.value.from), at: Date.parse(answer.value.to) }
      this.fault = null
    } else this.fault = answer.fault
    this.#onChange()
  }

  async #loadMonth(): Promise<void> {
    const month = monthOf(this.#now(), this.#zone)
    const [from, to] = periodOf(month, this.#now(), this.#zone)
    const query = `from=${formatTime(from)}&to=${formatTime(to)}`
    const answer = await getJson<SummaryAnswer>(`/api/v1/connectivity/summary?${query}`)
    if (!answer.ok) return
    const { availability, knownShare } = answer.value
    this.month = { month, availability, knownShare }
    this.#onChange()
  }

  async #loadOutages(): Promise<void> {
    const answer = await getJson<OutagesAnswer>('/api/v1/connectivity/outages?open=true&limit=1000')
    if (!answer.ok) return
    this.outages.clear()
    for (const outage of answer.value.outages) this.outages.set(outage.hotspot, outage)
    this.#onChange()
  }
}

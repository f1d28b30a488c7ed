// What the desk asks for besides the live feed: the report of the last 24 hours each minute, open outages each 15 seconds.

import type { OutageAnswer, OutagesAnswer, UptimeAnswer } from '../../../../contract/api-staff.ts'
import { MINUTE, SECOND, type TimeMs } from '../../../../contract/time.ts'
import { type Fault, getJson, sendJson } from '../../api.ts'

export type Uptime = UptimeAnswer['hotspots'][number]

const UPTIME_EVERY_MS = MINUTE
const OUTAGES_EVERY_MS = 15 * SECOND

export class Reports {
  readonly uptimes = new Map<string, Uptime>()
  /** Open outages by hotspot. */
  readonly outages = new Map<string, OutageAnswer>()
  loadedAt: TimeMs | null = null
  /** What the uptimes are of. */
  period: { readonly from: TimeMs; readonly at: TimeMs } | null = null
  fault: Fault | null = null
  readonly #now: () => TimeMs
  readonly #onChange: () => void

  constructor(now: () => TimeMs, onChange: () => void) {
    this.#now = now
    this.#onChange = onChange
  }

  start(): void {
    void this.#loadUptimes()
    void this.#loadOutages()
    setInterval(() => {
      if (!document.hidden) void this.#loadUptimes()
    }, UPTIME_EVERY_MS)
    setInterval(() => {
      if (!document.hidden) void this.#loadOutages()
    }, OUTAGES_EVERY_MS)
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

  async #loadOutages(): Promise<void> {
    const answer = await getJson<OutagesAnswer>('/api/v1/connectivity/outages?open=true&limit=1000')
    if (!answer.ok) return
    this.outages.clear()
    for (const outage of answer.value.outages) this.outages.set(outage.hotspot, outage)
    this.#onChange()
  }
}

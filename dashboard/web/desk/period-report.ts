// A report of a period: asked for when it is opened and whenever another period is chosen. An answer that was overtaken by a later question
// is not shown.

import { DAY, formatTime, type TimeMs } from '../../../contract/time.ts'
import { localDay } from '../../../domain/time-zone.ts'
import type { Answer, Fault } from '../api.ts'
import type { Acts } from '../dom/act.ts'
import { type Child, h } from '../dom/h.ts'
import { t } from '../text/texts.ts'
import { choiceField } from './cells.ts'
import type { PanelChange, Settings } from './panel.ts'
import { followPeriod, monthOptions, type PeriodChoice, periodOf, periodSettings } from './period.ts'

export interface ReportSources extends PanelChange {
  readonly zone: string
  readonly now: () => TimeMs
}

/** A choice that opens two fields for days. */
const OWN = 'own'

export class PeriodReport<T> {
  readonly #sources: ReportSources
  readonly #first: PeriodChoice
  readonly #ask: (query: string) => Promise<Answer<T>>
  #choice: PeriodChoice
  #answer: T | null = null
  #fault: Fault | null = null
  #madeAt: TimeMs = 0
  #asked = 0

  /** `ask` is given `from=..&to=..`. */
  constructor(sources: ReportSources, first: PeriodChoice, ask: (query: string) => Promise<Answer<T>>) {
    this.#sources = sources
    this.#first = first
    this.#choice = first
    this.#ask = ask
  }

  get answer(): T | null {
    return this.#answer
  }

  get fault(): Fault | null {
    return this.#fault
  }

  /** When the answer came. */
  get madeAt(): TimeMs {
    return this.#madeAt
  }

  readonly acts: Acts = {
    reportPeriod: (_argument, target) => {
      if (!(target instanceof HTMLSelectElement)) return
      const { zone, now } = this.#sources
      const [today, weekAgo] = [localDay(now(), zone), localDay(now() - 6 * DAY, zone)]
      this.#take(target.value === OWN ? `${weekAgo}/${today}` : target.value)
    },
    reportDay: (end, target) => {
      if (!(target instanceof HTMLInputElement) || target.value === '') return
      const [from, to] = this.#days()
      const [begin, last] = end === 'from' ? [target.value, to] : [from, target.value]
      this.#take(begin <= last ? `${begin}/${last}` : `${target.value}/${target.value}`)
    },
    reportRetry: () => this.open(),
    print: () => window.print(),
  }

  #take(choice: PeriodChoice): void {
    this.#choice = choice
    this.#sources.onSettings()
    this.open()
  }

  choose(choice: PeriodChoice): void {
    this.#choice = choice
  }

  settings(): Settings {
    return this.#choice === this.#first ? {} : periodSettings(this.#choice)
  }

  follow(settings: Settings): void {
    this.#choice = followPeriod(settings, this.#sources.zone) ?? this.#first
  }

  open(): void {
    void this.#load()
  }

  async #load(): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    this.#answer = null
    this.#fault = null
    this.#sources.onChange()
    const [from, to] = periodOf(this.#choice, this.#sources.now(), this.#sources.zone)
    const answer = await this.#ask(`from=${formatTime(from)}&to=${formatTime(to)}`)
    if (asked !== this.#asked) return
    if (answer.ok) this.#answer = answer.value
    else this.#fault = answer.fault
    this.#madeAt = this.#sources.now()
    this.#sources.onChange()
  }

  /** Where the period is chosen: the last `days`, a month, or two days. */
  chooser(now: TimeMs, days: readonly number[]): Child {
    const { zone } = this.#sources
    const options: readonly (readonly [string, string])[] = [
      ...days.map((n) => [`${n}d`, t('days', { n })] as const),
      ...monthOptions(now, zone),
      [OWN, t('report.own')],
    ]
    const isOwn = this.#choice.includes('/')
    return [
      choiceField('report.period', 'reportPeriod', options, isOwn ? OWN : this.#choice),
      isOwn ? this.#days().map((day, place) => dayField(place === 0 ? 'from' : 'to', day)) : null,
    ]
  }

  /** First and last local day of the period. */
  #days(): readonly [string, string] {
    const { zone, now } = this.#sources
    const [from, to] = periodOf(this.#choice, now(), zone)
    return [localDay(from, zone), localDay(to - 1, zone)]
  }
}

function dayField(end: 'from' | 'to', day: string) {
  return h(
    'label',
    { class: 'field-inline', 'data-key': end },
    t(`maintenance.${end}` as const),
    ' ',
    h('input', { type: 'date', value: day, 'data-change': 'reportDay', 'data-arg': end }),
  )
}

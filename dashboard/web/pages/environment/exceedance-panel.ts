// Hours and days over a limit: by standard and period, with how much was known of each station; as a table, on paper and as CSV.

import type { ExceedancesAnswer } from '../../../../contract/api-staff.ts'
import { DAY, formatTime, SECOND, type TimeMs } from '../../../../contract/time.ts'
import { type Fault, getJson } from '../../api.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { metricName } from '../../metric-text.ts'
import { type TextKey, t, tOr } from '../../text/texts.ts'
import { cell, faultNotice } from '../infrastructure/cells.ts'
import { monthPeriod, monthsUntil } from '../infrastructure/local-time.ts'
import type { Panel } from '../infrastructure/panel.ts'

type Row = ExceedancesAnswer['exceedances'][number]
type Tally = ExceedancesAnswer['tallies'][number]

const MONTHS_SHOWN = 12
const STANDARDS = ['pp22', 'who', 'ispu'] as const
type Standard = (typeof STANDARDS)[number]
/** The table shows so many; CSV holds all. */
const MOST_ROWS = 500

export interface ExceedanceSources {
  readonly zone: string
  readonly now: () => TimeMs
  readonly onChange: () => void
}

export class ExceedancePanel implements Panel {
  readonly #sources: ExceedanceSources
  /** `7d`, `30d` or a month. */
  #choice = '7d'
  #standard: Standard = 'pp22'
  #answer: ExceedancesAnswer | null = null
  #fault: Fault | null = null
  #asked = 0

  constructor(sources: ExceedanceSources) {
    this.#sources = sources
  }

  readonly acts: Acts = {
    exceedPeriod: (_argument, target) => {
      if (target instanceof HTMLSelectElement) this.#choice = target.value
      this.open()
    },
    exceedStandard: (_argument, target) => {
      if (target instanceof HTMLSelectElement)
        this.#standard = STANDARDS.find((one) => one === target.value) ?? 'pp22'
      this.open()
    },
    exceedRetry: () => this.open(),
    print: () => window.print(),
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
    const [from, to] = this.#period()
    const query = `from=${formatTime(from)}&to=${formatTime(to)}&standard=${this.#standard}&limit=${MOST_ROWS}`
    const answer = await getJson<ExceedancesAnswer>(`/api/v1/air/exceedances?${query}`)
    if (asked !== this.#asked) return
    if (answer.ok) this.#answer = answer.value
    else this.#fault = answer.fault
    this.#sources.onChange()
  }

  #period(): readonly [TimeMs, TimeMs] {
    const now = Math.floor(this.#sources.now() / SECOND) * SECOND
    const days = /^(\d+)d$/.exec(this.#choice)?.[1]
    if (days !== undefined) return [now - Number(days) * DAY, now]
    const [from, to] = monthPeriod(this.#choice, this.#sources.zone)
    // What ends with the month's last midnight belongs to it; what ended with its first does not.
    return [from, Math.min(to, now)]
  }

  view(now: TimeMs): Child {
    const months = monthsUntil(now, this.#sources.zone, MONTHS_SHOWN)
    const option = (value: string, text: string) =>
      h('option', { value, selected: value === this.#choice }, text)
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'exceed-bar' },
        select('exceed.standard', 'exceedStandard', [
          ...STANDARDS.map((one) =>
            h('option', { value: one, selected: one === this.#standard }, t(`exceed.${one}` as const)),
          ),
        ]),
        select('report.period', 'exceedPeriod', [
          option('7d', t('days', { n: 7 })),
          option('30d', t('days', { n: 30 })),
          ...months.map((month) => option(month, monthName(month, this.#sources.zone))),
        ]),
        this.#answer === null ? null : takeAway(this.#answer),
      ),
      this.#body(),
    ]
  }

  #body(): Child {
    if (this.#fault !== null) return faultNotice('exceedRetry')
    const answer = this.#answer
    if (answer === null) return h('p', { class: 'notice', role: 'status' }, t('report.loading'))
    const { exceedances, tallies, from, to, next } = answer
    return [
      h(
        'p',
        { class: 'hint' },
        t('why.period', { from: fmt().dateTime(Date.parse(from)), to: fmt().dateTime(Date.parse(to)) }),
        ` · ${answer.source}`,
      ),
      exceedances.length === 0
        ? h(
            'p',
            { class: 'notice' },
            t(tallies.some(({ valid }) => valid > 0) ? 'exceed.none' : 'exceed.unknown'),
          )
        : exceedanceTable(exceedances),
      next === undefined ? null : h('p', { class: 'hint' }, t('exceed.more', { n: exceedances.length })),
      tallies.length === 0 ? null : tallyTable(tallies),
    ]
  }
}

function select(label: TextKey, act: string, options: readonly Child[]) {
  return h('label', { class: 'field-inline' }, t(label), ' ', h('select', { 'data-change': act }, options))
}

function takeAway({ from, to, standard }: ExceedancesAnswer) {
  return h(
    'div',
    { class: 'bar-end dialog-actions' },
    h('button', { type: 'button', class: 'button small', 'data-act': 'print' }, t('report.print')),
    h(
      'a',
      {
        class: 'button small',
        href: `/api/v1/air/exceedances?from=${from}&to=${to}&standard=${standard}&format=csv`,
        download: true,
      },
      t('why.csv'),
    ),
  )
}

function exceedanceTable(rows: readonly Row[]) {
  const columns: readonly TextKey[] = [
    'exceed.ended',
    'env.col.name',
    'flags.metric',
    'exceed.value',
    'exceed.limit',
    'env.col.complete',
  ]
  return h(
    'table',
    { class: 'desk-rows', 'data-key': 'exceedances' },
    headOf(columns, 3),
    h(
      'tbody',
      {},
      rows.toReversed().map((row) => {
        const time =
          row.averaging === '1h' ? fmt().dateTime(Date.parse(row.from)) : fmt().day(Date.parse(row.from))
        return h(
          'tr',
          { 'data-key': `${row.to} ${row.station} ${row.metric} ${row.averaging}` },
          h('th', { scope: 'row' }, time),
          cell('env.col.name', row.name),
          cell(
            'flags.metric',
            metricName(row.metric),
            h('span', { class: 'hint block' }, averagingText(row.averaging)),
          ),
          number(
            'exceed.value',
            h('strong', {}, amount(row.value, row.unit)),
            row.category === undefined
              ? null
              : h('span', { class: 'hint block' }, tOr(`exceed.cat.${row.category}`, row.category)),
          ),
          number('exceed.limit', amount(row.limit, row.unit)),
          number('env.col.complete', fmt().percent(row.completeness)),
        )
      }),
    ),
  )
}

function tallyTable(tallies: readonly Tally[]) {
  const columns: readonly TextKey[] = [
    'env.col.name',
    'flags.metric',
    'exceed.over',
    'exceed.valid',
    'exceed.windows',
  ]
  return h(
    'section',
    { class: 'desk-section', 'data-key': 'tallies' },
    h('h2', {}, t('exceed.looked')),
    h(
      'table',
      { class: 'desk-rows' },
      headOf(columns, 2),
      h(
        'tbody',
        {},
        tallies.map((tally) =>
          h(
            'tr',
            { 'data-key': `${tally.station} ${tally.metric} ${tally.averaging}` },
            h('th', { scope: 'row' }, tally.name),
            cell(
              'flags.metric',
              metricName(tally.metric),
              h('span', { class: 'hint block' }, averagingText(tally.averaging)),
            ),
            number('exceed.over', fmt().whole(tally.over)),
            number('exceed.valid', fmt().whole(tally.valid)),
            number('exceed.windows', fmt().whole(tally.windows)),
          ),
        ),
      ),
    ),
  )
}

function headOf(columns: readonly TextKey[], firstNumber: number) {
  return h(
    'thead',
    {},
    h(
      'tr',
      {},
      columns.map((key, place) =>
        h('th', { scope: 'col', class: place >= firstNumber ? 'number' : null }, t(key)),
      ),
    ),
  )
}

function number(key: TextKey, ...children: readonly Child[]) {
  const made = cell(key, ...children)
  made.classList.add('number')
  return made
}

function averagingText(averaging: Row['averaging']): string {
  return t(`exceed.averaging.${averaging}` as const)
}

function amount(value: number, unit: string): string {
  return unit === 'ISPU' ? fmt().whole(value) : fmt().value(value, unit)
}

function monthName(month: string, zone: string): string {
  const [begin] = monthPeriod(month, zone)
  const locale = fmt().language === 'id' ? 'id-ID' : 'en-GB'
  return new Intl.DateTimeFormat(locale, { timeZone: zone, month: 'long', year: 'numeric' }).format(begin)
}

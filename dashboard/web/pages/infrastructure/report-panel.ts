// The report of a period: availability with how much is known, time down, outages, mean time to repair, latency and loss of each hotspot, against
// a target; as a table, on paper and as CSV. Too little known is said, and is neither a pass nor a failure (reference/ui 4).

import type { UptimeAnswer } from '../../../../contract/api-staff.ts'
import { DAY, formatTime, SECOND, type TimeMs } from '../../../../contract/time.ts'
import { type Fault, getJson } from '../../api.ts'
import { whyButton } from '../../detail/explanation.ts'
import { percentText } from '../../detail/hotspot-section.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { type TextKey, t } from '../../text/texts.ts'
import { faultNotice, numberCell, wideCell } from './cells.ts'
import { monthPeriod, monthsUntil } from './local-time.ts'
import type { Panel } from './panel.ts'
import { verdictOf } from './verdict.ts'

type Row = UptimeAnswer['hotspots'][number]

const MONTHS_SHOWN = 12
const TRIES = 3
const TARGETS = [99, 99.5, 99.9] as const

export interface ReportSources {
  readonly zone: string
  readonly now: () => TimeMs
  readonly onChange: () => void
}

export class ReportPanel implements Panel {
  readonly #sources: ReportSources
  /** `1d`, `7d`, `30d` or a month. */
  #choice = '7d'
  #target: number = TARGETS[0]
  #answer: UptimeAnswer | null = null
  #fault: Fault | null = null
  #asked = 0

  constructor(sources: ReportSources) {
    this.#sources = sources
  }

  readonly acts: Acts = {
    reportPeriod: (_argument, target) => {
      if (target instanceof HTMLSelectElement) this.#choice = target.value
      this.open()
    },
    reportTarget: (_argument, target) => {
      if (target instanceof HTMLSelectElement) this.#target = Number(target.value)
      this.#sources.onChange()
    },
    reportRetry: () => this.open(),
    print: () => window.print(),
  }

  open(): void {
    void this.#load()
  }

  /** What it is of when it opens: `1d`, `7d`, `30d` or a month such as `2026-11`. */
  choose(period: string): void {
    this.#choice = period
  }

  async #load(): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    this.#answer = null
    this.#fault = null
    this.#sources.onChange()
    const [from, to] = this.#period()
    const query = `from=${formatTime(from)}&to=${formatTime(to)}`
    let answer = await getJson<UptimeAnswer>(`/api/v1/connectivity/uptime?${query}`)
    // A month of many hotspots takes its time at first; the server keeps the days that it has read.
    for (let again = 0; again < TRIES && !answer.ok && answer.fault.status === 0; again += 1) {
      if (asked !== this.#asked) return
      answer = await getJson<UptimeAnswer>(`/api/v1/connectivity/uptime?${query}`)
    }
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
    return [from, Math.min(to, now)]
  }

  view(now: TimeMs): Child {
    const months = monthsUntil(now, this.#sources.zone, MONTHS_SHOWN)
    const option = (value: string, text: string) =>
      h('option', { value, selected: value === this.#choice }, text)
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'report-bar' },
        h(
          'label',
          { class: 'field-inline' },
          t('report.period'),
          ' ',
          h(
            'select',
            { 'data-change': 'reportPeriod' },
            option('1d', t('days', { n: 1 })),
            option('7d', t('days', { n: 7 })),
            option('30d', t('days', { n: 30 })),
            months.map((month) => option(month, monthName(month, this.#sources.zone))),
          ),
        ),
        h(
          'label',
          { class: 'field-inline' },
          t('report.target'),
          ' ',
          h(
            'select',
            { 'data-change': 'reportTarget' },
            TARGETS.map((target) =>
              h(
                'option',
                { value: target, selected: target === this.#target },
                `${fmt().number(target, 1)}%`,
              ),
            ),
          ),
        ),
        this.#answer === null ? null : this.#takeAway(this.#answer),
      ),
      this.#body(),
    ]
  }

  #takeAway({ from, to }: UptimeAnswer) {
    return h(
      'div',
      { class: 'bar-end dialog-actions' },
      h('button', { type: 'button', class: 'button small', 'data-act': 'print' }, t('report.print')),
      h(
        'a',
        {
          class: 'button small',
          href: `/api/v1/connectivity/uptime?from=${from}&to=${to}&format=csv`,
          download: true,
        },
        t('why.csv'),
      ),
    )
  }

  #body(): Child {
    if (this.#fault !== null) return faultNotice('reportRetry')
    const answer = this.#answer
    if (answer === null) {
      return h('div', { class: 'skeleton is-loading', role: 'status' }, h('p', {}, t('report.loading')))
    }
    if (answer.hotspots.length === 0) return h('p', { class: 'notice' }, t('desk.noHotspots'))
    const [from, to] = [Date.parse(answer.from), Date.parse(answer.to)]
    const error = Math.max(...answer.hotspots.map(({ latency_error }) => latency_error))
    return [
      h(
        'p',
        { class: 'hint' },
        t('why.period', { from: fmt().dateTime(from), to: fmt().dateTime(to) }),
        error === 0 ? '' : ` · ${t('report.error', { pct: fmt().percent(error, 1) })}`,
      ),
      h(
        'table',
        { class: 'desk-rows report', 'data-key': 'report' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            COLUMNS.map(([key, className]) => h('th', { scope: 'col', class: className }, t(key))),
          ),
        ),
        h(
          'tbody',
          {},
          answer.hotspots.map((row) => this.#row(row, from, to)),
          this.#totalRow(answer.hotspots),
        ),
      ),
    ]
  }

  #row(row: Row, from: TimeMs, to: TimeMs) {
    const why = (value: string) => [' ', whyButton({ device: row.id, value, from, at: to }, 'sign')]
    return h(
      'tr',
      { 'data-key': row.id },
      h(
        'th',
        { scope: 'row' },
        h(
          'button',
          { type: 'button', class: 'link', 'data-act': 'showHotspot', 'data-arg': row.id },
          row.name,
        ),
      ),
      numberCell('report.avail', this.#availability(row, why('availability'))),
      numberCell('report.known', row.knownShare === null ? '–' : fmt().percent(row.knownShare, 1)),
      numberCell('report.down', durationText(row.down_s)),
      wideCell('state.unknown', durationText(row.unknown_s)),
      wideCell('state.maintenance', durationText(row.maintenance_s)),
      numberCell('report.outages', fmt().whole(row.outages)),
      numberCell('report.mttr', row.mttr_s === null ? '–' : durationText(row.mttr_s)),
      wideCell('report.mtbf', row.mtbf_s === null ? '–' : durationText(row.mtbf_s)),
      numberCell(
        'report.p50',
        measured(row.latency_p50_ms, 'ms'),
        measuredWhy(row.latency_p50_ms, why('latency_p50_ms')),
      ),
      numberCell(
        'desk.col.p95',
        measured(row.latency_p95_ms, 'ms'),
        measuredWhy(row.latency_p95_ms, why('latency_p95_ms')),
      ),
      numberCell('desk.col.loss', measured(row.loss_pct, '%'), measuredWhy(row.loss_pct, why('loss_pct'))),
    )
  }

  #availability(
    { availability, knownShare }: Pick<Row, 'availability' | 'knownShare'>,
    why: Child = null,
  ): Child {
    if (availability === null) return '–'
    const verdict = verdictOf(availability, knownShare, this.#target)
    return [
      percentText(availability),
      why,
      h('span', { class: `verdict-word is-${verdict}` }, t(`report.${verdict}` as const)),
    ]
  }

  #totalRow(rows: readonly Row[]) {
    const sum = (member: 'up_s' | 'down_s' | 'unknown_s' | 'maintenance_s' | 'outages'): number =>
      rows.reduce((total, row) => total + row[member], 0)
    const known = sum('up_s') + sum('down_s')
    const all = known + sum('unknown_s')
    const outages = sum('outages')
    const total = {
      availability: known === 0 ? null : sum('up_s') / known,
      knownShare: all === 0 ? null : known / all,
    }
    return h(
      'tr',
      { class: 'total', 'data-key': 'total' },
      h('th', { scope: 'row' }, t('report.total')),
      numberCell('report.avail', this.#availability(total)),
      numberCell('report.known', total.knownShare === null ? '–' : fmt().percent(total.knownShare, 1)),
      numberCell('report.down', durationText(sum('down_s'))),
      wideCell('state.unknown', durationText(sum('unknown_s'))),
      wideCell('state.maintenance', durationText(sum('maintenance_s'))),
      numberCell('report.outages', fmt().whole(outages)),
      numberCell('report.mttr', outages === 0 ? '–' : durationText(sum('down_s') / outages)),
      wideCell('report.mtbf', outages === 0 ? '–' : durationText(sum('up_s') / outages)),
      numberCell('report.p50', '–'),
      numberCell('desk.col.p95', '–'),
      numberCell('desk.col.loss', '–'),
    )
  }
}

/** What there is no room for beside the rest is `is-wide`. */
const COLUMNS: readonly (readonly [TextKey, string])[] = [
  ['desk.col.name', ''],
  ['report.avail', 'number'],
  ['report.known', 'number'],
  ['report.down', 'number'],
  ['state.unknown', 'number is-wide'],
  ['state.maintenance', 'number is-wide'],
  ['report.outages', 'number'],
  ['report.mttr', 'number'],
  ['report.mtbf', 'number is-wide'],
  ['report.p50', 'number'],
  ['desk.col.p95', 'number'],
  ['desk.col.loss', 'number'],
]

const durationText = (seconds: number): string => (seconds === 0 ? '0' : fmt().duration(seconds * SECOND))
const measured = (value: number | null, unit: string): string =>
  value === null ? '–' : fmt().value(value, unit)
const measuredWhy = (value: number | null, why: Child): Child => (value === null ? null : why)

function monthName(month: string, zone: string): string {
  const [begin] = monthPeriod(month, zone)
  const locale = fmt().language === 'id' ? 'id-ID' : 'en-GB'
  return new Intl.DateTimeFormat(locale, { timeZone: zone, month: 'long', year: 'numeric' }).format(begin)
}

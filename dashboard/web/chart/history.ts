// History of a device: 24 hours or 7 days of one metric, drawn, said in a sentence and listed in a table of the same numbers.

import type { ReadingsAnswer } from '../../../contract/api.ts'
import { unitOf } from '../../../contract/metrics.ts'
import { DAY, formatTime, HOUR, MINUTE, type TimeMs } from '../../../contract/time.ts'
import type { Kind } from '../../../contract/topics.ts'
import { ispuLevels } from '../../../domain/air/ispu.ts'
import { type Answer, getJson } from '../api.ts'
import { whyButton } from '../detail/explanation.ts'
import { listen } from '../dom/act.ts'
import { h } from '../dom/h.ts'
import { patch } from '../dom/patch.ts'
import { fmt } from '../format.ts'
import { metricName } from '../metric-text.ts'
import { onTheme } from '../shell/theme.ts'
import { onLanguage, t } from '../text/texts.ts'
import type { Plot } from './plot.ts'
import { pointsOnly, type ReadingPoints, summaryOf, withGaps } from './series.ts'

export interface HistoryOf {
  readonly device: string
  readonly kind: Kind
  /** What can be shown, the first chosen at first. */
  readonly metrics: readonly string[]
}

/** The time of arrival is a note, no doubt. */
function isDoubt(flag: string | undefined): boolean {
  return flag !== undefined && flag !== 'arrival_time'
}

type Period = 'day' | 'week'
const PERIODS = {
  day: { spanMs: DAY, every: '5m', stepMs: 5 * MINUTE, title: 'chart.day', step: 'chart.step.5m' },
  week: { spanMs: 7 * DAY, every: '1h', stepMs: HOUR, title: 'chart.week', step: 'chart.step.1h' },
} as const

export class History {
  readonly #root: HTMLElement
  readonly #now: () => TimeMs
  readonly #of: HistoryOf
  #metric: string
  #period: Period = 'day'
  #answer: Answer<ReadingsAnswer> | null = null
  #range: readonly [TimeMs, TimeMs] = [0, 0]
  /** Readings of the day that are flagged: bad ones are in none of the means. */
  #apart: ReadingPoints = []
  #plot: Plot | null = null
  #asked = 0
  #isClosed = false
  readonly #observer: ResizeObserver
  readonly #unlisten: readonly (() => void)[]

  constructor(root: HTMLElement, of: HistoryOf, now: () => TimeMs) {
    this.#root = root
    this.#of = of
    this.#now = now
    this.#metric = of.metrics[0] ?? ''
    listen(root, {
      period: (period) => {
        this.#period = period === 'week' ? 'week' : 'day'
        void this.#load()
      },
      metric: (_argument, target) => {
        if (target instanceof HTMLSelectElement) this.#metric = target.value
        void this.#load()
      },
      retry: () => void this.#load(),
    })
    this.#observer = new ResizeObserver(() => this.#plot?.setSize(this.#canvasBox()?.clientWidth ?? 0))
    this.#observer.observe(root)
    this.#unlisten = [onLanguage(() => void this.#show()), onTheme(() => void this.#show())]
    void this.#load()
  }

  close(): void {
    this.#isClosed = true
    this.#plot?.destroy()
    this.#plot = null
    this.#observer.disconnect()
    // What listens for the page's whole life would hold the panel, its rows and its readings for as long.
    for (const unlisten of this.#unlisten) unlisten()
  }

  async #load(): Promise<void> {
    const { spanMs, every } = PERIODS[this.#period]
    const to = this.#now()
    const from = to - spanMs
    this.#asked += 1
    const asked = this.#asked
    this.#answer = null
    await this.#show()
    const query = `metric=${this.#metric}&from=${formatTime(from)}&to=${formatTime(to)}&every=${every}&quality=good`
    const [answer, apart] = await Promise.all([
      getJson<ReadingsAnswer>(`/api/v1/devices/${encodeURIComponent(this.#of.device)}/readings?${query}`),
      this.#loadApart(from, to),
    ])
    if (asked !== this.#asked) return
    this.#answer = answer
    this.#apart = apart
    this.#range = [from, to]
    await this.#show()
  }

  /** A week of raw readings would be too much to fetch for a few points. */
  async #loadApart(from: TimeMs, to: TimeMs): Promise<ReadingPoints> {
    if (this.#of.kind !== 'sensor' || this.#period !== 'day') return []
    const query = `metric=${this.#metric}&from=${formatTime(from)}&to=${formatTime(to)}`
    const raw = await getJson<ReadingsAnswer>(
      `/api/v1/devices/${encodeURIComponent(this.#of.device)}/readings?${query}`,
    )
    return raw.ok ? (raw.value.series[0]?.points ?? []).filter(([, , flag]) => isDoubt(flag)) : []
  }

  async #show(): Promise<void> {
    if (this.#isClosed) return
    this.#plot?.destroy()
    this.#plot = null
    const points = this.#points()
    patch(this.#root, this.#head(), this.#body(points))
    const box = this.#canvasBox()
    if (box === null || points.length === 0) return
    const { drawPlot } = await import('./plot.ts')
    if (this.#canvasBox() !== box || !box.isConnected || this.#isClosed || this.#plot !== null) return
    box.replaceChildren()
    this.#plot = drawPlot({
      element: box,
      series: [
        { label: metricName(this.#metric), plotted: withGaps(points, PERIODS[this.#period].stepMs) },
        ...(this.#apart.length === 0
          ? []
          : [{ label: t('env.col.flags'), plotted: pointsOnly(this.#apart), isApart: true }]),
      ],
      levels: this.#levels(),
      unit: this.#unit() ?? '',
      from: this.#range[0],
      to: this.#range[1],
      ticks: this.#period === 'week' ? 'days' : 'minutes',
    })
  }

  #canvasBox(): HTMLElement | null {
    return this.#root.querySelector<HTMLElement>('.plot')
  }

  /** Where the ISPU's categories end. */
  #levels() {
    if (this.#of.kind !== 'sensor') return []
    return ispuLevels(this.#metric).map(({ index, concentration }) => ({
      value: concentration,
      name: `ISPU ${index}`,
    }))
  }

  #points(): ReadingPoints {
    return this.#answer?.ok === true ? (this.#answer.value.series[0]?.points ?? []) : []
  }

  #unit(): string | null {
    return unitOf(this.#of.kind, this.#metric)
  }

  #head() {
    const period = (name: Period) =>
      h(
        'button',
        {
          type: 'button',
          'data-act': 'period',
          'data-arg': name,
          'aria-pressed': String(this.#period === name),
        },
        t(PERIODS[name].title),
      )
    return h(
      'div',
      { class: 'history-head' },
      h('h3', {}, t('chart.title')),
      h('div', { class: 'segmented' }, period('day'), period('week')),
      this.#of.metrics.length < 2
        ? null
        : h(
            'label',
            { class: 'field-inline' },
            h('span', { class: 'sr-only' }, t('chart.metric')),
            h(
              'select',
              { 'data-change': 'metric' },
              this.#of.metrics.map((metric) =>
                h('option', { value: metric, selected: metric === this.#metric }, metricName(metric)),
              ),
            ),
          ),
    )
  }

  #body(points: ReadingPoints) {
    const answer = this.#answer
    if (answer === null)
      return h('div', { class: 'plot-box is-loading', role: 'status' }, h('p', {}, t('loading')))
    if (!answer.ok) {
      return h(
        'div',
        { class: 'plot-box notice', role: 'status' },
        h('p', {}, t('err.load')),
        h('button', { type: 'button', class: 'button', 'data-act': 'retry' }, t('retry')),
      )
    }
    const few = answer.value.few === true ? h('p', { class: 'hint' }, t('chart.few')) : null
    if (points.length === 0) return h('div', { class: 'plot-box notice' }, h('p', {}, t('chart.empty')), few)
    return h(
      'figure',
      { class: 'plot-box' },
      h('div', { class: 'plot', 'data-keep': true, 'data-key': `${this.#asked}-${this.#metric}` }),
      h('p', { class: 'plot-readout', 'aria-hidden': 'true', 'data-keep': true }),
      h(
        'figcaption',
        {},
        this.#caption(points),
        ' ',
        h('span', { class: 'hint' }, t(PERIODS[this.#period].step), '.'),
        ' ',
        whyButton({ device: this.#of.device, value: this.#metric }, 'sign'),
        this.#apart.length === 0 ? null : ` ${t('chart.flagged', { n: this.#apart.length })}`,
        this.#levels().length === 0 ? null : h('span', { class: 'hint' }, ` ${t('chart.levels')}`),
      ),
      few,
      this.#table(points),
    )
  }

  #caption(points: ReadingPoints): string {
    const summary = summaryOf(points)
    if (summary === null) return ''
    const value = (number: number): string => fmt().value(number, this.#unit())
    const time = (at: TimeMs): string => (this.#period === 'week' ? fmt().dateTime(at) : fmt().clock(at))
    const { gaps } = withGaps(points, PERIODS[this.#period].stepMs)
    const sentence = t('chart.caption', {
      metric: metricName(this.#metric),
      period: t(PERIODS[this.#period].title),
      min: value(summary.min.value),
      minTime: time(summary.min.time),
      max: value(summary.max.value),
      maxTime: time(summary.max.time),
      last: value(summary.last.value),
      lastTime: time(summary.last.time),
      trend: t(`chart.trend.${summary.trend}` as const),
    })
    return gaps === 0 ? sentence : `${sentence} ${t('chart.gaps', { n: gaps })}`
  }

  #table(points: ReadingPoints) {
    const unit = this.#unit()
    return h(
      'details',
      { class: 'data-table' },
      h('summary', {}, t('chart.table')),
      h(
        'div',
        { class: 'table-box is-window', tabindex: 0, role: 'region', 'aria-label': t('chart.table') },
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              h('th', { scope: 'col' }, t('chart.time')),
              h('th', { scope: 'col', class: 'number' }, metricName(this.#metric)),
            ),
          ),
          h(
            'tbody',
            {},
            [...points]
              .reverse()
              .map(([time, value]) =>
                h(
                  'tr',
                  {},
                  h('td', {}, fmt().dateTime(time)),
                  h('td', { class: 'number' }, fmt().value(value, unit)),
                ),
              ),
          ),
        ),
      ),
    )
  }
}

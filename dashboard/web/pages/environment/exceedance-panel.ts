// Hours and days over a limit: by standard and period, with how much was known of each station; as a table, on paper and as CSV.

import type { ExceedancesAnswer } from '../../../../contract/api-staff.ts'
import type { TimeMs } from '../../../../contract/time.ts'
import { getJson } from '../../api.ts'
import {
  type Column,
  cell,
  choiceField,
  deskTable,
  faultNotice,
  loadingNotice,
  numberCell,
} from '../../desk/cells.ts'
import type { Panel, Settings } from '../../desk/panel.ts'
import { type Paper, paperFoot, paperHead, takeAway } from '../../desk/paper.ts'
import { exactChoice, periodSettings } from '../../desk/period.ts'
import { PeriodReport, type ReportSources } from '../../desk/period-report.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { metricName } from '../../metric-text.ts'
import { formatUrl } from '../../shell/url-state.ts'
import { t, tOr } from '../../text/texts.ts'

type Row = ExceedancesAnswer['exceedances'][number]
type Tally = ExceedancesAnswer['tallies'][number]

const PATH = '/api/v1/air/exceedances'
const STANDARDS = ['pp22', 'who', 'ispu'] as const
type Standard = (typeof STANDARDS)[number]
/** The table shows so many; CSV holds all. */
const MOST_ROWS = 500

export interface ExceedanceSources extends ReportSources {
  readonly village: string
  readonly isSimulated: (station: string) => boolean
}

export class ExceedancePanel implements Panel {
  readonly #sources: ExceedanceSources
  readonly #report: PeriodReport<ExceedancesAnswer>
  #standard: Standard = STANDARDS[0]

  constructor(sources: ExceedanceSources) {
    this.#sources = sources
    this.#report = new PeriodReport(sources, '7d', (query) =>
      getJson(`${PATH}?${query}&standard=${this.#standard}&limit=${MOST_ROWS}`),
    )
  }

  get acts(): Acts {
    return {
      ...this.#report.acts,
      exceedStandard: (_argument, target) => {
        if (target instanceof HTMLSelectElement) this.#standard = standardOf(target.value)
        this.#sources.onSettings()
        this.open()
      },
    }
  }

  open(): void {
    this.#report.open()
  }

  settings(): Settings {
    return {
      ...this.#report.settings(),
      ...(this.#standard === STANDARDS[0] ? {} : { standard: this.#standard }),
    }
  }

  follow(settings: Settings): void {
    this.#report.follow(settings)
    this.#standard = standardOf(settings['standard'])
  }

  view(now: TimeMs): Child {
    const { answer } = this.#report
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'exceed-bar' },
        choiceField(
          'exceed.standard',
          'exceedStandard',
          STANDARDS.map((one) => [one, t(`exceed.${one}` as const)]),
          this.#standard,
        ),
        this.#report.chooser(now, [7, 30]),
        answer === null
          ? null
          : takeAway(`${PATH}?from=${answer.from}&to=${answer.to}&standard=${answer.standard}&format=csv`),
      ),
      this.#body(),
    ]
  }

  #body(): Child {
    const { answer, fault } = this.#report
    if (fault !== null) return faultNotice('reportRetry')
    if (answer === null) return loadingNotice('report.loading')
    const { exceedances, tallies, source, next } = answer
    const paper = this.#paper(answer)
    return [
      paperHead(paper, ` · ${source}`),
      exceedances.length === 0
        ? h(
            'p',
            { class: 'notice' },
            t(tallies.some(({ valid }) => valid > 0) ? 'exceed.none' : 'exceed.unknown'),
          )
        : deskTable('exceedances', COLUMNS, exceedances.toReversed().map(exceedanceRow)),
      next === undefined ? null : h('p', { class: 'hint' }, t('exceed.more', { n: exceedances.length })),
      tallies.length === 0 ? null : tallySection(tallies),
      paperFoot(paper),
    ]
  }

  #paper({ from, to, standard, tallies }: ExceedancesAnswer): Paper {
    const sum = (member: 'windows' | 'valid'): number =>
      tallies.reduce((total, tally) => total + tally[member], 0)
    const settings = { tab: 'exceedances', ...periodSettings(exactChoice(from, to)), standard }
    return {
      title: `${t('exceed.title')}, ${t(`exceed.${standard}` as const)}`,
      village: this.#sources.village,
      from: Date.parse(from),
      to: Date.parse(to),
      madeAt: this.#report.madeAt,
      isSimulated: tallies.some(({ station }) => this.#sources.isSimulated(station)),
      basis: [
        t('exceed.basis', {
          valid: sum('valid'),
          windows: sum('windows'),
          known: sum('windows') === 0 ? '–' : fmt().percent(sum('valid') / sum('windows'), 1),
        }),
        t('exceed.method'),
      ],
      address: formatUrl({ desk: settings }),
    }
  }
}

function standardOf(text: string | undefined): Standard {
  return STANDARDS.find((one) => one === text) ?? STANDARDS[0]
}

const COLUMNS: readonly Column[] = [
  'exceed.ended',
  'env.col.name',
  'flags.metric',
  ['exceed.value', 'number'],
  ['exceed.limit', 'number'],
  ['env.col.complete', 'number'],
]

function exceedanceRow(row: Row) {
  const from = Date.parse(row.from)
  return h(
    'tr',
    { 'data-key': `${row.to} ${row.station} ${row.metric} ${row.averaging}` },
    h('th', { scope: 'row' }, row.averaging === '1h' ? fmt().dateTime(from) : fmt().day(from)),
    cell('env.col.name', row.name),
    metricCell(row),
    numberCell(
      'exceed.value',
      h('strong', {}, amount(row.value, row.unit)),
      row.category === undefined
        ? null
        : h('span', { class: 'hint block' }, tOr(`exceed.cat.${row.category}`, row.category)),
    ),
    numberCell('exceed.limit', amount(row.limit, row.unit)),
    numberCell('env.col.complete', fmt().percent(row.completeness)),
  )
}

const TALLY_COLUMNS: readonly Column[] = [
  'env.col.name',
  'flags.metric',
  ['exceed.over', 'number'],
  ['exceed.valid', 'number'],
  ['exceed.windows', 'number'],
]

function tallySection(tallies: readonly Tally[]) {
  return h(
    'section',
    { class: 'desk-section', 'data-key': 'tallies' },
    h('h2', {}, t('exceed.looked'), ' ', h('a', { class: 'why', href: '/cara-hitung#air' }, t('why.button'))),
    deskTable(
      'tallies',
      TALLY_COLUMNS,
      tallies.map((tally) =>
        h(
          'tr',
          { 'data-key': `${tally.station} ${tally.metric} ${tally.averaging}` },
          h('th', { scope: 'row' }, tally.name),
          metricCell(tally),
          numberCell('exceed.over', fmt().whole(tally.over)),
          numberCell('exceed.valid', fmt().whole(tally.valid)),
          numberCell('exceed.windows', fmt().whole(tally.windows)),
        ),
      ),
    ),
  )
}

function metricCell({ metric, averaging }: Pick<Row, 'metric' | 'averaging'>) {
  return cell(
    'flags.metric',
    metricName(metric),
    h('span', { class: 'hint block' }, t(`exceed.averaging.${averaging}` as const)),
  )
}

function amount(value: number, unit: string): string {
  return unit === 'ISPU' ? fmt().whole(value) : fmt().value(value, unit)
}

// The report of a period: availability with how much is known, time down, outages, mean time to repair, latency and loss of each hotspot, against
// a target; as a table, on paper and as CSV. Too little known is said, and is neither a pass nor a failure (reference/ui 4).

import type { UptimeAnswer } from '../../../../contract/api-staff.ts'
import type { TimeMs } from '../../../../contract/time.ts'
import { groupBy } from '../../../../domain/transit/feed-tables.ts'
import { type Answer, getJson } from '../../api.ts'
import { choiceField, deskTable, faultNotice, loadingNotice } from '../../desk/cells.ts'
import { LongList } from '../../desk/long-list.ts'
import type { Panel, Settings } from '../../desk/panel.ts'
import { type Paper, paperFoot, paperHead, takeAway } from '../../desk/paper.ts'
import { exactChoice, type PeriodChoice, periodSettings } from '../../desk/period.ts'
import { PeriodReport, type ReportSources } from '../../desk/period-report.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { formatUrl } from '../../shell/url-state.ts'
import { t } from '../../text/texts.ts'
import type { Area } from './areas.ts'
import { REPORT_COLUMNS, type ReportLook, reportRow, sumRow } from './report-rows.ts'
import { sumOf, type UptimeRow } from './uptime-sums.ts'

const PATH = '/api/v1/connectivity/uptime'
const TRIES = 3
const TARGETS = [99, 99.5, 99.9] as const

export interface UptimeReportSources extends ReportSources {
  readonly village: string
  /** The RW, where the village has them, and the one that a hotspot stands in. */
  readonly areas: () => readonly Area[]
  readonly areaOf: (hotspot: string) => Area | null
  /** Draws at once, for paper. */
  readonly renderNow: () => void
}

export class ReportPanel implements Panel {
  readonly #sources: UptimeReportSources
  readonly #report: PeriodReport<UptimeAnswer>
  readonly #list: LongList
  #target: number = TARGETS[0]

  constructor(sources: UptimeReportSources) {
    this.#sources = sources
    this.#report = new PeriodReport(sources, '7d', askUptime)
    this.#list = new LongList('reportMore', sources.onChange, sources.renderNow)
  }

  get acts(): Acts {
    return {
      ...this.#report.acts,
      ...this.#list.acts,
      reportTarget: (_argument, target) => {
        if (target instanceof HTMLSelectElement) this.#target = targetOf(target.value)
        this.#sources.onSettings()
        this.#sources.onChange()
      },
    }
  }

  open(): void {
    this.#report.open()
  }

  /** What it is of when it opens. */
  choose(period: PeriodChoice): void {
    this.#report.choose(period)
  }

  settings(): Settings {
    return {
      ...this.#report.settings(),
      ...(this.#target === TARGETS[0] ? {} : { target: String(this.#target) }),
    }
  }

  follow(settings: Settings): void {
    this.#report.follow(settings)
    this.#target = targetOf(settings['target'] ?? '')
  }

  view(now: TimeMs): Child {
    const { answer } = this.#report
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'report-bar' },
        this.#report.chooser(now, [1, 7, 30]),
        choiceField(
          'report.target',
          'reportTarget',
          TARGETS.map((target) => [String(target), `${fmt().number(target, 1)}%`]),
          String(this.#target),
        ),
        answer === null ? null : takeAway(`${PATH}?from=${answer.from}&to=${answer.to}&format=csv`),
      ),
      this.#body(),
    ]
  }

  #body(): Child {
    const { answer, fault } = this.#report
    if (fault !== null) return faultNotice('reportRetry')
    if (answer === null) return loadingNotice('report.loading')
    const { hotspots } = answer
    if (hotspots.length === 0) return h('p', { class: 'notice' }, t('desk.noHotspots'))
    const look = { from: Date.parse(answer.from), to: Date.parse(answer.to), target: this.#target }
    const paper = this.#paper(answer)
    return [
      paperHead(paper, ` · ${t('report.target')} ${fmt().number(this.#target, 1)}%`),
      deskTable(
        'report',
        REPORT_COLUMNS,
        [
          sumRow('total', t('report.total'), sumOf(hotspots), look),
          this.#areaRows(hotspots, look),
          this.#list.of(hotspots).map((row) => reportRow(row, look)),
        ],
        'report',
      ),
      this.#list.more(hotspots.length),
      paperFoot(paper),
    ]
  }

  /** Sums by RW, and of what stands in none. */
  #areaRows(hotspots: readonly UptimeRow[], look: ReportLook): Child {
    const areas = this.#sources.areas()
    if (areas.length === 0) return null
    const inArea = groupBy(hotspots, ({ id }) => this.#sources.areaOf(id)?.name ?? '')
    return [...areas.map(({ name }) => name), ''].map((name) => {
      const rows = inArea.get(name)
      if (rows === undefined) return null
      const title = t('report.area', { name: name === '' ? t('report.noArea') : name, n: rows.length })
      return sumRow(`area:${name}`, title, sumOf(rows), look)
    })
  }

  #paper({ from, to, hotspots }: UptimeAnswer): Paper {
    const { knownShare } = sumOf(hotspots)
    const error = Math.max(...hotspots.map(({ latency_error }) => latency_error))
    const settings = { tab: 'report', ...periodSettings(exactChoice(from, to)), target: String(this.#target) }
    return {
      title: t('report.title'),
      village: this.#sources.village,
      from: Date.parse(from),
      to: Date.parse(to),
      madeAt: this.#report.madeAt,
      isSimulated: hotspots.some(({ simulated }) => simulated),
      basis: [
        t('report.basis', {
          n: hotspots.length,
          known: knownShare === null ? '–' : fmt().known(knownShare, 1),
        }),
        t('report.method'),
        ...(error === 0 ? [] : [t('report.error', { pct: fmt().percent(error, 1) })]),
      ],
      address: formatUrl({ desk: settings }),
    }
  }
}

function targetOf(text: string): number {
  return TARGETS.find((one) => String(one) === text) ?? TARGETS[0]
}

/** A month of many hotspots takes its time at first; the server keeps the days that it has read. */
async function askUptime(query: string): Promise<Answer<UptimeAnswer>> {
  let answer = await getJson<UptimeAnswer>(`${PATH}?${query}`)
  for (let again = 0; again < TRIES && !answer.ok && answer.fault.status === 0; again += 1)
    answer = await getJson<UptimeAnswer>(`${PATH}?${query}`)
  return answer
}

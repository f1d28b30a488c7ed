// The list of outages: what was down since when, for how long, why, and who took it on (domain B4; contract section 4).

import type { DeviceFeature } from '../../../../contract/api.ts'
import type { OutageAnswer, OutagesAnswer } from '../../../../contract/api-staff.ts'
import { DAY, formatTime, SECOND, type TimeMs } from '../../../../contract/time.ts'
import { type Fault, getJson } from '../../api.ts'
import { causeText } from '../../detail/cause-text.ts'
import { whyButton } from '../../detail/explanation.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { type TextKey, t } from '../../text/texts.ts'
import type { Acknowledgements } from './acknowledge.ts'
import { cell, faultNotice } from './cells.ts'
import type { HotspotName, Panel } from './panel.ts'

const PERIODS = ['1', '7', '30'] as const
type PeriodDays = (typeof PERIODS)[number]
const PAGE = 1_000
const MOST_PAGES = 5

export interface OutageSources {
  readonly nameOf: HotspotName
  readonly devices: () => ReadonlyMap<string, DeviceFeature>
  readonly acknowledgements: Acknowledgements
  readonly now: () => TimeMs
  readonly onChange: () => void
}

export class OutagePanel implements Panel {
  readonly #sources: OutageSources
  #days: PeriodDays = '7'
  #isOpenOnly = false
  #outages: readonly OutageAnswer[] | null = null
  #fault: Fault | null = null
  #asked = 0

  constructor(sources: OutageSources) {
    this.#sources = sources
  }

  readonly acts: Acts = {
    outageDays: (days) => {
      this.#days = PERIODS.find((one) => one === days) ?? '7'
      this.open()
    },
    outagesOpen: () => {
      this.#isOpenOnly = !this.#isOpenOnly
      this.open()
    },
    outageAck: (id) => {
      const outage = this.#outages?.find((one) => one.id === id)
      if (outage !== undefined) void this.#acknowledge(outage)
    },
    outagesRetry: () => this.open(),
  }

  open(): void {
    void this.#load()
  }

  async #acknowledge(outage: OutageAnswer): Promise<void> {
    await this.#sources.acknowledgements.askAbout(outage, this.#sources.nameOf(outage.hotspot))
    await this.#load()
  }

  async #load(): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    const to = this.#sources.now() + SECOND
    const query = new URLSearchParams({
      from: formatTime(to - Number(this.#days) * DAY),
      to: formatTime(to),
      limit: String(PAGE),
      ...(this.#isOpenOnly ? { open: 'true' } : {}),
    })
    const found: OutageAnswer[] = []
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await getJson<OutagesAnswer>(`/api/v1/connectivity/outages?${query}`)
      if (asked !== this.#asked) return
      this.#fault = answer.ok ? null : answer.fault
      if (!answer.ok) break
      found.push(...answer.value.outages)
      if (answer.value.next === undefined) break
      query.set('cursor', answer.value.next)
    }
    if (this.#fault === null) this.#outages = found.toReversed()
    this.#sources.onChange()
  }

  view(now: TimeMs): Child {
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'outage-bar' },
        h(
          'div',
          { class: 'segmented', role: 'group', 'aria-label': t('outages.period') },
          PERIODS.map((days) =>
            h(
              'button',
              {
                type: 'button',
                'data-act': 'outageDays',
                'data-arg': days,
                'aria-pressed': String(this.#days === days),
              },
              t('days', { n: Number(days) }),
            ),
          ),
        ),
        h(
          'button',
          {
            type: 'button',
            class: 'button small',
            'data-act': 'outagesOpen',
            'aria-pressed': String(this.#isOpenOnly),
          },
          t('outages.openOnly'),
        ),
        this.#outages === null
          ? null
          : h('p', { class: 'hint', role: 'status' }, t('outages.count', { n: this.#outages.length })),
      ),
      this.#body(now),
    ]
  }

  #body(now: TimeMs): Child {
    if (this.#fault !== null) return faultNotice('outagesRetry')
    if (this.#outages === null) return h('p', { class: 'notice', role: 'status' }, t('loading'))
    if (this.#outages.length === 0) return h('p', { class: 'notice' }, t('outages.none'))
    return h(
      'table',
      { class: 'desk-rows', 'data-key': 'outages' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          COLUMNS.map((key) => h('th', { scope: 'col' }, t(key))),
        ),
      ),
      h(
        'tbody',
        {},
        this.#outages.map((outage) => this.#row(outage, now)),
      ),
    )
  }

  #row(outage: OutageAnswer, now: TimeMs) {
    const { hotspot } = outage
    const from = Date.parse(outage.from)
    const to = outage.to === undefined ? null : Date.parse(outage.to)
    const cause = causeText(outage.cause ?? null, this.#sources.devices())
    return h(
      'tr',
      { 'data-key': outage.id, class: to === null ? 'is-open' : null },
      h(
        'th',
        { scope: 'row' },
        h(
          'button',
          { type: 'button', class: 'link', 'data-act': 'showHotspot', 'data-arg': hotspot },
          this.#sources.nameOf(hotspot),
        ),
      ),
      cell('desk.col.since', h('span', { class: 'nowrap' }, fmt().when(from, now))),
      cell('outages.until', to === null ? h('strong', {}, t('outages.lasting')) : fmt().when(to, now)),
      cell('outages.duration', fmt().duration((to ?? now) - from)),
      // The moment it began is explained: what was seen then, and the readings around it.
      cell(
        'desk.col.cause',
        cause ?? t('outages.noCause'),
        ' ',
        whyButton({ device: hotspot, value: 'state', at: from }, 'sign'),
      ),
      cell('desk.col.ack', this.#handling(outage, now)),
    )
  }

  #handling(outage: OutageAnswer, now: TimeMs): Child {
    const { acknowledgedBy, acknowledgedAt, note, id } = outage
    if (acknowledgedBy !== undefined) {
      const time = acknowledgedAt === undefined ? '' : fmt().when(Date.parse(acknowledgedAt), now)
      return [
        t('desk.acked', { name: acknowledgedBy, time }),
        note === undefined ? null : h('span', { class: 'hint block' }, note),
      ]
    }
    // There is nothing to take on any more.
    if (outage.to !== undefined) return '–'
    const pending = this.#sources.acknowledgements.pending.get(id)
    if (pending === 'sending') return h('span', { class: 'hint', role: 'status' }, t('desk.acking'))
    return [
      pending === 'failed' ? h('span', { class: 'problem', role: 'alert' }, t('desk.ackFailed')) : null,
      h(
        'button',
        { type: 'button', class: 'button small', 'data-act': 'outageAck', 'data-arg': id },
        t('desk.ack'),
      ),
    ]
  }
}

const COLUMNS: readonly TextKey[] = [
  'desk.col.name',
  'desk.col.since',
  'outages.until',
  'outages.duration',
  'desk.col.cause',
  'desk.col.ack',
]

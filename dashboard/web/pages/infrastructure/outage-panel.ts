// The list of outages: what was down since when, for how long, why, and who took it on (domain B4; contract section 4). What failed with its
// parent is folded under it.

import type { DeviceFeature, HotspotStatesAnswer } from '../../../../contract/api.ts'
import type { OutageAnswer, OutagesAnswer } from '../../../../contract/api-staff.ts'
import { DAY, formatTime, SECOND, type TimeMs } from '../../../../contract/time.ts'
import type { Fault } from '../../api.ts'
import { cell, deskTable, faultNotice, nameHead, segmented, smallButton } from '../../desk/cells.ts'
import { LongList } from '../../desk/long-list.ts'
import type { NameOf, Panel, PanelChange, Settings } from '../../desk/panel.ts'
import { wholeList } from '../../desk/whole-list.ts'
import { causeText } from '../../detail/cause-text.ts'
import { whyButton } from '../../detail/explanation.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { type TextKey, t } from '../../text/texts.ts'
import type { Acknowledgements } from './acknowledge.ts'
import { type Below, type OutageGroup, outageGroups } from './outage-groups.ts'

const PERIODS = ['1', '7', '30'] as const
type PeriodDays = (typeof PERIODS)[number]
const FIRST_PERIOD = '7'
const MOST_PAGES = 5

export interface OutageSources extends PanelChange {
  readonly nameOf: NameOf
  readonly devices: () => ReadonlyMap<string, DeviceFeature>
  readonly acknowledgements: Acknowledgements
  readonly now: () => TimeMs
}

export class OutagePanel implements Panel {
  readonly #sources: OutageSources
  readonly #list: LongList
  #days: PeriodDays = FIRST_PERIOD
  #isOpenOnly = false
  #outages: readonly OutageAnswer[] | null = null
  #groups: readonly OutageGroup[] = []
  /** Outages whose members are shown. */
  readonly #unfolded = new Set<string>()
  #fault: Fault | null = null
  #asked = 0

  constructor(sources: OutageSources) {
    this.#sources = sources
    this.#list = new LongList('outagesMore', sources.onChange)
  }

  get acts(): Acts {
    return {
      ...this.#list.acts,
      outageDays: (days) => {
        this.#days = daysOf(days)
        this.#anew()
      },
      outagesOpen: () => {
        this.#isOpenOnly = !this.#isOpenOnly
        this.#anew()
      },
      outageFold: (id) => {
        if (!this.#unfolded.delete(id)) this.#unfolded.add(id)
        this.#sources.onChange()
      },
      outageAck: (id) => {
        const outage = this.#outages?.find((one) => one.id === id)
        if (outage !== undefined) void this.#acknowledge(outage)
      },
      outagesRetry: () => this.open(),
    }
  }

  open(): void {
    void this.#load()
  }

  settings(): Settings {
    return {
      ...(this.#days === FIRST_PERIOD ? {} : { days: this.#days }),
      ...(this.#isOpenOnly ? { only: 'open' } : {}),
    }
  }

  follow(settings: Settings): void {
    this.#days = daysOf(settings['days'])
    this.#isOpenOnly = settings['only'] === 'open'
  }

  #anew(): void {
    this.#list.reset()
    this.#sources.onSettings()
    this.open()
  }

  async #acknowledge(outage: OutageAnswer): Promise<void> {
    await this.#sources.acknowledgements.askAbout(outage, this.#sources.nameOf(outage.hotspot))
    await this.#load()
  }

  async #load(): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    const to = this.#sources.now() + SECOND
    const period = { from: formatTime(to - Number(this.#days) * DAY), to: formatTime(to) }
    const isWanted = (): boolean => asked === this.#asked
    const [outages, states] = await Promise.all([
      wholeList(
        '/api/v1/connectivity/outages',
        { ...period, ...(this.#isOpenOnly ? { open: 'true' } : {}) },
        ({ outages }: OutagesAnswer) => outages,
        MOST_PAGES,
        isWanted,
      ),
      wholeList(
        '/api/v1/connectivity/states',
        period,
        ({ hotspots }: HotspotStatesAnswer) => hotspots,
        MOST_PAGES,
        isWanted,
      ),
    ])
    if (outages === null || states === null) return
    this.#fault = outages.ok ? null : outages.fault
    if (outages.ok) {
      this.#outages = outages.value.toReversed()
      // Without the states the outages stand by themselves.
      this.#groups = outageGroups(this.#outages, states.ok ? states.value : [])
    }
    this.#sources.onChange()
  }

  view(now: TimeMs): Child {
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'outage-bar' },
        segmented(
          'outages.period',
          'outageDays',
          PERIODS.map((days) => [days, t('days', { n: Number(days) })]),
          this.#days,
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
    if (this.#groups.length === 0) return h('p', { class: 'notice' }, t('outages.none'))
    const rows = this.#list
      .of(this.#groups)
      .flatMap(({ outage, below }) => [
        this.#row(outage, now, below.length),
        ...(this.#unfolded.has(outage.id) ? below.map((one) => this.#belowRow(one, outage, now)) : []),
      ])
    return [deskTable('outages', COLUMNS, rows), this.#list.more(this.#groups.length)]
  }

  #row(outage: OutageAnswer, now: TimeMs, below: number) {
    const { hotspot, id } = outage
    const from = Date.parse(outage.from)
    const cause = causeText(outage.cause ?? null, this.#sources.devices())
    return h(
      'tr',
      { 'data-key': id, class: outage.to === undefined ? 'is-open' : null },
      nameHead('showHotspot', hotspot, this.#sources.nameOf(hotspot)),
      spanCells(outage, now),
      // The moment it began is explained: what was seen then, and the readings around it.
      cell(
        'desk.col.cause',
        cause ?? t('outages.noCause'),
        ' ',
        whyButton({ device: hotspot, value: 'state', at: from }, 'sign'),
        below === 0 ? null : foldButton('outageFold', id, below, this.#unfolded.has(id)),
      ),
      cell('desk.col.ack', this.#handling(outage, now)),
    )
  }

  /** What could not be reached meanwhile: it is taken on with the one above. */
  #belowRow(below: Below, above: OutageAnswer, now: TimeMs) {
    const { hotspot } = below
    return h(
      'tr',
      { 'data-key': `${above.id} ${hotspot}`, class: 'is-below' },
      nameHead('showHotspot', hotspot, this.#sources.nameOf(hotspot)),
      spanCells(below, now),
      cell(
        'desk.col.cause',
        causeText(`parent:${above.hotspot}`, this.#sources.devices()),
        ' ',
        whyButton({ device: hotspot, value: 'state', at: Date.parse(below.from) }, 'sign'),
      ),
      cell('desk.col.ack', '–'),
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
      smallButton('outageAck', id, t('desk.ack')),
    ]
  }
}

function spanCells(lasting: Pick<Below, 'from' | 'to'>, now: TimeMs): Child {
  const from = Date.parse(lasting.from)
  const to = lasting.to === undefined ? null : Date.parse(lasting.to)
  return [
    cell('desk.col.since', h('span', { class: 'nowrap' }, fmt().when(from, now))),
    cell('outages.until', to === null ? h('strong', {}, t('outages.lasting')) : fmt().when(to, now)),
    cell('outages.duration', fmt().duration((to ?? now) - from)),
  ]
}

/** `1 cause, 7 hotspots affected`, which shows and hides them. */
export function foldButton(act: string, id: string, affected: number, isUnfolded: boolean) {
  return h(
    'button',
    {
      type: 'button',
      class: 'link fold',
      'data-act': act,
      'data-arg': id,
      'aria-expanded': String(isUnfolded),
    },
    t('desk.cause', { n: affected }),
  )
}

function daysOf(text: string | undefined): PeriodDays {
  return PERIODS.find((one) => one === text) ?? FIRST_PERIOD
}

const COLUMNS: readonly TextKey[] = [
  'desk.col.name',
  'desk.col.since',
  'outages.until',
  'outages.duration',
  'desk.col.cause',
  'desk.col.ack',
]

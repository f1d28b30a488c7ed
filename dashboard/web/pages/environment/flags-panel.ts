// The list of quality flags: which readings of which station are in doubt, by which test or by whom, since when; flags set by hand here,
// and taken back (contract section 4).

import type { TimeMs } from '../../../../contract/time.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { metricName } from '../../metric-text.ts'
import { toast } from '../../shell/toast.ts'
import { type TextKey, t } from '../../text/texts.ts'
import { cell, faultNotice } from '../infrastructure/cells.ts'
import type { Panel } from '../infrastructure/panel.ts'
import { askFlag, type Flaggable } from './flag-form.ts'
import type { Episode, FlagStore } from './flag-store.ts'

export interface FlagSources {
  readonly flags: FlagStore
  readonly nameOf: (id: string) => string
  readonly stations: () => readonly Flaggable[]
  readonly zone: string
  readonly now: () => TimeMs
  readonly onChange: () => void
}

const KINDS = ['all', 'bad', 'hand'] as const
type KindShown = (typeof KINDS)[number]

const ROWS = 200

export class FlagPanel implements Panel {
  readonly #sources: FlagSources
  #kind: KindShown = 'all'
  #removing: string | null = null
  #removeFailed: string | null = null

  constructor(sources: FlagSources) {
    this.#sources = sources
  }

  readonly acts: Acts = {
    flagKind: (kind) => {
      this.#kind = KINDS.find((one) => one === kind) ?? 'all'
      this.#sources.onChange()
    },
    flagAdd: (station) => void this.#add(station),
    flagRemove: (id) => void this.#remove(id),
    flagsRetry: () => this.open(),
  }

  open(): void {
    void this.#sources.flags.load()
  }

  async #add(station: string): Promise<void> {
    const { stations, zone, now, flags, nameOf } = this.#sources
    const made = await askFlag({
      stations: stations(),
      chosen: station === '' ? null : station,
      zone,
      now: now(),
    })
    if (made === null) return
    await flags.load()
    toast(t('flags.added', { name: nameOf(made.device), metric: metricName(made.metric) }))
  }

  async #remove(id: string): Promise<void> {
    this.#removing = id
    this.#removeFailed = null
    this.#sources.onChange()
    const fault = await this.#sources.flags.remove(id)
    this.#removing = null
    this.#removeFailed = fault === null ? null : id
    this.#sources.onChange()
    if (fault === null) toast(t('flags.removed'))
  }

  view(now: TimeMs): Child {
    const { episodes } = this.#sources.flags
    const shown = (episodes ?? []).filter((one) => isShown(one, this.#kind))
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'flags-bar' },
        h(
          'div',
          { class: 'segmented', role: 'group', 'aria-label': t('flags.show') },
          KINDS.map((kind) =>
            h(
              'button',
              {
                type: 'button',
                'data-act': 'flagKind',
                'data-arg': kind,
                'aria-pressed': String(kind === this.#kind),
              },
              t(`flags.show.${kind}` as const),
            ),
          ),
        ),
        episodes === null
          ? null
          : h('p', { class: 'hint', role: 'status' }, t('flags.count', { n: shown.length })),
        h(
          'button',
          { type: 'button', class: 'button small primary bar-end', 'data-act': 'flagAdd', 'data-arg': '' },
          t('flags.add'),
        ),
      ),
      h('p', { class: 'hint', 'data-key': 'flags-hint' }, t('flags.hint')),
      this.#body(shown, now),
    ]
  }

  #body(shown: readonly Episode[], now: TimeMs): Child {
    const { flags } = this.#sources
    if (flags.fault !== null) return faultNotice('flagsRetry')
    if (flags.episodes === null) return h('p', { class: 'notice', role: 'status' }, t('loading'))
    if (shown.length === 0) return h('p', { class: 'notice' }, t('flags.none'))
    return h(
      'table',
      { class: 'desk-rows', 'data-key': 'flags' },
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
        shown.slice(0, ROWS).map((episode) => this.#row(episode, now)),
      ),
    )
  }

  #row(episode: Episode, now: TimeMs) {
    const { flag, device, from, to } = episode
    return h(
      'tr',
      { 'data-key': episode.id },
      h(
        'th',
        { scope: 'row' },
        h(
          'button',
          { type: 'button', class: 'link', 'data-act': 'showStation', 'data-arg': device },
          this.#sources.nameOf(device),
        ),
      ),
      cell('flags.metric', metricName(episode.metric)),
      cell(
        'flags.what',
        t(`flag.${flag.flag}` as const),
        h('span', { class: 'hint block' }, t(`flags.${flag.quality}` as const)),
      ),
      cell(
        'flags.when',
        h('span', { class: 'nowrap' }, fmt().when(from, now)),
        ` – ${to > now ? t('flags.open') : fmt().when(to, now)}`,
        h('span', { class: 'hint block' }, fmt().duration(Math.max(0, to - from))),
      ),
      cell('flags.by', this.#setBy(episode)),
      cell('maintenance.actions', this.#actions(episode)),
    )
  }

  #setBy({ flag, isByHand }: Episode): Child {
    if (!isByHand)
      return t('flags.test', {
        rule: t(`flags.rule.${ruleOf(flag.rule.name)}` as const),
        version: flag.rule.version,
      })
    return [flag.by ?? '', flag.note === undefined ? null : h('span', { class: 'hint block' }, flag.note)]
  }

  #actions({ id, isByHand }: Episode): Child {
    if (!isByHand) return h('span', { class: 'hint' }, t('flags.byTest'))
    return [
      this.#removeFailed === id
        ? h('span', { class: 'problem', role: 'alert' }, t('flags.removeFailed'))
        : null,
      h(
        'button',
        {
          type: 'button',
          class: 'button small',
          'data-act': 'flagRemove',
          'data-arg': id,
          disabled: this.#removing === id,
        },
        t('flags.remove'),
      ),
    ]
  }
}

const RULES = ['range', 'spike', 'rate', 'stuck', 'neighbour'] as const

function ruleOf(name: string): (typeof RULES)[number] {
  return RULES.find((one) => one === name) ?? 'range'
}

function isShown({ flag, isByHand }: Episode, kind: KindShown): boolean {
  if (kind === 'hand') return isByHand
  return kind === 'all' || flag.quality === 'bad'
}

const COLUMNS: readonly TextKey[] = [
  'env.col.name',
  'flags.metric',
  'flags.what',
  'flags.when',
  'flags.by',
  'maintenance.actions',
]

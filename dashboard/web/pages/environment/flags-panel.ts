// The list of quality flags: which readings of which station are in doubt, by which test or by whom, since when; flags set by hand here,
// taken back, and what was just done undone (contract section 4).

import type { FlagAnswer } from '../../../../contract/api-staff.ts'
import type { TimeMs } from '../../../../contract/time.ts'
import { cell, deskTable, faultNotice, nameHead, segmented } from '../../desk/cells.ts'
import { doneLine } from '../../desk/done-line.ts'
import { LongList } from '../../desk/long-list.ts'
import type { NameOf, Panel, PanelChange, Settings } from '../../desk/panel.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { metricName } from '../../metric-text.ts'
import { type TextKey, t } from '../../text/texts.ts'
import { askFlag, type Flaggable } from './flag-form.ts'
import type { Episode, FlagStore } from './flag-store.ts'

export interface FlagSources extends PanelChange {
  readonly flags: FlagStore
  readonly nameOf: NameOf
  readonly stations: () => readonly Flaggable[]
  readonly zone: string
  readonly now: () => TimeMs
}

const KINDS = ['all', 'bad', 'hand'] as const
type KindShown = (typeof KINDS)[number]

/** What can be undone: a flag that was set, or one that was taken back. */
interface Done {
  readonly type: 'added' | 'removed'
  readonly flag: FlagAnswer
}

export class FlagPanel implements Panel {
  readonly #sources: FlagSources
  readonly #list: LongList
  #kind: KindShown = KINDS[0]
  #busy: string | null = null
  #failed: string | null = null
  #done: Done | null = null

  constructor(sources: FlagSources) {
    this.#sources = sources
    this.#list = new LongList('flagsMore', sources.onChange)
  }

  get acts(): Acts {
    return {
      ...this.#list.acts,
      flagKind: (kind) => {
        this.#kind = kindOf(kind)
        this.#list.reset()
        this.#sources.onSettings()
        this.#sources.onChange()
      },
      flagAdd: (station) => void this.#add(station),
      flagRemove: (id) => {
        const episode = this.#sources.flags.episodes?.find((one) => one.id === id)
        if (episode !== undefined) void this.#remove(episode.flag, { type: 'removed', flag: episode.flag })
      },
      undo: () => void this.#undo(),
      flagsRetry: () => this.open(),
    }
  }

  open(): void {
    void this.#sources.flags.load()
  }

  settings(): Settings {
    return this.#kind === KINDS[0] ? {} : { only: this.#kind }
  }

  follow(settings: Settings): void {
    this.#kind = kindOf(settings['only'])
  }

  async #add(station: string): Promise<void> {
    const { stations, zone, now, flags } = this.#sources
    const chosen = station === '' ? null : station
    const made = await askFlag({ stations: stations(), chosen, zone, now: now() })
    if (made === null) return
    this.#done = { type: 'added', flag: made }
    await flags.load()
  }

  async #remove(flag: FlagAnswer, done: Done | null): Promise<void> {
    await this.#change(flag.id, async () => {
      const fault = await this.#sources.flags.remove(flag.id)
      if (fault === null) this.#done = done
      return fault === null
    })
  }

  /** A flag that was taken back is set again by whoever undoes it. */
  async #undo(): Promise<void> {
    const done = this.#done
    if (done === null) return
    if (done.type === 'added') return this.#remove(done.flag, null)
    await this.#change(done.flag.id, async () => {
      const answer = await this.#sources.flags.restore(done.flag)
      if (answer.ok) this.#done = null
      return answer.ok
    })
  }

  async #change(id: string, send: () => Promise<boolean>): Promise<void> {
    this.#busy = id
    this.#failed = null
    this.#sources.onChange()
    const isDone = await send()
    this.#busy = null
    this.#failed = isDone ? null : id
    this.#sources.onChange()
  }

  view(now: TimeMs): Child {
    const { episodes } = this.#sources.flags
    const shown = (episodes ?? []).filter((one) => isShown(one, this.#kind))
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'flags-bar' },
        segmented(
          'flags.show',
          'flagKind',
          KINDS.map((kind) => [kind, t(`flags.show.${kind}` as const)]),
          this.#kind,
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
      this.#done === null ? null : doneLine(this.#doneText(this.#done)),
      h('p', { class: 'hint', 'data-key': 'flags-hint' }, t('flags.hint')),
      this.#body(shown, now),
    ]
  }

  #doneText({ type, flag }: Done): string {
    const fill = { name: this.#sources.nameOf(flag.device), metric: metricName(flag.metric) }
    return t(`flags.${type}` as const, fill)
  }

  #body(shown: readonly Episode[], now: TimeMs): Child {
    const { flags } = this.#sources
    if (flags.fault !== null) return faultNotice('flagsRetry')
    if (flags.episodes === null) return h('p', { class: 'notice', role: 'status' }, t('loading'))
    if (shown.length === 0) return h('p', { class: 'notice' }, t('flags.none'))
    return [
      deskTable(
        'flags',
        COLUMNS,
        this.#list.of(shown).map((episode) => this.#row(episode, now)),
      ),
      this.#list.more(shown.length),
    ]
  }

  #row(episode: Episode, now: TimeMs) {
    const { flag, device, from, to } = episode
    return h(
      'tr',
      { 'data-key': episode.id },
      nameHead('showStation', device, this.#sources.nameOf(device)),
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
      cell('flags.by', this.#setBy(episode, now)),
      cell('maintenance.actions', this.#actions(episode)),
    )
  }

  #setBy({ flag, isByHand }: Episode, now: TimeMs): Child {
    if (!isByHand)
      return t('flags.test', {
        rule: t(`flags.rule.${ruleOf(flag.rule.name)}` as const),
        version: flag.rule.version,
      })
    return [
      t('flags.setBy', { name: flag.by ?? '–', time: fmt().when(Date.parse(flag.set), now) }),
      flag.note === undefined ? null : h('span', { class: 'hint block' }, flag.note),
    ]
  }

  #actions({ id, isByHand }: Episode): Child {
    if (!isByHand) return h('span', { class: 'hint' }, t('flags.byTest'))
    return [
      this.#failed === id ? h('span', { class: 'problem', role: 'alert' }, t('flags.removeFailed')) : null,
      h(
        'button',
        {
          type: 'button',
          class: 'button small',
          'data-act': 'flagRemove',
          'data-arg': id,
          disabled: this.#busy === id,
        },
        t('flags.remove'),
      ),
    ]
  }
}

function kindOf(text: string | undefined): KindShown {
  return KINDS.find((one) => one === text) ?? KINDS[0]
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

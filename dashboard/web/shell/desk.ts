// What the desks share: a table that is filtered by key figures and by name, whose order does not move under a pointer, and one
// row in detail beside it.

import type { DeviceFeature } from '../../../contract/api.ts'
import type { TimeMs } from '../../../contract/time.ts'
import { HistorySlot } from '../chart/history-slot.ts'
import { type Acts, listen } from '../dom/act.ts'
import { byId, type Child, h } from '../dom/h.ts'
import { oncePerFrame } from '../dom/once-per-frame.ts'
import { patch } from '../dom/patch.ts'
import { palette } from '../map/palette.ts'
import { Sprites } from '../map/sprites.ts'
import { fold } from '../search.ts'
import { onLanguage, type TextKey, t } from '../text/texts.ts'
import type { DeskFeed } from './desk-feed.ts'
import { FrozenOrder } from './frozen-order.ts'
import type { Shell } from './shell.ts'
import { areColoursForced, onTheme, shownTheme } from './theme.ts'
import type { Selection, UrlState } from './url-state.ts'

export interface DeskRow {
  readonly id: string
  readonly name: string
  readonly feature: DeviceFeature
}

export interface DeskLook {
  readonly sprites: Sprites
  readonly now: TimeMs
  readonly selected: string | null
}

export interface DeskParts<Row extends DeskRow, Filter extends string> {
  readonly kind: Selection['kind']
  readonly filters: readonly Filter[]
  /** All rows in their order. */
  rows(now: TimeMs): readonly Row[]
  isFiltered(row: Row, filter: Filter | null): boolean
  figures(all: readonly Row[], filter: Filter | null): Child
  table(rows: readonly Row[], look: DeskLook): Child
  detail(row: Row, look: DeskLook): Child
  /** How many there are, what is said when there is none, and when none passes the filter. */
  readonly texts: { readonly count: TextKey; readonly empty: TextKey; readonly none: TextKey }
  /** Of the rows that pass the filter, those that are shown by themselves. */
  fold?(rows: readonly Row[]): readonly Row[]
  /** The address says something else: as another step, or in place of what it said. */
  onAddress?(isStep: boolean): void
  /** At the end of the bar above the table. */
  barEnd?(now: TimeMs): Child
  /** In front of the page's title. */
  alarm?(all: readonly Row[]): string
}

const ROWS_AT_ONCE = 100
const TICK_MS = 1_000

export class Desk<Row extends DeskRow, Filter extends string> {
  readonly #shell: Shell
  readonly #parts: DeskParts<Row, Filter>
  #feed: DeskFeed | null = null
  #history: HistorySlot | null = null
  readonly #sprites = new Sprites(palette(shownTheme(), areColoursForced()), window.devicePixelRatio)
  readonly #order = new FrozenOrder(byId('table'))
  #filter: Filter | null = null
  #query = ''
  #selected: string | null = null
  #most = ROWS_AT_ONCE
  /** Draws with the next frame. */
  readonly renderSoon = oncePerFrame(() => this.#render())

  constructor(shell: Shell, parts: DeskParts<Row, Filter>) {
    this.#shell = shell
    this.#parts = parts
  }

  start(feed: DeskFeed, acts: Acts = {}): void {
    this.#feed = feed
    this.#history = new HistorySlot(byId('detail'), feed.store, () => this.#shell.serverClock.now())
    byId('desk').hidden = false
    listen(byId('content'), { ...this.#acts(), ...acts })
    document.addEventListener('keydown', (event) => {
      const isInDialog = document.querySelector('dialog[open]') !== null
      if (event.key === 'Escape' && this.#selected !== null && !isInDialog) this.#close()
    })
    onLanguage(() => this.#render())
    onTheme(() => {
      this.#sprites.setPalette(palette(shownTheme(), areColoursForced()))
      this.#render()
    })
    setInterval(() => {
      if (!document.hidden) this.#render()
    }, TICK_MS)
    this.#render()
  }

  /** Shows the row in detail. */
  select(id: string): void {
    this.#selected = id
    this.#render()
    this.#parts.onAddress?.(true)
    byId('detail').querySelector<HTMLElement>('#detail-title')?.focus()
  }

  address(): Partial<UrlState> {
    const selected = this.#selected
    return {
      selection: selected === null ? null : { kind: this.#parts.kind, id: selected },
      state: this.#filter,
      query: this.#query === '' ? null : this.#query,
    }
  }

  follow({ selection, state, query }: UrlState): void {
    this.#selected = selection?.kind === this.#parts.kind ? selection.id : null
    this.#filter = this.#parts.filters.find((one) => one === state) ?? null
    this.#query = query ?? ''
    this.#order.thaw()
    this.#render()
    const field = byId('desk-bar').querySelector('input')
    if (field !== null) field.value = this.#query
  }

  #acts(): Acts {
    const anew = (): void => {
      this.#order.thaw()
      this.#render()
    }
    return {
      filter: (name) => {
        const next = this.#parts.filters.find((one) => one === name) ?? null
        this.#filter = next === this.#filter ? null : next
        anew()
        this.#parts.onAddress?.(false)
      },
      query: (_argument, target) => {
        if (target instanceof HTMLInputElement) this.#query = target.value
        // The letter is seen first.
        this.#order.thaw()
        this.renderSoon()
        this.#parts.onAddress?.(false)
      },
      select: (id) => this.select(id),
      close: () => this.#close(),
      reorder: anew,
      more: () => {
        this.#most += ROWS_AT_ONCE
        this.#render()
      },
    }
  }

  /** Back to the row that was opened. */
  #close(): void {
    const row = this.#selected
    this.#selected = null
    this.#render()
    this.#parts.onAddress?.(true)
    byId('table')
      .querySelector<HTMLElement>(`[data-arg="${CSS.escape(row ?? '')}"]`)
      ?.focus()
  }

  #render(): void {
    const feed = this.#feed
    if (feed === null) return
    const parts = this.#parts
    const now = this.#shell.serverClock.now()
    const all = parts.rows(now)
    const { rows, moved } = this.#order.apply(
      all.filter((row) => parts.isFiltered(row, this.#filter) && isNamed(row, this.#query)),
    )
    const look = { sprites: this.#sprites, now, selected: this.#selected }
    const selected = all.find(({ id }) => id === this.#selected) ?? null
    byId('desk').classList.toggle('has-selection', selected !== null)
    byId('detail').hidden = selected === null
    this.#shell.setTitle(parts.alarm?.(all) ?? '')
    this.#shell.setSimulated(all.some(({ feature }) => feature.properties.simulated))
    feed.renderBanner()
    patch(byId('kpi'), parts.figures(all, this.#filter))
    patch(byId('desk-bar'), this.#bar(all.length, rows.length, moved, now))
    patch(byId('table'), this.#body(feed, all.length, rows, look))
    patch(byId('detail'), selected === null ? null : parts.detail(selected, look))
    this.#history?.keep()
  }

  #bar(all: number, shown: number, moved: number, now: TimeMs): Child {
    const { texts, barEnd } = this.#parts
    const button = (act: string, text: string) =>
      h('button', { type: 'button', class: 'button small', 'data-act': act, 'data-key': act }, text)
    return [
      h(
        'label',
        { class: 'field-inline', 'data-key': 'query' },
        h('span', { class: 'sr-only' }, t('desk.filter')),
        h('input', { type: 'search', 'data-input': 'query', placeholder: t('desk.filter') }),
      ),
      h(
        'p',
        { class: 'hint', role: 'status', 'data-key': 'count' },
        shown === all ? t(texts.count, { n: all }) : t('desk.shown', { n: shown, all }),
      ),
      this.#filter === null ? null : button('filter', t('all')),
      moved === 0 ? null : button('reorder', t('desk.reorder', { n: moved })),
      barEnd === undefined ? null : h('div', { class: 'hint bar-end', 'data-key': 'end' }, barEnd(now)),
    ]
  }

  #body(feed: DeskFeed, all: number, rows: readonly Row[], look: DeskLook): Child {
    const { texts, table, fold } = this.#parts
    if (feed.store.feedTime === null) {
      return h('div', { class: 'skeleton is-loading', role: 'status' }, h('p', {}, t('fresh.waiting')))
    }
    if (all === 0) return h('p', { class: 'notice' }, t(texts.empty))
    if (rows.length === 0) return h('p', { class: 'notice' }, t(texts.none))
    const shown = fold?.(rows) ?? rows
    return [
      table(shown.slice(0, this.#most), look),
      shown.length <= this.#most
        ? null
        : h('button', { type: 'button', class: 'button wide', 'data-act': 'more' }, t('more')),
    ]
  }
}

function isNamed({ id, name }: DeskRow, query: string): boolean {
  const wanted = fold(query)
  return wanted === '' || fold(name).includes(wanted) || id.includes(wanted)
}

// The views of a desk: its table, and panels beside it. One is seen at a time, and stands in the page's address.

import type { TimeMs } from '../../../contract/time.ts'
import { byId, h } from '../dom/h.ts'
import { oncePerFrame } from '../dom/once-per-frame.ts'
import { patch } from '../dom/patch.ts'
import type { UrlState } from '../shell/url-state.ts'
import { onLanguage } from '../text/texts.ts'
import type { Panel } from './panel.ts'

export interface Tab {
  readonly name: string
  title(): string
  /** Null for the table. */
  readonly panel: Panel | null
}

export interface TabsSources {
  readonly now: () => TimeMs
  /** Another view is shown: the address has a new entry. */
  readonly onOpen: () => void
}

/** Durations of what lasts go on. */
const TICK_MS = 10_000

export class Tabs {
  readonly #tabs: readonly [Tab, ...Tab[]]
  readonly #sources: TabsSources
  #shown: Tab
  /** Draws with the next frame. */
  readonly renderSoon = oncePerFrame(() => this.render())

  /** The first one is shown at first. */
  constructor(tabs: readonly [Tab, ...Tab[]], sources: TabsSources) {
    this.#tabs = tabs
    this.#sources = sources
    this.#shown = tabs[0]
  }

  start(): void {
    onLanguage(() => this.render())
    setInterval(() => {
      if (!document.hidden) this.render()
    }, TICK_MS)
    this.render()
  }

  show(name: string): void {
    const before = this.#shown
    this.#turnTo(name)
    if (this.#shown !== before) this.#sources.onOpen()
    this.#shown.panel?.open()
  }

  address(): Partial<UrlState> {
    const { name, panel } = this.#shown
    const settings = panel?.settings?.() ?? {}
    return { desk: this.#shown === this.#tabs[0] ? settings : { tab: name, ...settings } }
  }

  follow({ desk }: UrlState): void {
    this.#turnTo(desk['tab'] ?? '')
    this.#shown.panel?.follow?.(desk)
    this.#shown.panel?.open()
    this.render()
  }

  #turnTo(name: string): void {
    this.#shown = this.#tabs.find((one) => one.name === name) ?? this.#tabs[0]
    this.render()
  }

  render(): void {
    const { name, panel } = this.#shown
    for (const id of ['kpi', 'desk-columns']) byId(id).hidden = panel !== null
    byId('panel').hidden = panel === null
    patch(
      byId('desk-tabs'),
      this.#tabs.map((tab) =>
        h(
          'button',
          {
            type: 'button',
            'data-act': 'tab',
            'data-arg': tab.name,
            'aria-pressed': String(tab === this.#shown),
          },
          tab.title(),
        ),
      ),
    )
    patch(
      byId('panel'),
      panel === null
        ? null
        : h('div', { class: 'desk-panel', 'data-key': name }, panel.view(this.#sources.now())),
    )
  }
}

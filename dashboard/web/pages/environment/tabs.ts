// The views of the environment desk: stations, quality flags, exceedances. One is seen at a time.

import type { TimeMs } from '../../../../contract/time.ts'
import { byId, h } from '../../dom/h.ts'
import { oncePerFrame } from '../../dom/once-per-frame.ts'
import { patch } from '../../dom/patch.ts'
import { onLanguage, type TextKey, t } from '../../text/texts.ts'
import type { Panel } from '../infrastructure/panel.ts'

const TABS = ['stations', 'flags', 'exceedances'] as const
type TabName = (typeof TABS)[number]

const TITLES: Readonly<Record<TabName, TextKey>> = {
  stations: 'env.tab.stations',
  flags: 'env.tab.flags',
  exceedances: 'env.tab.exceedances',
}

export class Tabs {
  readonly #panels: Readonly<Record<Exclude<TabName, 'stations'>, Panel>>
  readonly #now: () => TimeMs
  #shown: TabName = 'stations'
  /** Draws with the next frame. */
  readonly renderSoon = oncePerFrame(() => this.#render())

  constructor(panels: Readonly<Record<Exclude<TabName, 'stations'>, Panel>>, now: () => TimeMs) {
    this.#panels = panels
    this.#now = now
  }

  start(): void {
    onLanguage(() => this.#render())
    this.#render()
  }

  show(name: string): void {
    const tab = TABS.find((one) => one === name) ?? 'stations'
    this.#shown = tab
    this.#render()
    if (tab !== 'stations') this.#panels[tab].open()
  }

  #render(): void {
    const shown = this.#shown
    for (const id of ['kpi', 'desk-columns']) byId(id).hidden = shown !== 'stations'
    byId('panel').hidden = shown === 'stations'
    patch(
      byId('desk-tabs'),
      TABS.map((tab) =>
        h(
          'button',
          { type: 'button', 'data-act': 'tab', 'data-arg': tab, 'aria-pressed': String(tab === shown) },
          t(TITLES[tab]),
        ),
      ),
    )
    patch(
      byId('panel'),
      shown === 'stations'
        ? null
        : h('div', { class: 'desk-panel', 'data-key': shown }, this.#panels[shown].view(this.#now())),
    )
  }
}

// The views of the infrastructure desk: hotspots, outages, maintenance, report. One is seen at a time.

import type { TimeMs } from '../../../../contract/time.ts'
import { byId, h } from '../../dom/h.ts'
import { oncePerFrame } from '../../dom/once-per-frame.ts'
import { patch } from '../../dom/patch.ts'
import { onLanguage, type TextKey, t } from '../../text/texts.ts'
import type { Panel } from './panel.ts'

const TABS = ['hotspots', 'outages', 'maintenance', 'report'] as const
type TabName = (typeof TABS)[number]

const TITLES: Readonly<Record<TabName, TextKey>> = {
  hotspots: 'tab.hotspots',
  outages: 'tab.outages',
  maintenance: 'tab.maintenance',
  report: 'tab.report',
}
/** Durations of what lasts go on. */
const TICK_MS = 10_000

export class Tabs {
  readonly #panels: Readonly<Record<Exclude<TabName, 'hotspots'>, Panel>>
  readonly #now: () => TimeMs
  readonly #openOutages: () => number
  #shown: TabName = 'hotspots'
  /** Draws with the next frame. */
  readonly renderSoon = oncePerFrame(() => this.#render())

  constructor(
    panels: Readonly<Record<Exclude<TabName, 'hotspots'>, Panel>>,
    now: () => TimeMs,
    openOutages: () => number,
  ) {
    this.#panels = panels
    this.#now = now
    this.#openOutages = openOutages
  }

  start(): void {
    onLanguage(() => this.#render())
    setInterval(() => {
      if (!document.hidden) this.#render()
    }, TICK_MS)
    this.#render()
  }

  show(name: string): void {
    const tab = TABS.find((one) => one === name) ?? 'hotspots'
    this.#shown = tab
    this.#render()
    if (tab !== 'hotspots') this.#panels[tab].open()
  }

  #render(): void {
    const shown = this.#shown
    for (const id of ['kpi', 'desk-columns']) byId(id).hidden = shown !== 'hotspots'
    byId('panel').hidden = shown === 'hotspots'
    patch(
      byId('desk-tabs'),
      TABS.map((tab) =>
        h(
          'button',
          { type: 'button', 'data-act': 'tab', 'data-arg': tab, 'aria-pressed': String(tab === shown) },
          this.#title(tab),
        ),
      ),
    )
    patch(
      byId('panel'),
      shown === 'hotspots'
        ? null
        : h('div', { class: 'desk-panel', 'data-key': shown }, this.#panels[shown].view(this.#now())),
    )
  }

  #title(tab: TabName): string {
    const open = tab === 'outages' ? this.#openOutages() : 0
    return open === 0 ? t(TITLES[tab]) : `${t(TITLES[tab])} (${open})`
  }
}

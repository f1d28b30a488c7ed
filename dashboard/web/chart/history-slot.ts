// Keeps the one history of a panel alive while the panel is drawn again around it.

import type { TimeMs } from '../../../contract/time.ts'
import type { DeviceStore } from '../live/device-store.ts'
import { chartMetrics } from '../metric-text.ts'
import { History } from './history.ts'

export class HistorySlot {
  readonly #panel: HTMLElement
  readonly #store: DeviceStore
  readonly #now: () => TimeMs
  #open: { readonly device: string; readonly root: HTMLElement; readonly history: History } | null = null

  constructor(panel: HTMLElement, store: DeviceStore, now: () => TimeMs) {
    this.#panel = panel
    this.#store = store
    this.#now = now
  }

  /** Called after the panel was drawn: opens, keeps or closes the history in its `[data-history]`. */
  keep(): void {
    const root = this.#panel.querySelector<HTMLElement>('[data-history]')
    const device = root?.dataset['history'] ?? null
    if (this.#open !== null && (this.#open.device !== device || this.#open.root !== root)) this.close()
    const feature = device === null ? undefined : this.#store.devices.get(device)
    if (root === null || device === null || feature === undefined || this.#open !== null) return
    const of = { device, kind: feature.properties.kind, metrics: chartMetrics(feature) }
    this.#open = { device, root, history: new History(root, of, this.#now) }
  }

  close(): void {
    this.#open?.history.close()
    this.#open = null
  }
}

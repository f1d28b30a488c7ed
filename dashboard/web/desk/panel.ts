// One of the views of a desk beside its table: outages, quality flags, a report.

import type { TimeMs } from '../../../contract/time.ts'
import type { Acts } from '../dom/act.ts'
import type { Child } from '../dom/h.ts'

/** What of a view stands in the page's address, by name; what is as at first is left out. */
export type Settings = Readonly<Record<string, string>>

export interface Panel {
  view(now: TimeMs): Child
  /** It came into view: loads what it shows. */
  open(): void
  readonly acts: Acts
  settings?(): Settings
  /** Takes over what an address says; what it does not say is as at first. */
  follow?(settings: Settings): void
}

/** Tells the page that what is shown has changed, and, where its address has too, that. */
export interface PanelChange {
  readonly onChange: () => void
  readonly onSettings: () => void
}

export type NameOf = (id: string) => string

// One of the views beside the table of hotspots: outages, maintenance, report.

import type { TimeMs } from '../../../../contract/time.ts'
import type { Acts } from '../../dom/act.ts'
import type { Child } from '../../dom/h.ts'

export interface Panel {
  view(now: TimeMs): Child
  /** It came into view: loads what it shows. */
  open(): void
  readonly acts: Acts
}

export type HotspotName = (id: string) => string

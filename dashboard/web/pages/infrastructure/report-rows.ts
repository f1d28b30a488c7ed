// Rows of the report: a hotspot with the way to each number's explanation, and sums of several.

import { SECOND, type TimeMs } from '../../../../contract/time.ts'
import { type Column, nameHead, numberCell, wideCell } from '../../desk/cells.ts'
import { whyButton } from '../../detail/explanation.ts'
import { percentText } from '../../detail/hotspot-section.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { t } from '../../text/texts.ts'
import type { UptimeRow, UptimeSum } from './uptime-sums.ts'
import { verdictOf } from './verdict.ts'

export interface ReportLook {
  readonly from: TimeMs
  readonly to: TimeMs
  readonly target: number
}

export const REPORT_COLUMNS: readonly Column[] = [
  'desk.col.name',
  ['report.avail', 'number'],
  ['report.known', 'number'],
  ['report.down', 'number'],
  ['state.unknown', 'number is-wide'],
  ['state.maintenance', 'number is-wide'],
  ['report.outages', 'number'],
  ['report.mttr', 'number'],
  ['report.mtbf', 'number is-wide'],
  ['report.p50', 'number'],
  ['desk.col.p95', 'number'],
  ['desk.col.loss', 'number'],
]

export function reportRow(row: UptimeRow, look: ReportLook) {
  const why = (value: string): Child => [
    ' ',
    whyButton({ device: row.id, value, from: look.from, at: look.to }, 'sign'),
  ]
  const measured = (member: 'latency_p50_ms' | 'latency_p95_ms' | 'loss_pct', unit: string): Child => {
    const value = row[member]
    return value === null ? '–' : [fmt().value(value, unit), why(member)]
  }
  return h('tr', { 'data-key': row.id }, nameHead('showHotspot', row.id, row.name), [
    timeCells(row, look, why('availability')),
    numberCell('report.p50', measured('latency_p50_ms', 'ms')),
    numberCell('desk.col.p95', measured('latency_p95_ms', 'ms')),
    numberCell('desk.col.loss', measured('loss_pct', '%')),
  ])
}

/** Percentiles of several hotspots are not those of their percentiles, so none are shown. */
export function sumRow(key: string, name: string, sum: UptimeSum, look: ReportLook) {
  return h('tr', { class: 'total', 'data-key': key }, h('th', { scope: 'row' }, name), [
    timeCells(sum, look, null),
    numberCell('report.p50', '–'),
    numberCell('desk.col.p95', '–'),
    numberCell('desk.col.loss', '–'),
  ])
}

export function timeCells(sum: UptimeSum, look: ReportLook, why: Child): Child {
  const { knownShare, mttr_s, mtbf_s } = sum
  return [
    numberCell('report.avail', availability(sum, look.target, why)),
    numberCell('report.known', knownShare === null ? '–' : fmt().known(knownShare, 1)),
    numberCell('report.down', durationText(sum.down_s)),
    wideCell('state.unknown', durationText(sum.unknown_s)),
    wideCell('state.maintenance', durationText(sum.maintenance_s)),
    numberCell('report.outages', fmt().whole(sum.outages)),
    numberCell('report.mttr', mttr_s === null ? '–' : durationText(mttr_s)),
    wideCell('report.mtbf', mtbf_s === null ? '–' : durationText(mtbf_s)),
  ]
}

function availability({ availability, knownShare }: UptimeSum, target: number, why: Child): Child {
  if (availability === null) return '–'
  const verdict = verdictOf(availability, knownShare, target)
  return [
    percentText(availability),
    why,
    h('span', { class: `verdict-word is-${verdict}` }, t(`report.${verdict}` as const)),
  ]
}

const durationText = (seconds: number): string => fmt().duration(seconds * SECOND)

// The parts of the infrastructure desk: the table and the detail.

import type { DeviceFeature } from '../../../../contract/api.ts'
import { isClockWrong } from '../../../../domain/connectivity/clock-error.ts'
import { FLAP_STATES, FLAP_THRESHOLDS } from '../../../../domain/connectivity/flapping.ts'
import { freshText } from '../../age-text.ts'
import { type Column, deskTable } from '../../desk/cells.ts'
import { causeText } from '../../detail/cause-text.ts'
import { cloneLine } from '../../detail/clone-line.ts'
import { deskDetailHead } from '../../detail/detail-head.ts'
import { historySlot } from '../../detail/device-detail.ts'
import { whyButton } from '../../detail/explanation.ts'
import { hotspotSection, percentText } from '../../detail/hotspot-section.ts'
import type { StateStrips } from '../../detail/state-strip.ts'
import { valueTable } from '../../detail/value-table.ts'
import { type Child, h } from '../../dom/h.ts'
import { versioned, versionIn, versionOf } from '../../dom/versioned.ts'
import { fmt } from '../../format.ts'
import { stateWord } from '../../layers/wifi.ts'
import { latestText } from '../../metric-text.ts'
import type { DeskLook } from '../../shell/desk.ts'
import { shownTheme } from '../../shell/theme.ts'
import { currentLanguage, type TextKey, t } from '../../text/texts.ts'
import type { HotspotRow } from './hotspot-rows.ts'
import { parentOf } from './outage-groups.ts'
import { foldButton } from './outage-panel.ts'

export interface HotspotLook extends DeskLook {
  readonly devices: ReadonlyMap<string, DeviceFeature>
  readonly strips: StateStrips
  /** Outages whose acknowledgement is on its way, or failed. */
  readonly pending: ReadonlyMap<string, 'sending' | 'failed'>
  /** Hotspots below which all that hangs is shown. */
  readonly unfolded: ReadonlySet<string>
}

/** Columns beside which there is no room for a detail are `is-secondary`. */
const COLUMNS: readonly Column[] = [
  ['desk.col.state', 'state-column'],
  ['desk.col.name', 'name-column'],
  'desk.col.since',
  ['desk.col.avail', 'number'],
  ['desk.col.p95', 'number is-secondary'],
  ['desk.col.loss', 'number is-secondary'],
  ['desk.col.clients', 'number is-secondary'],
  ['desk.col.seen', 'is-secondary'],
  ['desk.col.strip', 'strip-column'],
]

export function tableView(rows: readonly HotspotRow[], look: HotspotLook) {
  const isMixed = rows.some(({ feature }) => !feature.properties.simulated)
  const affected = affectedBy(look.devices)
  return deskTable(
    'table',
    COLUMNS,
    rows.map((row) => rowView(row, look, isMixed, affected.get(row.id) ?? 0)),
  )
}

/** How many hotspots hang below each one that is down (domain B7). */
function affectedBy(devices: HotspotLook['devices']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { properties } of devices.values()) {
    const parent = parentOf(properties.cause)
    if (parent !== null) counts.set(parent, (counts.get(parent) ?? 0) + 1)
  }
  return counts
}

function rowView(row: HotspotRow, look: HotspotLook, isMixed: boolean, affected: number) {
  const strip = look.strips.render(row.id)
  const isBelow = row.parent !== null && look.unfolded.has(row.parent)
  const shell = h('tr', {
    'data-key': row.id,
    'aria-selected': look.selected === row.id ? 'true' : null,
    class: isBelow ? 'is-below' : null,
  })
  const version = versionOf(
    row.feature,
    row.uptime,
    row.outage,
    row.state,
    row.freshness,
    isMixed,
    affected,
    isBelow,
    look.selected === row.id,
    look.unfolded.has(row.id),
    look.pending.get(row.outage?.id ?? ''),
    causeText(row.feature.properties.cause, look.devices),
    freshText(row.feature, row.freshness, look.now),
    ...(row.since === null ? [] : [fmt().when(row.since, look.now), fmt().duration(look.now - row.since)]),
    versionIn(strip) ?? strip.className.toString(),
    currentLanguage(),
    shownTheme(),
  )
  return versioned(shell, version, () => rowCells(row, look, isMixed, affected, strip))
}

function rowCells(
  row: HotspotRow,
  look: HotspotLook,
  isMixed: boolean,
  affected: number,
  strip: Element,
): Child {
  const { feature, uptime } = row
  const cell = (key: TextKey, className: string, ...children: readonly Child[]) =>
    h('td', { 'data-label': t(key), class: className }, h('div', { class: 'cell' }, children))
  const clients = feature.properties.values['clients']
  return [
    cell('desk.col.state', 'state-column', stateCell(row, look, affected)),
    h(
      'th',
      { scope: 'row' },
      h('button', { type: 'button', class: 'link', 'data-act': 'select', 'data-arg': row.id }, row.name),
      // Where all are simulated the page's head says so once.
      isMixed && feature.properties.simulated ? h('span', { class: 'sim-note' }, t('sim.short')) : null,
    ),
    cell('desk.col.since', '', sinceText(row, look.now)),
    cell('desk.col.avail', 'number', availabilityText(row)),
    cell(
      'desk.col.p95',
      'number is-secondary',
      uptime?.latency_p95_ms == null
        ? '–'
        : [
            fmt().value(uptime.latency_p95_ms, 'ms'),
            ' ',
            whyButton({ device: row.id, value: 'latency_p95_ms', ...row.period }, 'sign'),
          ],
    ),
    cell('desk.col.loss', 'number is-secondary', lossText(row)),
    cell(
      'desk.col.clients',
      'number is-secondary',
      clients === undefined ? '–' : latestText('clients', clients),
    ),
    cell('desk.col.seen', 'is-secondary', freshText(feature, row.freshness, look.now)),
    cell('desk.col.strip', 'strip-cell', strip),
  ]
}

function stateCell(row: HotspotRow, look: HotspotLook, affected: number) {
  const sprite = { shape: 'hotspot', state: row.state, freshness: row.freshness } as const
  const cause = causeText(row.feature.properties.cause, look.devices)
  return h(
    'div',
    { class: 'state-cell' },
    h('img', { src: look.sprites.image(sprite), alt: '', width: 28, height: 28 }),
    h(
      'div',
      {},
      h('p', {}, stateWord(row.state), ' ', whyButton({ device: row.id, value: 'state' }, 'sign')),
      cause === null ? null : h('p', { class: 'hint' }, cause),
      flapLine(row.feature),
      cloneLine(row.feature, look.now, false),
      affected === 0 ? null : foldButton('fold', row.id, affected, look.unfolded.has(row.id)),
      ackLine(row, look),
    ),
  )
}

/** That it goes up and down again and again, with the rule (domain B3); it is told once and not at each turn. */
function flapLine({ properties }: DeviceFeature) {
  if (properties.flapping !== true) return null
  const { high, low } = FLAP_THRESHOLDS
  const rule = t('desk.flapRule', { n: FLAP_STATES, high, low })
  return h(
    'p',
    { class: 'flap', title: rule },
    h('strong', {}, t('desk.flaps')),
    h('span', { class: 'hint block' }, rule),
  )
}

function sinceText({ since }: HotspotRow, now: number) {
  if (since === null) return '–'
  return [
    h('span', { class: 'nowrap' }, fmt().when(since, now)),
    h('span', { class: 'hint block' }, fmt().duration(now - since)),
  ]
}

/** Of the report its mean, else the latest; each is explained as what it is. */
function lossText({ id, lossPct, uptime, period }: HotspotRow) {
  if (lossPct === null) return '–'
  const of = uptime?.loss_pct == null ? {} : period
  return [fmt().value(lossPct, '%'), ' ', whyButton({ device: id, value: 'loss_pct', ...of }, 'sign')]
}

function availabilityText({ id, uptime, period }: HotspotRow) {
  if (uptime === null) return '–'
  const known = uptime.knownShare === null ? '' : t('desk.known', { pct: fmt().known(uptime.knownShare) })
  return [
    h(
      'span',
      {},
      uptime.availability === null ? '–' : percentText(uptime.availability),
      ' ',
      whyButton({ device: id, value: 'availability', ...period }, 'sign'),
    ),
    h('span', { class: 'hint block' }, known),
  ]
}

/** Who has taken it on, or the button to do so; what is on its way says so, and what failed. */
export function ackLine(row: HotspotRow, look: Pick<HotspotLook, 'pending' | 'now'>) {
  const { outage } = row
  if (row.state !== 'down' || outage === null) return null
  if (outage.acknowledgedBy !== undefined) {
    const time =
      outage.acknowledgedAt === undefined ? '' : fmt().when(Date.parse(outage.acknowledgedAt), look.now)
    return h('p', { class: 'hint' }, t('desk.acked', { name: outage.acknowledgedBy, time }))
  }
  const pending = look.pending.get(outage.id)
  return h(
    'p',
    { class: 'ack' },
    pending === 'failed' ? h('span', { class: 'problem', role: 'alert' }, t('desk.ackFailed')) : null,
    pending === 'sending'
      ? h('span', { class: 'hint', role: 'status' }, t('desk.acking'))
      : h(
          'button',
          { type: 'button', class: 'button small', 'data-act': 'ack', 'data-arg': row.id },
          t('desk.ack'),
        ),
  )
}

export function detailView(row: HotspotRow, look: HotspotLook) {
  const { feature } = row
  const cause = causeText(feature.properties.cause, look.devices)
  return h(
    'div',
    { class: 'detail-body', 'data-key': `detail:${row.id}` },
    deskDetailHead(row.id, row.name),
    h(
      'p',
      { class: `state-line state-${row.state}` },
      h('strong', {}, stateWord(row.state)),
      row.since === null
        ? ''
        : ` ${t('state.since', { time: fmt().when(row.since, look.now), dur: fmt().duration(look.now - row.since) })}`,
      ' ',
      whyButton({ device: row.id, value: 'state' }),
    ),
    cause === null ? null : h('p', {}, cause),
    flapLine(row.feature),
    cloneLine(row.feature, look.now, true),
    ackLine(row, look),
    h('p', { class: 'age' }, freshText(feature, row.freshness, look.now)),
    clockLine(feature),
    h(
      'p',
      {},
      h(
        'button',
        { type: 'button', class: 'button small', 'data-act': 'maintain', 'data-arg': row.id },
        t('maintenance.announceFor'),
      ),
    ),
    hotspotSection({ strips: look.strips, now: () => look.now }, feature),
    valueTable(feature, look.now),
    historySlot(feature),
  )
}

/** A clock that is wrong is told, since it spoils the times of readings (domain B13). */
function clockLine({ properties }: DeviceFeature) {
  const offsetMs = properties.clockOffset_ms ?? null
  if (offsetMs === null || !isClockWrong(offsetMs)) return null
  const key = offsetMs < 0 ? 'desk.clockAhead' : 'desk.clockBehind'
  return h('p', { class: 'problem' }, t(key, { span: fmt().duration(offsetMs) }))
}

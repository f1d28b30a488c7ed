// How good a hotspot is: quality of its connection and signal now, availability of the last 24 hours with how much of it is known, each with
// its explanation, and the strip of its states.

import type { DeviceFeature } from '../../../contract/api.ts'
import { DAY, type TimeMs } from '../../../contract/time.ts'
import { type Availability, shownPercent } from '../../../domain/connectivity/availability.ts'
import { grade } from '../../../domain/connectivity/grade.ts'
import { signalGrade } from '../../../domain/connectivity/signal.ts'
import { type Child, h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import { t } from '../text/texts.ts'
import { type Explained, whyButton } from './explanation.ts'
import type { StateStrips } from './state-strip.ts'

export interface HotspotLook {
  readonly strips: StateStrips
  now(): TimeMs
}

export function hotspotSection({ strips, now }: HotspotLook, feature: DeviceFeature) {
  return [
    h(
      'dl',
      { class: 'facts' },
      linkFact(feature),
      signalFact(feature),
      availabilityFact(feature.id, strips, now()),
    ),
    stripSection(strips, feature.id),
  ]
}

/** Domain B8, of the latest report; nothing while it says neither. */
function linkFact({ id, properties }: DeviceFeature) {
  const loss = properties.values['loss_pct']?.value ?? null
  const latency = properties.values['latency_ms']?.value ?? null
  const quality = grade(loss, latency)
  if (quality === 'unknown' || loss === null || latency === null) return null
  const measured = `${fmt().value(latency, 'ms')}, ${t('hotspot.loss', { pct: fmt().value(loss, '%') })}`
  return fact(t('hotspot.link'), `${t(`grade.${quality}` as const)} (${measured})`, {
    device: id,
    value: 'latency_ms',
  })
}

/** Domain B11. */
function signalFact({ id, properties }: DeviceFeature) {
  const rssi = properties.values['rssi_dbm']?.value
  if (rssi === undefined) return null
  const quality = t(`grade.${signalGrade(rssi)}` as const)
  return fact(t('hotspot.signal'), `${quality} (${fmt().value(rssi, 'dBm')})`, {
    device: id,
    value: 'rssi_dbm',
  })
}

function availabilityFact(device: string, strips: StateStrips, now: TimeMs) {
  const uptime = strips.availability(device, now)
  if (uptime === null) return null
  // Of the same moment, so that the same number is explained.
  const explained = { device, value: 'availability', from: now - DAY, at: now }
  return fact(t('desk.avail24'), availabilityText(uptime), explained)
}

function fact(name: string, text: string, explained: Explained): Child {
  return h('div', {}, h('dt', {}, name), h('dd', {}, text, ' ', whyButton(explained)))
}

/** `97.31% (known 99%)`; cut, not rounded (domain B1). */
export function availabilityText({
  availability,
  knownShare,
}: Pick<Availability, 'availability' | 'knownShare'>): string {
  const share = availability === null ? '–' : percentText(availability)
  return knownShare === null ? share : `${share} (${t('desk.known', { pct: fmt().known(knownShare) })})`
}

export function percentText(share: number): string {
  return `${fmt().number(shownPercent(share), 2, 2)}%`
}

export function stripSection(strips: StateStrips, device: string) {
  return h(
    'section',
    { class: 'strip-section' },
    h('h3', {}, strips.title()),
    strips.render(device),
    h(
      'p',
      { class: 'strip-axis', 'aria-hidden': 'true' },
      h('span', {}, strips.days === 1 ? t('strip.axis') : t('strip.daysAgo', { n: strips.days })),
      h('span', {}, t('strip.now')),
    ),
  )
}

// Live state for tests, with the spans that it makes as the store would have them. Times are seconds after T0.

import type { LiveDevice } from '../../contract/feed.ts'
import type { Observation } from '../../contract/observation.ts'
import { SECOND, type TimeMs } from '../../contract/time.ts'
import type { KnownDevice } from '../known-devices.ts'
import { LiveState } from '../live/live-state.ts'
import type { StoredSpan } from '../store/store.ts'

export const T0 = Date.parse('2026-11-24T01:00:00.000Z')

export const at = (s: number): TimeMs => T0 + s * SECOND
const seconds = (time: TimeMs | null | undefined): number | null =>
  time === null || time === undefined ? null : (time - T0) / SECOND

export function known(id: string, more: Partial<KnownDevice> = {}): KnownDevice {
  return {
    id,
    kind: 'hotspot',
    name: id,
    lat: -6.17,
    lon: 106.8,
    simulated: false,
    everyS: 60,
    parent: null,
    radiusM: null,
    route: null,
    secretSince: null,
    ...more,
  }
}

export class LiveRig {
  readonly live: LiveState
  readonly devices: readonly KnownDevice[]
  /** `[device, from, to, cause]`. */
  readonly alerts: unknown[] = []
  readonly stored = new Map<string, StoredSpan>()

  constructor(devices: readonly KnownDevice[], showsUnknown = false) {
    this.devices = devices
    this.live = new LiveState({ placeOnTrip: () => null, showsUnknown, onUnknown: () => undefined })
    this.live.setKnown(new Map(devices.map((device) => [device.id, device])), new Set())
  }

  reading(
    device: string,
    s: number,
    values: Record<string, number> = { up: 1 },
    more: Partial<Observation> = {},
  ): void {
    const kind = this.devices.find(({ id }) => id === device)?.kind ?? 'hotspot'
    const times = { time: at(s), arrival: at(s), timeIsArrival: false }
    this.live.applyObservation({ kind, device, ...times, values, ...more })
  }

  status(device: string, s: number, word: 'online' | 'offline'): void {
    this.live.applyStatus({ kind: 'hotspot', device, arrival: at(s), online: word === 'online' })
  }

  collect(s: number): { changed: readonly LiveDevice[]; removed: readonly string[] } {
    const { changed, removed, alerts, spans } = this.live.collect(at(s))
    for (const span of spans) this.stored.set(`${span.device} ${span.from}`, span)
    this.alerts.push(...alerts.map(({ device, from, to, cause }) => [device, from, to, cause]))
    return { changed, removed }
  }

  device(id: string, s: number): LiveDevice {
    const found = this.live.snapshot(at(s)).find((device) => device.id === id)
    if (found === undefined) throw new Error(`no ${id}`)
    return found
  }

  /** `[state, since, cause]` once what is due by then was looked at. */
  state(id: string, s: number): unknown[] {
    this.collect(s)
    const { state, since, cause } = this.device(id, s)
    return [state, seconds(since), cause]
  }

  /** `[state, from, to, cause]`, oldest first. */
  spans(device: string): unknown[] {
    return [...this.stored.values()]
      .filter((span) => span.device === device)
      .sort((a, b) => a.from - b.from)
      .map(({ state, from, to, cause }) => [state, seconds(from), seconds(to), cause])
  }
}

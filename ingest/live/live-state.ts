// Live state of all devices (design D6): fed by every message as it is decoded, asked by the dashboard for a snapshot and once a
// second for what changed. A device is looked at when a message came or when its silence has lasted long enough, never in a sweep.

import type { LiveDevice, StateSpan } from '../../contract/feed.ts'
import { isOutOfRange } from '../../contract/metrics.ts'
import type { Observation, StatusChange } from '../../contract/observation.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import {
  nextChange,
  onAway,
  onListening,
  type StateNow,
  stateAt,
} from '../../domain/connectivity/device-state.ts'
import { type Node, unreachableBy } from '../../domain/connectivity/suppression.ts'
import { anonymousDevice, type KnownDevice } from '../known-devices.ts'
import type { LatestDevice, StoredSpan } from '../store/store.ts'
import {
  applyObservation,
  applyStatus,
  liveDevice,
  STALE_MS,
  type TrackedDevice,
  trackDevice,
} from './device.ts'

export interface StateChange {
  readonly device: string
  readonly from: StateNow
  readonly to: StateNow
}

export interface Changes {
  readonly changed: readonly LiveDevice[]
  readonly removed: readonly string[]
  readonly states: readonly StateChange[]
  /** Spans to keep: the ended and the begun. */
  readonly spans: readonly StoredSpan[]
}

export class LiveState {
  readonly #devices = new Map<string, TrackedDevice>()
  /** Devices that are to be left out, and ones of which nobody told: by id. */
  #known: ReadonlyMap<string, KnownDevice> = new Map()
  #hidden: ReadonlySet<string> = new Set()
  readonly #children = new Map<string, Set<string>>()
  readonly #dirty = new Set<string>()
  readonly #removed = new Set<string>()
  /** When a device is to be looked at though nothing came. */
  readonly #due = new Map<string, TimeMs>()
  readonly #alongM: (observation: Observation) => number | null
  #listeningSince: TimeMs | null = null

  /** `alongM` finds a vehicle's place along its trip; null where it has none. */
  constructor(alongM: (observation: Observation) => number | null) {
    this.#alongM = alongM
  }

  /** Sets which devices there are. `hidden`: ids whose messages are stored and not shown. */
  setKnown(known: ReadonlyMap<string, KnownDevice>, hidden: ReadonlySet<string>): void {
    this.#known = known
    this.#hidden = hidden
    for (const id of [...this.#devices.keys()]) {
      if (known.has(id)) continue
      this.#devices.delete(id)
      this.#due.delete(id)
      this.#dirty.delete(id)
      this.#removed.add(id)
    }
    for (const [id, device] of known) {
      const tracked = this.#devices.get(id)
      if (tracked === undefined) this.#devices.set(id, trackDevice(device, this.#listeningSince))
      else {
        tracked.known = device
        tracked.heartbeat = { ...tracked.heartbeat, everyMs: device.everyS * 1_000 }
        if (device.kind !== 'vehicle' && device.lat !== null && device.lon !== null) {
          tracked.position = { lat: device.lat, lon: device.lon }
        }
      }
      this.#removed.delete(id)
      this.#dirty.add(id)
    }
    this.#linkChildren()
  }

  #linkChildren(): void {
    this.#children.clear()
    for (const { id, parent } of this.#known.values()) {
      if (parent === null) continue
      const children = this.#children.get(parent) ?? new Set()
      children.add(id)
      this.#children.set(parent, children)
    }
  }

  /**
   * What the store knows of devices that were not heard since the start. `isImported`: who imported it also heard them, so that
   * our own absence before is no reason for doubt.
   */
  restore(latest: readonly LatestDevice[], spans: readonly StateSpan[], isImported: boolean): void {
    const lastSpan = new Map(spans.map((span) => [span.device, span]))
    for (const stored of latest) {
      const device = this.#devices.get(stored.device)
      if (device === undefined || device.heartbeat.lastSign !== null) continue
      for (const [metric, { value, time }] of Object.entries(stored.values)) {
        const flag = isOutOfRange(stored.kind, metric, value) ? { flag: 'range' as const } : {}
        device.values[metric] = { value, time, ...flag }
      }
      device.conflicts = stored.conflicts
      if (stored.position !== null && device.known.kind === 'vehicle') {
        const { time, trip, route, direction, occupancy, ...position } = stored.position
        device.position = position
        device.trip = { time, trip, route, direction, occupancy, alongM: null }
      }
      const span = lastSpan.get(stored.device)
      const isUp = span?.state === 'up' || span?.state === 'degraded'
      device.heartbeat = {
        ...device.heartbeat,
        lastSign: stored.lastArrival,
        ...(isImported ? { listeningSince: null } : {}),
        // Without a span it is known up since then at least.
        upSince: isUp ? span.from : stored.lastArrival,
        saidDown:
          span?.state === 'down' && (span.cause === 'last_will' || span.cause === 'probe')
            ? { since: span.from, cause: span.cause }
            : null,
      }
      if (span !== undefined && span.state !== 'maintenance') {
        device.shown = { state: span.state, since: span.from, cause: span.cause }
      }
      this.#touch(stored.device)
    }
  }

  applyObservation(observation: Observation): void {
    const device = this.#deviceOf(observation.device, observation.kind)
    if (device === null) return
    applyObservation(device, observation, this.#alongM)
    this.#touch(observation.device)
  }

  applyStatus(status: StatusChange): void {
    const device = this.#deviceOf(status.device, status.kind)
    if (device === null) return
    applyStatus(device, status)
    this.#touch(status.device)
  }

  #deviceOf(id: string, kind: Kind): TrackedDevice | null {
    if (this.#hidden.has(id)) return null
    const known = this.#devices.get(id)
    if (known !== undefined) return known
    const device = trackDevice(anonymousDevice(id, kind), this.#listeningSince)
    this.#devices.set(id, device)
    return device
  }

  #touch(id: string): void {
    this.#dirty.add(id)
    this.#due.set(id, 0)
  }

  addConflicts(byDevice: Readonly<Record<string, number>>): void {
    for (const [id, count] of Object.entries(byDevice)) {
      const device = this.#devices.get(id)
      if (device === undefined) continue
      device.conflicts += count
      this.#dirty.add(id)
    }
  }

  setAir(id: string, air: NonNullable<TrackedDevice['air']>): void {
    const device = this.#devices.get(id)
    if (device === undefined) return
    device.air = air
    this.#dirty.add(id)
  }

  /** Our broker listens since then. */
  listening(since: TimeMs): void {
    if (
      this.#listeningSince === since &&
      [...this.#devices.values()].every((one) => one.heartbeat.awaySince === null)
    )
      return
    this.#listeningSince = since
    this.#each((device) => onListening(device.heartbeat, since))
  }

  /** Our broker was last known to listen then. */
  away(since: TimeMs): void {
    this.#each((device) => onAway(device.heartbeat, since))
  }

  #each(change: (device: TrackedDevice) => TrackedDevice['heartbeat']): void {
    for (const [id, device] of this.#devices) {
      device.heartbeat = change(device)
      this.#touch(id)
    }
  }

  /** Looks at what is due by `now`; returns all that changed since the last call. */
  collect(now: TimeMs): Changes {
    const states: StateChange[] = []
    const spans: StoredSpan[] = []
    const looked = new Set<string>()
    for (const [id, due] of [...this.#due]) {
      if (due > now) continue
      for (const member of this.#familyOf(id)) {
        if (looked.has(member)) continue
        looked.add(member)
        this.#look(member, now, states, spans)
      }
    }
    const changed = [...this.#dirty].flatMap((id) => {
      const device = this.#devices.get(id)
      return device === undefined ? [] : [liveDevice(device, now)]
    })
    const removed = [...this.#removed]
    this.#dirty.clear()
    this.#removed.clear()
    return { changed, removed, states, spans }
  }

  /** The device and all below it: what a parent does changes what its children show. */
  #familyOf(id: string): string[] {
    const family = [id]
    for (let index = 0; index < family.length; index += 1) {
      for (const child of this.#children.get(family[index] ?? '') ?? [])
        if (!family.includes(child)) family.push(child)
    }
    return family
  }

  #look(id: string, now: TimeMs, states: StateChange[], spans: StoredSpan[]): void {
    const device = this.#devices.get(id)
    this.#due.delete(id)
    if (device === undefined) return
    const to = this.#shownAt(id, device, now)
    const from = device.shown
    if (to.state !== from.state || to.cause !== from.cause || to.since !== from.since) {
      this.#dirty.add(id)
      device.shown = to
    }
    if (to.state !== from.state || to.cause !== from.cause) {
      states.push({ device: id, from, to })
      spans.push(...spansOf(device, from, to, now))
    }
    this.#schedule(id, device, now)
  }

  #schedule(id: string, device: TrackedDevice, now: TimeMs): void {
    const change = nextChange(device.heartbeat, now)
    const stale = device.trip === null ? null : device.trip.time + STALE_MS + 1
    if (stale !== null && stale <= now) this.#dirty.add(id)
    const dues = [change, stale !== null && stale > now ? stale : null].filter((due) => due !== null)
    if (dues.length > 0) this.#due.set(id, Math.min(...dues))
  }

  #shownAt(id: string, device: TrackedDevice, now: TimeMs): StateNow {
    const own = stateAt(device.heartbeat, now)
    if (own.state !== 'down' || device.known.parent === null) return own
    const nodes = new Map<string, Node>()
    for (let at: string | null = id; at !== null && !nodes.has(at); ) {
      const above = this.#devices.get(at)
      if (above === undefined) break
      nodes.set(at, { isDown: stateAt(above.heartbeat, now).state === 'down', parent: above.known.parent })
      at = above.known.parent
    }
    const top = unreachableBy(id, nodes)
    return top === null ? own : { state: 'unknown', since: own.since, cause: `parent:${top}` }
  }

  snapshot(now: TimeMs): LiveDevice[] {
    return [...this.#devices.values()].map((device) => liveDevice(device, now))
  }

  has(id: string): boolean {
    return this.#devices.has(id)
  }

  kindOf(id: string): Kind | null {
    return this.#devices.get(id)?.known.kind ?? null
  }

  /** Sensors with how often each reports, s. */
  sensors(): { id: string; everyS: number }[] {
    return [...this.#devices.values()]
      .filter(({ known }) => known.kind === 'sensor')
      .map(({ known }) => ({ id: known.id, everyS: known.everyS }))
  }
}

/** The span that ends and the one that begins. A state that is not known since when is known from now on. */
function spansOf(device: TrackedDevice, from: StateNow, to: StateNow, now: TimeMs): StoredSpan[] {
  const { id, kind } = device.known
  const begin = Math.max(to.since ?? now, from.since ?? 0)
  const begun: StoredSpan = { device: id, kind, from: begin, state: to.state, cause: to.cause }
  if (from.since === null || from.since >= begin) return [begun]
  return [{ device: id, kind, from: from.since, to: begin, state: from.state, cause: from.cause }, begun]
}

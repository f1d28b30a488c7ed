// Live state of all devices (design D6): fed by every message as it is decoded, asked by the dashboard for a snapshot and once a
// second for what changed.

import type { CloneSuspicion, LiveDevice, QualityFlag, StateSpan } from '../../contract/feed.ts'
import type { Observation, Position, StatusChange } from '../../contract/observation.ts'
import { SECOND, type TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import {
  type Heartbeat,
  onAway,
  onListening,
  onSign,
  type StateNow,
} from '../../domain/connectivity/device-state.ts'
import { STALE_MS } from '../../domain/transit/punctuality.ts'
import type { TripPlace } from '../../domain/transit/trip-places.ts'
import { anonymousDevice, type KnownDevice } from '../known-devices.ts'
import type { LatestDevice, StoredSpan } from '../store/store.ts'
import {
  applyObservation,
  liveDevice,
  noteClock,
  type TrackedDevice,
  takeFlags,
  trackDevice,
} from './device.ts'
import { restoreDevice } from './restore.ts'
import { type Alert, StateKeeper } from './state-keeper.ts'

export interface Changes {
  readonly changed: readonly LiveDevice[]
  readonly removed: readonly string[]
  readonly alerts: readonly Alert[]
  /** Spans to keep: the ended and the begun. */
  readonly spans: readonly StoredSpan[]
}

export interface LiveStatePlan {
  /** A vehicle's place on its trip; null where it names none. */
  readonly placeOnTrip: (observation: Observation) => TripPlace | null
  /** True when devices are shown that nobody registered: they came in without credentials. */
  readonly showsUnknown: boolean
  /** A device sent something that is not known; it may have been added a moment ago. */
  readonly onUnknown: () => void
}

/** How a device's state stands: what an import of its past joins. */
export interface Standing {
  /** By the log, since the start. */
  readonly isHeard: boolean
  readonly heartbeat: Heartbeat
  readonly shown: StateNow
  readonly span: StoredSpan | null
}

export class LiveState {
  readonly #plan: LiveStatePlan
  readonly #devices = new Map<string, TrackedDevice>()
  readonly #states: StateKeeper
  /** Devices that nobody registered. */
  readonly #anonymous = new Set<string>()
  #hidden: ReadonlySet<string> = new Set()
  readonly #dirty = new Set<string>()
  readonly #removed = new Set<string>()
  /** When a vehicle's position becomes stale. */
  readonly #staleAt = new Map<string, TimeMs>()
  #listeningSince: TimeMs | null = null

  constructor(plan: LiveStatePlan) {
    this.#plan = plan
    this.#states = new StateKeeper(this.#devices, (id) => this.#dirty.add(id))
  }

  /** Sets which devices there are. `hidden`: ids whose messages are stored and not shown. */
  setKnown(known: ReadonlyMap<string, KnownDevice>, hidden: ReadonlySet<string>): void {
    this.#hidden = hidden
    for (const id of [...this.#devices.keys()]) {
      if (!known.has(id) && !(this.#anonymous.has(id) && !hidden.has(id))) this.#remove(id)
    }
    for (const [id, device] of known) {
      this.#anonymous.delete(id)
      const tracked = this.#devices.get(id)
      if (tracked === undefined) this.#add(device)
      else this.#redefine(tracked, device)
    }
    this.#states.relink()
  }

  #add(known: KnownDevice): TrackedDevice {
    const device = trackDevice(known, this.#listeningSince)
    this.#devices.set(known.id, device)
    this.#removed.delete(known.id)
    this.#dirty.add(known.id)
    return device
  }

  #redefine(device: TrackedDevice, known: KnownDevice): void {
    device.known = known
    device.heartbeat = { ...device.heartbeat, everyMs: known.everyS * SECOND }
    if (known.kind !== 'vehicle' && known.lat !== null && known.lon !== null) {
      device.position = { lat: known.lat, lon: known.lon }
    }
    this.#dirty.add(known.id)
  }

  #remove(id: string): void {
    this.#devices.delete(id)
    this.#anonymous.delete(id)
    this.#staleAt.delete(id)
    this.#dirty.delete(id)
    this.#removed.add(id)
  }

  /** What the store knows of devices that were not heard since the start; spans oldest first. */
  restore(latest: readonly LatestDevice[], spans: readonly StateSpan[]): void {
    this.#restoreAll(latest, spans, false)
  }

  /** The same after an import: who imported also heard them, so our own absence before is no reason for doubt. */
  restoreImported(latest: readonly LatestDevice[], spans: readonly StateSpan[]): void {
    this.#restoreAll(latest, spans, true)
  }

  #restoreAll(latest: readonly LatestDevice[], spans: readonly StateSpan[], isImported: boolean): void {
    const stored = new Map(latest.map((device) => [device.device, device]))
    const lastSpan = new Map(spans.map((span) => [span.device, span]))
    for (const { device, kind } of latest) {
      if (!this.#devices.has(device) && this.#plan.showsUnknown) this.#addAnonymous(device, kind)
    }
    for (const [id, device] of this.#devices) {
      if (device.isHeard) continue
      restoreDevice(device, stored.get(id) ?? null, lastSpan.get(id) ?? null)
      if (device.heartbeat.lastSign === null) continue
      if (isImported) device.heartbeat = { ...device.heartbeat, listeningSince: null }
      this.#noteStale(id, device)
      this.#dirty.add(id)
    }
    this.#states.relink()
  }

  applyObservation(observation: Observation): void {
    const { device: id, kind, arrival } = observation
    const device = this.#deviceOf(id, kind)
    if (device === null) return
    device.isHeard = true
    const sign = applyObservation(device, observation, this.#plan.placeOnTrip)
    if (sign !== null) this.#states.change(id, arrival, (heartbeat) => onSign(heartbeat, sign, arrival))
    if (observation.position !== undefined) this.#noteStale(id, device)
    this.#dirty.add(id)
  }

  applyStatus({ device: id, kind, online, arrival }: StatusChange): void {
    const device = this.#deviceOf(id, kind)
    if (device === null) return
    device.isHeard = true
    const sign = { type: online ? 'online' : 'offline' } as const
    this.#states.change(id, arrival, (heartbeat) => onSign(heartbeat, sign, arrival))
    this.#dirty.add(id)
  }

  /** A reading was refused for its time, which tells how wrong the device's clock is. */
  applyRefusedTime(id: string, kind: Kind, time: TimeMs, arrival: TimeMs): void {
    const device = this.#deviceOf(id, kind)
    if (device !== null && noteClock(device, { time, arrival }, true)) this.#dirty.add(id)
  }

  /** The broker suspects two behind its credentials; null kind: as the store knows, which makes no device known. */
  applyClone(id: string, kind: Kind | null, suspicion: CloneSuspicion): void {
    const device = kind === null ? this.#devices.get(id) : this.#deviceOf(id, kind)
    if (device === undefined || device === null) return
    device.clone = suspicion
    this.#dirty.add(id)
  }

  #deviceOf(id: string, kind: Kind): TrackedDevice | null {
    const known = this.#devices.get(id)
    if (known !== undefined) return known
    if (this.#hidden.has(id)) return null
    this.#plan.onUnknown()
    const added = this.#devices.get(id)
    if (added !== undefined) return added
    return this.#plan.showsUnknown && !this.#hidden.has(id) ? this.#addAnonymous(id, kind) : null
  }

  #addAnonymous(id: string, kind: Kind): TrackedDevice {
    this.#anonymous.add(id)
    return this.#add(anonymousDevice(id, kind))
  }

  #noteStale(id: string, { known, trip }: TrackedDevice): void {
    if (known.kind === 'vehicle' && trip !== null) this.#staleAt.set(id, trip.time + STALE_MS + 1)
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

  /** Quality flags in force that reach to a sensor's latest readings or beyond. */
  setFlags(id: string, flags: readonly QualityFlag[]): void {
    const device = this.#devices.get(id)
    if (device === undefined) return
    if (
      takeFlags(
        device,
        flags.toSorted((a, b) => b.quality - a.quality),
      )
    )
      this.#dirty.add(id)
  }

  /** Our broker listens since then. */
  listening(since: TimeMs): void {
    this.#listeningSince = since
    for (const id of this.#devices.keys()) {
      this.#states.change(id, since, (heartbeat) => onListening(heartbeat, since))
    }
  }

  /** Our broker was last known to listen then. */
  away(since: TimeMs): void {
    for (const id of this.#devices.keys()) {
      this.#states.change(id, since, (heartbeat) => onAway(heartbeat, since))
    }
  }

  /** Looks at what is due by `now`; returns all that changed since the last call. */
  collect(now: TimeMs): Changes {
    this.#states.lookAtDue(now)
    for (const [id, at] of this.#staleAt) {
      if (at > now) continue
      this.#staleAt.delete(id)
      this.#dirty.add(id)
    }
    const changed = [...this.#dirty].flatMap((id) => {
      const device = this.#devices.get(id)
      return device === undefined ? [] : [liveDevice(device, now)]
    })
    const removed = [...this.#removed]
    this.#dirty.clear()
    this.#removed.clear()
    return { changed, removed, alerts: this.#states.takeAlerts(now), spans: this.#states.takeSpans() }
  }

  snapshot(now: TimeMs): LiveDevice[] {
    return [...this.#devices.values()].map((device) => liveDevice(device, now))
  }

  has(id: string): boolean {
    return this.#devices.has(id)
  }

  standing(id: string): Standing | null {
    return this.#devices.get(id) ?? null
  }

  /** Sensors with how often each reports, s, where each stands, and what each was heard to measure. */
  sensors(): { id: string; everyS: number; position: Position | null; metrics: readonly string[] }[] {
    return [...this.#devices.values()]
      .filter(({ known }) => known.kind === 'sensor')
      .map(({ known, position, values }) => ({
        id: known.id,
        everyS: known.everyS,
        position,
        metrics: Object.keys(values),
      }))
  }
}

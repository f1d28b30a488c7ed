// Keeps the state of each device as signs come and silence lasts (domain B2, B7), and the spans of time that it makes. A state is
// looked at when a sign comes and when silence may have changed it, never in a sweep; so a message read hours after it arrived makes the
// same spans as one that is live.

import type { DeviceState, StateCause } from '../../contract/device-state.ts'
import type { TimeMs } from '../../contract/time.ts'
import {
  type Heartbeat,
  nextChange,
  patienceMs,
  type StateNow,
  stateAt,
} from '../../domain/connectivity/device-state.ts'
import { type Node, unreachableBy } from '../../domain/connectivity/suppression.ts'
import type { StoredSpan } from '../store/store.ts'
import type { TrackedDevice } from './device.ts'
import { FlapWatch } from './flap-watch.ts'

/** What those on duty are told: a device went down, became poor, or is well again. Unknown is told to nobody: it is not the device's. */
export interface Alert {
  readonly device: string
  readonly from: DeviceState
  readonly to: DeviceState
  readonly cause: StateCause | null
}

export class StateKeeper {
  readonly #devices: ReadonlyMap<string, TrackedDevice>
  readonly #onShown: (id: string) => void
  readonly #children = new Map<string, string[]>()
  /** When a device is to be looked at though nothing came. */
  readonly #due = new Map<string, TimeMs>()
  readonly #untold = new Set<string>()
  readonly #flaps = new FlapWatch()
  #spans: StoredSpan[] = []

  /** `onShown` is told when what is shown of a device has changed. */
  constructor(devices: ReadonlyMap<string, TrackedDevice>, onShown: (id: string) => void) {
    this.#devices = devices
    this.#onShown = onShown
  }

  /** Which devices there are, their parents or their intervals have changed. */
  relink(): void {
    this.#children.clear()
    for (const [id, { known }] of this.#devices) {
      if (known.parent === null) continue
      const children = this.#children.get(known.parent)
      if (children === undefined) this.#children.set(known.parent, [id])
      else children.push(id)
    }
    for (const id of this.#due.keys()) {
      if (this.#devices.has(id)) continue
      this.#due.delete(id)
      this.#flaps.forget(id)
    }
    for (const id of this.#devices.keys()) this.#due.set(id, Number.NEGATIVE_INFINITY)
  }

  /** Something happened to the device at that time; the silence before it is looked at first. */
  change(id: string, at: TimeMs, change: (heartbeat: Heartbeat) => Heartbeat): void {
    const device = this.#devices.get(id)
    if (device === undefined) return
    if ((this.#due.get(id) ?? Number.POSITIVE_INFINITY) <= at) this.#look(id, device, at)
    device.heartbeat = change(device.heartbeat)
    this.#look(id, device, at)
  }

  lookAtDue(now: TimeMs): void {
    for (const [id, due] of this.#due) {
      const device = this.#devices.get(id)
      if (due <= now && device !== undefined) this.#look(id, device, now)
    }
  }

  /** Spans that ended or began since the last call, each to replace one of the same device and begin. */
  takeSpans(): StoredSpan[] {
    const taken = this.#spans
    this.#spans = []
    return taken
  }

  /**
   * What is to be told at `now`, since the last call; what came and went in between is not. Of a device that flaps nothing more, until it
   * has calmed.
   */
  takeAlerts(now: TimeMs): Alert[] {
    const alerts: Alert[] = []
    for (const id of new Set([...this.#untold, ...this.#flaps.flapping()])) {
      const device = this.#devices.get(id)
      if (device === undefined) {
        this.#flaps.forget(id)
        continue
      }
      const hasFlapped = this.#flaps.isFlapping(id)
      const flaps = this.#flaps.looksAt(id, device.heartbeat.everyMs, now)
      if (flaps !== device.flaps) {
        device.flaps = flaps
        this.#onShown(id)
      }
      const { shown, told } = device
      // The change that makes it flap is told.
      if (shown.state === 'unknown' || shown.state === told || (hasFlapped && flaps)) continue
      device.told = shown.state
      alerts.push({ device: id, from: told, to: shown.state, cause: shown.cause })
    }
    this.#untold.clear()
    return alerts
  }

  /** Looks at the device, and at all below it when it went down or came back: what a parent does changes what they show. */
  #look(id: string, device: TrackedDevice, at: TimeMs): void {
    if (!this.#lookAtOne(id, device, at)) return
    const family = new Set([id])
    for (const member of family) {
      for (const child of this.#children.get(member) ?? []) {
        const below = this.#devices.get(child)
        if (below === undefined || family.has(child)) continue
        family.add(child)
        this.#lookAtOne(child, below, at)
      }
    }
  }

  /** True when it went down by its own signs, or is so no more. */
  #lookAtOne(id: string, device: TrackedDevice, at: TimeMs): boolean {
    const own = stateAt(device.heartbeat, at)
    const isDown = own.state === 'down'
    const turned = isDown !== device.isDown
    device.isDown = isDown
    const [state, waitsUntil] = isDown ? this.#belowParents(id, device, own, at) : [own, null]
    this.#show(id, device, state, at)
    const due = waitsUntil ?? nextChange(device.heartbeat, at)
    if (due === null) this.#due.delete(id)
    else this.#due.set(id, due)
    return turned
  }

  /** What a device that is down shows by its parents, and when that may change without a sign; null when only a sign changes it. */
  #belowParents(
    id: string,
    device: TrackedDevice,
    own: StateNow,
    at: TimeMs,
  ): readonly [StateNow, TimeMs | null] {
    const { parent } = device.known
    const direct = parent === null ? undefined : this.#devices.get(parent)
    if (parent === null || direct === undefined) return [own, null]
    const nodes = new Map<string, Node>()
    for (let above: string | null = id; above !== null && !nodes.has(above); ) {
      const node = this.#devices.get(above)
      if (node === undefined) break
      nodes.set(above, { isDown: stateAt(node.heartbeat, at).state === 'down', parent: node.known.parent })
      above = node.known.parent
    }
    const top = unreachableBy(id, nodes)
    if (top === null) return leftByParents(device, own, direct.heartbeat, at)
    const parentSince = stateAt(direct.heartbeat, at).since
    const since = Math.max(own.since ?? at, parentSince ?? at)
    return [{ state: 'unknown', since, cause: `parent:${top}` }, null]
  }

  #show(id: string, device: TrackedDevice, to: StateNow, at: TimeMs): void {
    const from = device.shown
    if (to.state === from.state && to.cause === from.cause) return
    const open = device.span
    const begin = beginOf(open, from, to, at)
    device.shown = { ...to, since: begin }
    device.span = { device: id, kind: device.known.kind, from: begin, state: to.state, cause: to.cause }
    // One that begins where the open one began stands in its place.
    if (open !== null && open.from < begin) this.#spans.push({ ...open, to: begin })
    this.#spans.push(device.span)
    this.#untold.add(id)
    this.#flaps.note(id, to.state, begin)
    this.#onShown(id)
  }
}

/**
 * A device whose parents are back is down by itself since then. But its silence below them said nothing of it, as silence does that our
 * own absence explains (domain B2): it is waited for once more, and stays as it was shown until then.
 */
function leftByParents(
  device: TrackedDevice,
  own: StateNow,
  parent: Heartbeat,
  at: TimeMs,
): readonly [StateNow, TimeMs | null] {
  if (!isParents(device.shown.cause)) return [own, null]
  const { state } = stateAt(parent, at)
  const back = state === 'up' || state === 'degraded' ? parent.upSince : null
  if (back === null) return [{ ...own, since: at }, null]
  const { everyMs, patience } = device.heartbeat
  const borneUntil = back + patienceMs(everyMs, patience)
  if (own.cause === 'silence' && at <= borneUntil) return [device.shown, borneUntil + 1]
  return [{ ...own, since: Math.max(own.since ?? back, back) }, null]
}

const isParents = (cause: StateCause | null): boolean => cause?.startsWith('parent:') ?? false

/**
 * When a state that is seen at `at` began: when it says so, unless the span before began later. What hung below its parents is down by
 * itself from when they came back.
 */
export function beginOf(open: StoredSpan | null, from: StateNow, to: StateNow, at: TimeMs): TimeMs {
  const earliest = open?.from ?? Number.NEGATIVE_INFINITY
  const isLeftDown = isParents(from.cause) && to.state === 'down'
  if (to.since !== null && (isLeftDown ? to.since > earliest : to.since >= earliest)) return to.since
  return Math.max(earliest, isParents(to.cause) ? (to.since ?? at) : at)
}

// The dashboard's copy of ingest's live state: a snapshot, then numbered deltas (design D6). While ingest is away the last
// state stays and is marked; what changed meanwhile comes as one delta when it is back.

import { isDeepStrictEqual } from 'node:util'
import type { LiveDevice, LiveLine } from '../../contract/feed.ts'
import { type Clock, SECOND, type TimeMs } from '../../contract/time.ts'

export interface LiveChange {
  readonly time: TimeMs
  readonly changed: readonly LiveDevice[]
  readonly removed: readonly string[]
}

export type LiveAlertLine = Extract<LiveLine, { type: 'alert' }>

export interface LiveMirror {
  /** By id, in order. */
  devices(): readonly LiveDevice[]
  device(id: string): LiveDevice | undefined
  /** False until the first snapshot, and while ingest is away. */
  isFresh(): boolean
  /** Ingest's time of the last line; null before the first. */
  lastUpdate(): TimeMs | null
  /** Counts up with every change. */
  version(): number
  onChange(listener: (change: LiveChange) => void): void
  onAlert(listener: (alert: LiveAlertLine) => void): void
  onFreshness(listener: (fresh: boolean) => void): void
  /** Takes a line from ingest. False when one before it was missed: the stream must begin again. */
  take(line: LiveLine): boolean
  /** The stream ended. */
  away(): void
  /** Looks whether lines still come, and whether what lies over them has changed; to be called every second. */
  tick(): void
}

/** Ingest sends a line at least every second. */
const SILENCE_MS = 5 * SECOND

/** What the dashboard itself knows better than ingest; the same object where it does not. */
export type Overlay = (device: LiveDevice, now: TimeMs) => LiveDevice

export function createLiveMirror(clock: Clock, overlay: Overlay = (device) => device): LiveMirror {
  /** As ingest says. */
  const said = new Map<string, LiveDevice>()
  /** As shown. */
  const devices = new Map<string, LiveDevice>()
  let inOrder: readonly LiveDevice[] | null = null
  let seq = 0
  let fresh = false
  let hasSnapshot = false
  let lastUpdate: TimeMs | null = null
  let heardAt = 0
  let version = 0
  const changeListeners: ((change: LiveChange) => void)[] = []
  const alertListeners: ((alert: LiveAlertLine) => void)[] = []
  const freshnessListeners: ((fresh: boolean) => void)[] = []

  const setFresh = (now: boolean): void => {
    if (fresh === now) return
    fresh = now
    version += 1
    for (const listener of freshnessListeners) listener(now)
  }
  const apply = (change: LiveChange): void => {
    if (change.changed.length === 0 && change.removed.length === 0) return
    // Who worked on it thinks it done: what is down when maintenance ends is told.
    const left = change.changed.filter(
      ({ id, state }) => state === 'down' && devices.get(id)?.state === 'maintenance',
    )
    for (const device of change.changed) devices.set(device.id, device)
    for (const id of change.removed) devices.delete(id)
    inOrder = null
    version += 1
    for (const listener of changeListeners) listener(change)
    for (const { id, state: to, cause } of left) {
      for (const listener of alertListeners)
        listener({ type: 'alert', time: change.time, device: id, from: 'maintenance', to, cause })
    }
  }
  const hear = (change: LiveChange): void => {
    for (const device of change.changed) said.set(device.id, device)
    for (const id of change.removed) said.delete(id)
    const now = clock.now()
    apply({ ...change, changed: change.changed.map((device) => overlay(device, now)) })
  }
  /** A window of maintenance begins or ends without a word from ingest. */
  const overlayAgain = (): void => {
    const now = clock.now()
    const changed = [...said.values()]
      .map((device) => overlay(device, now))
      .filter((device) => devices.get(device.id) !== device)
    apply({ time: now, changed, removed: [] })
  }
  /** What a snapshot says anew; what is as before keeps its object, and with it what was made from it. */
  const differenceTo = (snapshot: readonly LiveDevice[], time: TimeMs): LiveChange => {
    const now = new Set(snapshot.map((device) => device.id))
    return {
      time,
      changed: snapshot.filter((device) => !isDeepStrictEqual(device, said.get(device.id))),
      removed: [...said.keys()].filter((id) => !now.has(id)),
    }
  }

  return {
    devices() {
      inOrder ??= [...devices.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
      return inOrder
    },
    device: (id) => devices.get(id),
    isFresh: () => fresh,
    lastUpdate: () => lastUpdate,
    version: () => version,
    onChange: (listener) => void changeListeners.push(listener),
    onAlert: (listener) => void alertListeners.push(listener),
    onFreshness: (listener) => void freshnessListeners.push(listener),
    take(line) {
      heardAt = clock.monotonicMs()
      lastUpdate = line.time
      switch (line.type) {
        case 'snapshot':
          seq = line.seq
          hasSnapshot = true
          hear(differenceTo(line.devices, line.time))
          setFresh(true)
          return true
        case 'delta':
          if (line.seq !== seq + 1) return false
          seq = line.seq
          hear(line)
          setFresh(true)
          return true
        case 'alert':
          // Whoever works on a device knows that it is down.
          if (devices.get(line.device)?.state !== 'maintenance') {
            for (const listener of alertListeners) listener(line)
          }
          return true
        case 'beat':
          setFresh(hasSnapshot)
          return true
      }
    },
    away: () => setFresh(false),
    tick() {
      overlayAgain()
      if (fresh && clock.monotonicMs() - heardAt > SILENCE_MS) setFresh(false)
    },
  }
}

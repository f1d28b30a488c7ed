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
  /** Looks whether lines still come; to be called every second. */
  tick(): void
}

/** Ingest sends a line at least every second. */
const SILENCE_MS = 5 * SECOND

export function createLiveMirror(clock: Clock): LiveMirror {
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
    for (const device of change.changed) devices.set(device.id, device)
    for (const id of change.removed) devices.delete(id)
    inOrder = null
    version += 1
    for (const listener of changeListeners) listener(change)
  }
  /** What a snapshot says anew; what is as before keeps its object, and with it what was made from it. */
  const differenceTo = (snapshot: readonly LiveDevice[], time: TimeMs): LiveChange => {
    const now = new Set(snapshot.map((device) => device.id))
    return {
      time,
      changed: snapshot.filter((device) => !isDeepStrictEqual(device, devices.get(device.id))),
      removed: [...devices.keys()].filter((id) => !now.has(id)),
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
          apply(differenceTo(line.devices, line.time))
          setFresh(true)
          return true
        case 'delta':
          if (line.seq !== seq + 1) return false
          seq = line.seq
          apply(line)
          setFresh(true)
          return true
        case 'alert':
          for (const listener of alertListeners) listener(line)
          return true
        case 'beat':
          setFresh(hasSnapshot)
          return true
      }
    },
    away: () => setFresh(false),
    tick() {
      if (fresh && clock.monotonicMs() - heardAt > SILENCE_MS) setFresh(false)
    },
  }
}

// Maintenance windows (`maintenance.json` in the data folder): while one is on, its devices are in maintenance, whatever
// they say, and the time counts neither as up nor as down (domain B1).

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { LiveDevice } from '../../contract/feed.ts'
import type { TimeMs } from '../../contract/time.ts'
import { readIfPresent, writeFileAtomic } from '../../runtime/files.ts'

export interface Window {
  readonly id: string
  readonly devices: 'all' | readonly string[]
  readonly from: TimeMs
  readonly to: TimeMs
  readonly reason: string
  /** Who announced it. */
  readonly by: string
}

export interface Maintenance {
  /** In order of their start. */
  windows(): readonly Window[]
  add(window: Omit<Window, 'id'>): Window
  /** False when there is none of that id. */
  remove(id: string): boolean
  /** Ends a window at `now`. Null when there is none of that id, or it is not on then. */
  end(id: string, now: TimeMs): Window | null
  /** The device as it is with the windows that are on at `now`: the same object where none is. */
  overlay(device: LiveDevice, now: TimeMs): LiveDevice
  /** [from, to) of the windows of a device. */
  windowsOf(device: string): readonly (readonly [TimeMs, TimeMs])[]
}

export function openMaintenance(dataFolder: string): Maintenance {
  const path = join(dataFolder, 'maintenance.json')
  let windows = readWindows(path)
  const overlaid = new WeakMap<LiveDevice, { readonly window: Window; readonly device: LiveDevice }>()

  const keep = (next: readonly Window[]): void => {
    windows = next.toSorted((a, b) => a.from - b.from)
    writeFileAtomic(path, `${JSON.stringify({ version: 1, windows })}\n`)
  }
  return {
    windows: () => windows,
    add(window) {
      const added = { id: randomBytes(6).toString('hex'), ...window }
      keep([...windows, added])
      return added
    },
    remove(id) {
      const rest = windows.filter((window) => window.id !== id)
      if (rest.length === windows.length) return false
      keep(rest)
      return true
    },
    end(id, now) {
      const on = windows.find((window) => window.id === id && window.from < now && now < window.to)
      if (on === undefined) return null
      const ended = { ...on, to: now }
      keep(windows.map((window) => (window === on ? ended : window)))
      return ended
    },
    overlay(device, now) {
      const window = windows.find(
        ({ devices, from, to }) =>
          from <= now && now < to && (devices === 'all' || devices.includes(device.id)),
      )
      if (window === undefined) return device
      const made = overlaid.get(device)
      if (made?.window === window) return made.device
      const shown: LiveDevice = { ...device, state: 'maintenance', since: window.from, cause: null }
      overlaid.set(device, { window, device: shown })
      return shown
    },
    windowsOf: (id) =>
      windows
        .filter(({ devices }) => devices === 'all' || devices.includes(id))
        .map(({ from, to }) => [from, to] as const),
  }
}

function readWindows(path: string): readonly Window[] {
  const text = readIfPresent(path)
  if (text === null) return []
  // Written by this program alone, whole or not at all.
  return (JSON.parse(text) as { readonly windows: readonly Window[] }).windows
}

// Reads, watches and changes the registry of devices and accounts (`registry.json` in the data folder). Several processes
// write it, so a change is made under a lock file, from the text as it is now, and replaces the file whole.

import { closeSync, mkdirSync, openSync, statSync, unlinkSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PantauError } from '../contract/errors.ts'
import type { Account, RegisteredDevice, Registry } from '../contract/registry.ts'
import { readIfPresent, systemCode, writeFileAtomic } from './files.ts'

const EMPTY: Registry = { version: 1, everReal: false, devices: [], accounts: [] }

export function registryPath(dataFolder: string): string {
  return join(dataFolder, 'registry.json')
}

/** The registry; empty when there is none yet. Throws `data_unusable` when the file is damaged: then nobody gets in. */
export function readRegistry(dataFolder: string): Registry {
  const path = registryPath(dataFolder)
  const text = readIfPresent(path)
  if (text === null) return EMPTY
  const registry = parseRegistry(text)
  if (registry === null) {
    throw new PantauError('data_unusable', `${path} is damaged; restore it from a backup`)
  }
  return registry
}

function parseRegistry(text: string): Registry | null {
  try {
    const parsed = JSON.parse(text) as Partial<Registry> | null
    const whole = parsed?.version === 1 && Array.isArray(parsed.devices) && Array.isArray(parsed.accounts)
    return whole ? (parsed as Registry) : null
  } catch {
    return null
  }
}

/** A process that dies while it holds the lock leaves it behind; a change takes milliseconds. */
const LOCK_GIVEN_UP_MS = 10_000
const LOCK_RETRY_MS = 20

/** Changes the registry by `change`, durably; returns what is kept then. Changes by several processes follow each other. */
export async function changeRegistry(
  dataFolder: string,
  change: (registry: Registry) => Registry,
): Promise<Registry> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const lock = `${registryPath(dataFolder)}.lock`
  await takeLock(lock)
  try {
    const changed = change(readRegistry(dataFolder))
    writeFileAtomic(registryPath(dataFolder), `${JSON.stringify(changed, null, 1)}\n`)
    return changed
  } finally {
    unlinkSync(lock)
  }
}

async function takeLock(path: string): Promise<void> {
  for (;;) {
    try {
      closeSync(openSync(path, 'wx', 0o600))
      return
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
    removeStaleLock(path)
    await sleep(LOCK_RETRY_MS)
  }
}

function removeStaleLock(path: string): void {
  try {
    const held = statSync(path)
    // The file system's own clock on both sides: a new file's time tells it.
    const probe = `${path}.${process.pid}.probe`
    closeSync(openSync(probe, 'w', 0o600))
    const now = statSync(probe).mtimeMs
    unlinkSync(probe)
    if (now - held.mtimeMs > LOCK_GIVEN_UP_MS) unlinkSync(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

export interface RegistryWatch {
  /** The registry as last read. */
  current(): Registry
  /** Looks at the file now. */
  refresh(): void
  close(): void
}

const WATCH_POLL_MS = 1_000

/**
 * Follows the registry: `onChange` is called with each new text, within a second. A damaged file is reported by `onFault`
 * once, and what was known before stands.
 */
export function watchRegistry(
  dataFolder: string,
  onChange: (registry: Registry) => void,
  onFault: (fault: PantauError) => void,
): RegistryWatch {
  let seen = versionOf(dataFolder)
  let current = readRegistry(dataFolder)
  const refresh = (): void => {
    const version = versionOf(dataFolder)
    if (version === seen) return
    seen = version
    try {
      current = readRegistry(dataFolder)
    } catch (error) {
      if (error instanceof PantauError) onFault(error)
      else throw error
      return
    }
    onChange(current)
  }
  // Notices at once where the file system tells; the timer is for those that do not.
  const watcher = watch(dataFolder, (_event, file) => {
    if (file === 'registry.json') refresh()
  })
  const timer = setInterval(refresh, WATCH_POLL_MS)
  timer.unref()
  return {
    current: () => current,
    refresh,
    close() {
      watcher.close()
      clearInterval(timer)
    },
  }
}

/** Changes with every replacement of the file. */
function versionOf(dataFolder: string): string {
  try {
    const status = statSync(registryPath(dataFolder), { bigint: true })
    return `${status.ino}:${status.mtimeNs}:${status.size}`
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'none'
    throw error
  }
}

/** The registry with `device` in place of one of the same id, or added; a real device is remembered for ever. */
export function withDevice(registry: Registry, device: RegisteredDevice): Registry {
  return {
    ...registry,
    everReal: registry.everReal || !device.simulated,
    devices: [...registry.devices.filter((other) => other.id !== device.id), device],
  }
}

export function withoutDevice(registry: Registry, id: string): Registry {
  return { ...registry, devices: registry.devices.filter((device) => device.id !== id) }
}

export function withAccount(registry: Registry, account: Account): Registry {
  return {
    ...registry,
    accounts: [...registry.accounts.filter((other) => other.name !== account.name), account],
  }
}

export function withoutAccount(registry: Registry, name: string): Registry {
  return { ...registry, accounts: registry.accounts.filter((account) => account.name !== name) }
}

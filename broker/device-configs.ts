// Settings that staff give to devices: `device-config.json` in the data folder, an object of JSON objects by device id. Each is
// published, retained, on the device's `config` topic; what is taken out of the file is taken back.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { isMissing, readIfPresent } from '../runtime/files.ts'

export interface DeviceConfigsPlan {
  readonly dataFolder: string
  /** Null for a device that is not known. */
  readonly topicOf: (device: string) => string | null
  /** Topics of `config` that are retained, and their payloads. */
  readonly held: () => ReadonlyMap<string, string>
  readonly tell: (topic: string, payload: string) => Promise<void>
  readonly onFault: (message: string) => void
}

export class DeviceConfigs {
  readonly #plan: DeviceConfigsPlan
  readonly #path: string
  #version = ''

  constructor(plan: DeviceConfigsPlan) {
    this.#plan = plan
    this.#path = join(plan.dataFolder, 'device-config.json')
  }

  /** Looks whether the file was changed, and if so publishes what differs. */
  async refresh(): Promise<void> {
    const version = versionOf(this.#path)
    if (version === this.#version) return
    this.#version = version
    await this.publish()
  }

  /** Publishes what differs from what is retained: after a change of the file, or of the devices. */
  async publish(): Promise<void> {
    const configs = parseConfigs(readIfPresent(this.#path) ?? '{}')
    if (configs === null) {
      this.#plan.onFault(`${this.#path} is no object of objects by device id; what was set before stands`)
      return
    }
    const wanted = new Map<string, string>()
    for (const [device, config] of configs) {
      const topic = this.#plan.topicOf(device)
      if (topic !== null) wanted.set(topic, JSON.stringify(config))
    }
    const held = this.#plan.held()
    for (const [topic, payload] of wanted) {
      if (held.get(topic) !== payload) await this.#plan.tell(topic, payload)
    }
    for (const topic of held.keys()) if (!wanted.has(topic)) await this.#plan.tell(topic, '')
  }
}

/** Null when the text is no such object. */
function parseConfigs(text: string): [device: string, config: object][] | null {
  try {
    const parsed: unknown = JSON.parse(text)
    if (!isObject(parsed)) return null
    const entries = Object.entries(parsed)
    return entries.every((entry): entry is [string, object] => isObject(entry[1])) ? entries : null
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function versionOf(path: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(path, { bigint: true })
    return `${ino}:${mtimeNs}:${size}`
  } catch (error) {
    if (isMissing(error)) return 'none'
    throw error
  }
}

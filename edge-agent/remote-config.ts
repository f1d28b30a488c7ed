// The device's retained `config` topic: settings of what is measured, set from the desk. It is taken whole or not at all; the
// last one that was taken is kept on disk, so that a hotspot that starts without its uplink measures as it did before.

import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../runtime/files.ts'
import { parseObject } from './json.ts'
import {
  type AgentSettings,
  flagOf,
  resolveSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingTexts,
  textsOfJson,
} from './settings.ts'

export type RemoteConfig =
  | {
      readonly ok: true
      readonly texts: SettingTexts
      /** Members that are no settings, or none that may be set from afar. */
      readonly ignored: readonly string[]
      /** Settings that were given on the spot, which goes before. */
      readonly overruled: readonly string[]
    }
  | { readonly ok: false; readonly faults: readonly string[] }

/** What a `config` message says; an empty one takes back what was said before. */
export function parseRemoteConfig(payload: string, local: SettingTexts): RemoteConfig {
  if (payload.trim() === '') return { ok: true, texts: {}, ignored: [], overruled: [] }
  const object = parseObject(payload)
  if (object === null) return { ok: false, faults: ['the message is not a JSON object'] }
  const { texts: all, unknown, faults } = textsOfJson(object)
  const texts: SettingTexts = {}
  const ignored = [...unknown]
  for (const name of SETTING_NAMES) {
    if (all[name] === undefined) continue
    if (SETTINGS[name].remote) texts[name] = all[name]
    else ignored.push(name)
  }
  const illFormed = resolveSettings([texts]).faults
  const allFaults = [...faults, ...illFormed.map(({ name, text, rule }) => `${name} is ${text}; ${rule}`)]
  if (allFaults.length > 0) return { ok: false, faults: allFaults }
  const overruled = SETTING_NAMES.filter((name) => texts[name] !== undefined && local[name] !== undefined)
  return { ok: true, texts, ignored, overruled: overruled.map(flagOf) }
}

/** The settings with the remote ones below those given on the spot. Both have passed their rules. */
export function withRemote(local: SettingTexts, remote: SettingTexts): AgentSettings {
  return resolveSettings([local, remote]).settings
}

export class RemoteConfigFile {
  readonly #path: string

  constructor(folder: string) {
    this.#path = join(folder, 'config.json')
  }

  /** The last message taken; null when there was none. */
  read(): string | null {
    return readIfPresent(this.#path)
  }

  write(payload: string): void {
    writeFileAtomic(this.#path, payload)
  }
}

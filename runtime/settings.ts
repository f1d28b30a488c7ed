// Reads the settings of a program from its flags, its environment and the data folder's `.env`, and ends it with every
// fault at once when one is ill-formed (exit 2).

import { join } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import {
  flagOf,
  parseSettings,
  SETTINGS,
  type SettingName,
  type Settings,
  type SettingsResult,
} from '../contract/settings.ts'
import { readIfPresent, systemCode } from './files.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Settings, where each came from, and warnings. Throws `bad_setting` with every fault, a line each. */
export function loadSettings(argv: readonly string[], environment: Environment): SettingsResult {
  const { flags, faults } = readFlags(argv)
  const dataFolder = flags.PANTAU_DATA ?? environment['PANTAU_DATA'] ?? SETTINGS.PANTAU_DATA.default
  const dotEnv = parseDotEnv(readDotEnv(dataFolder))
  const result = parseSettings(flags, environment, dotEnv)
  const all = [...faults, ...result.faults]
  if (all.length > 0) throw new PantauError('bad_setting', all.join('\n'))
  return { ...result, warnings: [...result.warnings, ...secretFlags(result)] }
}

/** A flag stands in the list of processes and in the shell's history, for everybody on the machine to read. */
function secretFlags({ settings, sources }: SettingsResult): string[] {
  return (
    (Object.keys(SETTINGS) as SettingName[])
      .filter((name) => sources[name] === 'flag')
      // An address without a name and a password is none.
      .filter(
        (name) =>
          SETTINGS[name].secret === true && !/^[^@]*:\/\/[^@]*$|^duckdb$/.test(String(settings[name])),
      )
      .map(
        (name) =>
          `${flagOf(name)} holds a secret that everybody on this machine can read in the list of processes; give ${name} in the environment or in .env of the data folder`,
      )
  )
}

/** Empty when there is none. Throws `data_unusable` when it, or the folder, cannot be read. */
function readDotEnv(dataFolder: string): string {
  const path = join(dataFolder, '.env')
  try {
    return readIfPresent(path) ?? ''
  } catch (error) {
    const code = systemCode(error) ?? String(error)
    throw new PantauError(
      'data_unusable',
      `PANTAU_DATA is ${dataFolder}, where ${path} cannot be read (${code}); give a folder that can be read`,
      { cause: error },
    )
  }
}

/** The environment that gives another process just these settings. */
export function settingsAsEnvironment(settings: Settings): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const value = settings[name]
    if (value === null) continue
    if (Array.isArray(value)) environment[name] = value.join(',')
    else environment[name] = isSpan(name) ? `${value}ms` : String(value)
  }
  return environment
}

function isSpan(name: SettingName): boolean {
  return name === 'PANTAU_RETENTION' || name === 'PANTAU_MAX_AGE' || name === 'PANTAU_MAX_AHEAD'
}

interface Flags {
  readonly flags: Partial<Record<SettingName, string>>
  readonly faults: readonly string[]
}

function readFlags(argv: readonly string[]): Flags {
  const byFlag = new Map((Object.keys(SETTINGS) as SettingName[]).map((name) => [flagOf(name), name]))
  const flags: Partial<Record<SettingName, string>> = {}
  const faults: string[] = []
  for (let index = 0; index < argv.length; index += 1) {
    const [flag = '', inline] = splitOnce(argv[index] ?? '', '=')
    const name = byFlag.get(flag)
    if (name === undefined) {
      faults.push(`${flag} is no flag; ${[...byFlag.keys()].join(', ')} are taken`)
      continue
    }
    const value = inline ?? argv[index + 1]
    if (value === undefined) faults.push(`${flag} has no value; ${SETTINGS[name].meaning}`)
    else flags[name] = value
    if (inline === undefined) index += 1
  }
  return { flags, faults }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** `NAME=value` lines; `#` begins a comment line; quotes around a value are taken off. */
export function parseDotEnv(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
    if (match?.[1] === undefined || match[2] === undefined) continue
    values[match[1]] = match[2].replace(/^(["'])(.*)\1$/, '$2')
  }
  return values
}

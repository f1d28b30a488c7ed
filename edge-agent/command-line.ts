// What a person or an init script gives: flags, environment, a JSON file. Wrong ones are all named at once (exit 2).

import { PantauError } from '../contract/errors.ts'
import { readIfPresent } from '../runtime/files.ts'
import { parseObject } from './json.ts'
import {
  type AgentSettings,
  environmentNameOf,
  flagOf,
  isSettingName,
  resolveSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type SettingTexts,
  textsOfJson,
} from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface CommandLine {
  readonly mode: 'run' | 'once' | 'help'
  readonly settings: AgentSettings
  /** What was given here, which the `config` topic does not change. */
  readonly local: SettingTexts
  /** Of the environment; null when there is none there. A password has no flag: the process list shows flags. */
  readonly password: string | null
  readonly warnings: readonly string[]
}

const PASSWORD = 'PANTAU_AGENT_PASSWORD'
const CONFIG = 'PANTAU_AGENT_CONFIG'

/** Reads all sources. Throws `bad_command` or `bad_setting` with every fault, a line each. */
export function readCommandLine(argv: readonly string[], environment: Environment): CommandLine {
  const flags = readFlags(argv)
  if (flags.mode === 'help') {
    return { mode: 'help', settings: resolveSettings([]).settings, local: {}, password: null, warnings: [] }
  }
  const fromEnvironment = readEnvironment(environment)
  const configFile = flags.configFile ?? environment[CONFIG] ?? null
  const file = configFile === null ? { texts: {}, faults: [] } : readFile(configFile)
  const sources = [flags.texts, fromEnvironment.texts, file.texts]
  const { settings, faults } = resolveSettings(sources)
  const all = [
    ...flags.faults,
    ...file.faults,
    ...faults.map(
      (fault) => `${sourceOf(fault.name, sources, configFile)} is ${masked(fault.text)}; ${fault.rule}`,
    ),
    ...(flags.mode === 'run' ? missing(settings, new Set(faults.map(({ name }) => name))) : []),
  ]
  if (all.length > 0) {
    throw new PantauError(flags.faults.length > 0 ? 'bad_command' : 'bad_setting', all.join('\n'))
  }
  return {
    mode: flags.mode,
    settings,
    local: { ...file.texts, ...fromEnvironment.texts, ...flags.texts },
    password: environment[PASSWORD] ?? null,
    warnings: fromEnvironment.warnings,
  }
}

/** What `--help` prints. */
export function helpText(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { meaning, shown, remote } = SETTINGS[name]
    return `  ${flagOf(name).padEnd(24)}${meaning} (${shown})${remote ? ' *' : ''}`
  })
  return [
    'Pantau edge agent: measures a hotspot and reports it, keeping what it cannot send.',
    '',
    'pantau-edge-agent --url URL --device ID --password-file FILE [flags]',
    'pantau-edge-agent --once [flags]',
    '',
    ...rows,
    `  ${'--config FILE'.padEnd(24)}JSON object of these settings, their names with _ for -`,
    `  ${'--once'.padEnd(24)}print one measurement as JSON and exit`,
    `  ${'--help'.padEnd(24)}this text`,
    '',
    `Each flag is also an environment variable, such as ${environmentNameOf('password_file')}; a flag goes before the`,
    `environment, that before the file, that before the device's config topic (those with *).`,
    `The password may stand in ${PASSWORD}. PANTAU_LOG=pretty writes the log for people.`,
    '',
  ].join('\n')
}

interface Flags {
  readonly mode: 'run' | 'once' | 'help'
  readonly texts: SettingTexts
  readonly configFile: string | null
  readonly faults: readonly string[]
}

function readFlags(argv: readonly string[]): Flags {
  const texts: SettingTexts = {}
  const faults: string[] = []
  let mode: Flags['mode'] = 'run'
  let configFile: string | null = null
  for (let index = 0; index < argv.length; index += 1) {
    const [flag = '', inline] = splitOnce(argv[index] ?? '')
    if (flag === '--help' || flag === '-h') return { mode: 'help', texts, configFile, faults: [] }
    if (flag === '--once') {
      mode = 'once'
      continue
    }
    const name = flag.startsWith('--') ? flag.slice(2).replaceAll('-', '_') : ''
    const isConfig = name === 'config'
    if (!isConfig && (!isSettingName(name) || flag.includes('_'))) {
      faults.push(`${flag} is no flag; ${nearestFlag(flag)}--help lists them`)
      // What follows is its value, and no fault of its own.
      if (inline === undefined && !(argv[index + 1] ?? '--').startsWith('--')) index += 1
      continue
    }
    const value = inline ?? argv[index + 1]
    if (inline === undefined) index += 1
    if (value === undefined || (inline === undefined && value.startsWith('--'))) {
      faults.push(`${flag} has no value`)
      if (value !== undefined) index -= 1
    } else if (isConfig) configFile = value
    else if (isSettingName(name)) texts[name] = value
  }
  return { mode, texts, configFile, faults }
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 || !text.startsWith('--') ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function readEnvironment(environment: Environment): { texts: SettingTexts; warnings: string[] } {
  const texts: SettingTexts = {}
  for (const name of SETTING_NAMES) {
    const text = environment[environmentNameOf(name)]
    if (text !== undefined) texts[name] = text
  }
  const known = new Set([...SETTING_NAMES.map(environmentNameOf), PASSWORD, CONFIG])
  const warnings = Object.keys(environment)
    .filter((name) => name.startsWith('PANTAU_AGENT_') && !known.has(name))
    .map((name) => `${name} is no setting; did you mean ${nearest(name, [...known])}?`)
  return { texts, warnings }
}

function readFile(path: string): { texts: SettingTexts; faults: string[] } {
  const object = parseObject(readIfPresent(path) ?? '')
  if (object === null)
    return { texts: {}, faults: [`--config is ${path}; a file with a JSON object is taken`] }
  const { texts, unknown, faults } = textsOfJson(object)
  return {
    texts,
    faults: [
      ...unknown.map(
        (name) => `${path}: ${name} is no setting; did you mean ${nearest(name, SETTING_NAMES)}?`,
      ),
      ...faults.map((fault) => `${path}: ${fault}`),
    ],
  }
}

function sourceOf(name: SettingName, sources: readonly SettingTexts[], configFile: string | null): string {
  if (sources[0]?.[name] !== undefined) return flagOf(name)
  if (sources[1]?.[name] !== undefined) return environmentNameOf(name)
  return `${configFile ?? ''}: ${name}`
}

/** What a running agent cannot do without and was not given at all. */
function missing(settings: AgentSettings, illFormed: ReadonlySet<SettingName>): string[] {
  const faults: string[] = []
  if (settings.url === null && !illFormed.has('url')) faults.push(`--url is missing; ${SETTINGS.url.meaning}`)
  if (settings.device === null && !illFormed.has('device'))
    faults.push(`--device is missing; ${SETTINGS.device.meaning}`)
  if ((settings.cert === null) !== (settings.key === null)) faults.push('--cert and --key go together')
  return faults
}

/** An address may hold a password, which no message repeats. */
function masked(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//***@')
}

function nearestFlag(flag: string): string {
  if (/^--(password|secret|token)$/.test(flag)) return `give --password-file or ${PASSWORD}; `
  return flag.startsWith('--') ? `did you mean ${nearest(flag, SETTING_NAMES.map(flagOf))}? ` : ''
}

/** The candidate with the least edits (Levenshtein). */
function nearest(text: string, candidates: readonly string[]): string {
  const distances = candidates.map((candidate) => ({ candidate, distance: editDistance(text, candidate) }))
  return distances.reduce((best, one) => (one.distance < best.distance ? one : best)).candidate
}

function editDistance(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row += 1) {
    const now = [row]
    for (let column = 1; column <= other.length; column += 1) {
      const replace = (before[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1)
      now.push(Math.min(replace, (before[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1))
    }
    before = now
  }
  return before[other.length] ?? 0
}

// The agent's settings: a row each, with its rule, default and meaning. A setting is a flag, an environment variable, a member of
// the JSON file, and, when it is about measuring, a member of the device's `config` topic; the first of these that has it
// counts. All faults are reported together.

import { isIP } from 'node:net'
import { DAY, MINUTE, parseDuration, SECOND } from '../contract/time.ts'
import { DEVICE_ID_RULE, isDeviceId } from '../contract/topics.ts'
import { isHost, parseTarget, TARGET_RULE, type Target } from './probes/target.ts'
import { INTERFACE_NAME } from './probes/wifi/association.ts'

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rule: string }

export interface Setting<T> {
  readonly default: T
  /** The default as `--help` prints it. */
  readonly shown: string
  readonly parse: (text: string) => Parsed<T>
  readonly meaning: string
  /** True when the `config` topic may set it: what is measured, never where to or as whom it is sent. */
  readonly remote: boolean
}

const accept = <T>(value: T): Parsed<T> => ({ ok: true, value })
const refuse = (rule: string): { ok: false; rule: string } => ({ ok: false, rule })

function row<T>(
  parse: (text: string) => Parsed<T>,
  value: T,
  shown: string,
  meaning: string,
  remote: 'remote' | 'local' = 'local',
): Setting<T> {
  return { parse, default: value, shown, meaning, remote: remote === 'remote' }
}

/** The text, or null when it is empty. */
const optionalText = (text: string): Parsed<string | null> => accept(text === '' ? null : text)

function deviceId(text: string): Parsed<string | null> {
  return isDeviceId(text) ? accept(text) : refuse(DEVICE_ID_RULE)
}

function duration(least: number, most: number, rule: string): (text: string) => Parsed<number> {
  return (text) => {
    const span = parseDuration(text)
    return span !== null && span >= least && span <= most ? accept(span) : refuse(rule)
  }
}

function wholeNumber(least: number, most: number): (text: string) => Parsed<number> {
  return (text) =>
    /^\d{1,12}$/.test(text) && Number(text) >= least && Number(text) <= most
      ? accept(Number(text))
      : refuse(`a whole number from ${least} to ${most} is taken`)
}

const BYTES_UNIT = { '': 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const

function bytes(least: number, most: number, rule: string): (text: string) => Parsed<number> {
  return (text) => {
    const match = /^(\d{1,12})(|KiB|MiB|GiB)$/.exec(text)
    if (match === null) return refuse(rule)
    const value = Number(match[1]) * BYTES_UNIT[match[2] as keyof typeof BYTES_UNIT]
    return value >= least && value <= most ? accept(value) : refuse(rule)
  }
}

function url(protocols: readonly string[], rule: string): (text: string) => Parsed<string | null> {
  return (text) => {
    if (text === '') return accept(null)
    if (!URL.canParse(text)) return refuse(rule)
    const parsed = new URL(text)
    if (!protocols.includes(parsed.protocol) || parsed.hostname === '') return refuse(rule)
    if (parsed.username !== '' || parsed.password !== '') {
      return refuse('an address holds no name or password; give --device and --password-file')
    }
    return accept(text)
  }
}

function list<T>(
  one: (text: string) => T | null,
  most: number,
  rule: string,
): (text: string) => Parsed<readonly T[]> {
  return (text) => {
    const parts = text.split(',').map((part) => part.trim())
    if (text.trim() === '') return accept([])
    const values = parts.map(one)
    const known = values.filter((value) => value !== null)
    return known.length === values.length && known.length <= most ? accept(known) : refuse(rule)
  }
}

function yesNo(text: string): Parsed<boolean> {
  if (text === 'true' || text === 'on') return accept(true)
  return text === 'false' || text === 'off' ? accept(false) : refuse('on or off is taken')
}

function oneOf<const T extends string>(...allowed: readonly T[]): (text: string) => Parsed<T> {
  return (text) => {
    const found = allowed.find((value) => value === text)
    return found === undefined ? refuse(`one of ${allowed.join(', ')} is taken`) : accept(found)
  }
}

const dnsName = (text: string): Parsed<string | null> =>
  text === '' || isHost(text)
    ? optionalText(text)
    : refuse('a host name is taken, or nothing for no measurement')
const nameServer = (text: string): Parsed<string | null> => {
  const server = parseTarget(text)
  if (text === '' || (server !== null && isIP(server.host) !== 0)) return optionalText(text)
  return refuse('an IP address is taken, with a port or without')
}
const interfaceName = (text: string): string | null => (INTERFACE_NAME.test(text) ? text : null)

const httpUrl = url(
  ['http:', 'https:'],
  'an http:// or https:// address is taken, or nothing for no measurement',
)
const KIB = 1_024
const MIB = 1_048_576
const GIB = 1_073_741_824

/** In the order that `--help` prints them. Names are those of flags without `--`, with `_` for `-`. */
export const SETTINGS = {
  url: row(
    url(['mqtt:', 'mqtts:', 'ws:', 'wss:'], 'an mqtt://, mqtts://, ws:// or wss:// address is taken'),
    null as string | null,
    'none',
    'the broker, such as mqtts://pantau.example.id:8883 or wss://pantau.example.id/mqtt',
  ),
  village: row(deviceId, 'cideng' as string | null, 'cideng', 'the village, as in its village.json'),
  device: row(deviceId, null as string | null, 'none', 'this hotspot; also the name it signs in with'),
  password_file: row(
    optionalText,
    null as string | null,
    'none',
    'file with the password, read anew at each connection',
  ),
  ca: row(optionalText, null as string | null, "the system's", 'file with the certificates to trust (PEM)'),
  cert: row(optionalText, null as string | null, 'none', 'file with a client certificate (PEM), with --key'),
  key: row(optionalText, null as string | null, 'none', "file with the client certificate's key (PEM)"),
  tls_verify: row(yesNo, true, 'on', "off takes any broker's certificate: for tests only"),
  state: row(
    optionalText,
    null as string | null,
    '~/.local/state/pantau-edge-agent/DEVICE',
    'folder of the queue',
  ),
  queue_limit: row(
    bytes(MIB, 64 * GIB, 'a size from 1MiB to 64GiB is taken, such as 256MiB'),
    256 * MIB,
    '256MiB',
    'what waits on disk at most; beyond it the oldest thin out',
  ),
  log_level: row(
    oneOf('debug', 'info', 'warn', 'error'),
    'info' as const as 'debug' | 'info' | 'warn' | 'error',
    'info',
    'the least that is logged',
  ),
  interval: row(
    duration(SECOND, DAY, 'a span from 1s to 1d is taken, such as 60s'),
    MINUTE,
    '60s',
    'from one measurement to the next',
    'remote',
  ),
  targets: row(
    list(parseTarget, 8, `${TARGET_RULE}; up to 8, with commas between`),
    [
      { host: '1.1.1.1', port: null },
      { host: '8.8.8.8', port: null },
    ] as readonly Target[],
    '1.1.1.1,8.8.8.8',
    'what is pinged; with a port it is reached by TCP',
    'remote',
  ),
  ping_count: row(wholeNumber(1, 20), 5, '5', 'echoes to each target in a measurement', 'remote'),
  answer_timeout: row(
    duration(100, 10 * SECOND, 'a span from 100ms to 10s is taken'),
    2 * SECOND,
    '2s',
    'how long an answer is waited for; later is lost',
    'remote',
  ),
  dns_name: row(
    dnsName,
    'example.com' as string | null,
    'example.com',
    'name whose resolution is timed; empty: none',
    'remote',
  ),
  dns_server: row(nameServer, null as string | null, "the system's", 'server that is asked for it', 'remote'),
  http_url: row(
    httpUrl,
    'http://detectportal.firefox.com/success.txt' as string | null,
    'http://detectportal.firefox.com/success.txt',
    'page whose fetch is timed; empty: none',
    'remote',
  ),
  wifi: row(
    list(interfaceName, 8, 'up to 8 interface names with commas between are taken, such as wlan0,wlan1'),
    [] as readonly string[],
    'those found',
    'access point interfaces whose clients are counted',
    'remote',
  ),
  throughput_url: row(
    httpUrl,
    null as string | null,
    'none',
    'file that is fetched to measure download',
    'remote',
  ),
  throughput_upload_url: row(
    httpUrl,
    null as string | null,
    'none',
    'address that takes POST, to measure upload',
    'remote',
  ),
  throughput_every: row(
    (text) =>
      text === 'off'
        ? accept(0)
        : duration(10 * MINUTE, 7 * DAY, 'off, or a span from 10m to 7d, is taken')(text),
    0,
    'off',
    'how often throughput is measured by itself',
    'remote',
  ),
  throughput_size: row(
    bytes(64 * KIB, GIB, 'a size from 64KiB to 1GiB is taken'),
    10 * MIB,
    '10MiB',
    'data of one test in one direction at most',
    'remote',
  ),
  throughput_budget: row(
    bytes(0, 100 * GIB, 'a size up to 100GiB is taken'),
    100 * MIB,
    '100MiB',
    'data of all tests in a day (UTC) at most',
    'remote',
  ),
} as const satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof SETTINGS
export type AgentSettings = { readonly [Name in SettingName]: (typeof SETTINGS)[Name]['default'] }

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]

/** Texts of the settings that a source gives. */
export type SettingTexts = Partial<Record<SettingName, string>>

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name)
}

export function flagOf(name: SettingName): string {
  return `--${name.replaceAll('_', '-')}`
}

export function environmentNameOf(name: SettingName): string {
  return `PANTAU_AGENT_${name.toUpperCase()}`
}

export interface Fault {
  readonly name: SettingName
  readonly text: string
  readonly rule: string
}

/** The settings of these sources, the first that has one counting, and all that no rule takes. */
export function resolveSettings(sources: readonly SettingTexts[]): {
  settings: AgentSettings
  faults: readonly Fault[]
} {
  const faults: Fault[] = []
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of SETTING_NAMES) {
    const text = sources.find((source) => source[name] !== undefined)?.[name]
    const parsed: Parsed<unknown> =
      text === undefined ? accept<unknown>(SETTINGS[name].default) : SETTINGS[name].parse(text)
    if (parsed.ok) values[name] = parsed.value
    else faults.push({ name, text: text ?? '', rule: parsed.rule })
  }
  // Each value came from the row of its name, or is its default; those with faults keep the default too.
  const defaults = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default]))
  return { settings: { ...defaults, ...values } as AgentSettings, faults }
}

/**
 * The texts that a JSON object gives: strings as they are, numbers, true and false, arrays of strings. Names that are no
 * setting, and values of another type, come back apart.
 */
export function textsOfJson(object: Readonly<Record<string, unknown>>): {
  texts: SettingTexts
  unknown: readonly string[]
  faults: readonly string[]
} {
  const texts: SettingTexts = {}
  const unknown: string[] = []
  const faults: string[] = []
  for (const [name, value] of Object.entries(object)) {
    if (!isSettingName(name)) unknown.push(name)
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      texts[name] = String(value)
    } else if (Array.isArray(value) && value.every((part) => typeof part === 'string')) {
      texts[name] = value.join(',')
    } else faults.push(`${name} is neither text, number, true or false, nor a list of texts`)
  }
  return { texts, unknown, faults }
}

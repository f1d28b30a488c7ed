// Settings: one row each, with its rule, default and meaning (contract section 2). The parser takes the environment
// and the flags as arguments, reports every fault together, and is called once by each program.

import { parseDuration } from './time.ts'

type Parsed<T> = { ok: true; value: T } | { ok: false; rule: string }

interface Setting<T> {
  readonly default: T
  /** The default as README prints it. */
  readonly shown: string
  readonly parse: (text: string) => Parsed<T>
  readonly meaning: string
  /** True when the value must not be printed. */
  readonly secret?: boolean
}

const accept = <T>(value: T): Parsed<T> => ({ ok: true, value })
const refuse = (rule: string): { ok: false; rule: string } => ({ ok: false, rule })

function row<T>(
  parse: (text: string) => Parsed<T>,
  fallback: T,
  shown: string,
  meaning: string,
  secret = false,
): Setting<T> {
  return { parse, default: fallback, shown, meaning, secret }
}

const text = (value: string): Parsed<string> =>
  value === '' ? refuse('it must not be empty') : accept(value)
const optionalText = (value: string): Parsed<string | null> => (value === '' ? accept(null) : accept(value))

function oneOf<const T extends string>(...allowed: readonly T[]): (value: string) => Parsed<T> {
  return (value) =>
    (allowed as readonly string[]).includes(value)
      ? accept(value as T)
      : refuse(`one of ${allowed.join(', ')} is taken`)
}

function port(value: string): Parsed<number> {
  const number = Number(value)
  return /^\d{1,5}$/.test(value) && number <= 65_535 ? accept(number) : refuse('a port is 0 to 65535')
}

const optionalPort = (value: string): Parsed<number | null> =>
  value === '' || value === 'off' ? accept(null) : port(value)

function duration(value: string): Parsed<number> {
  const span = parseDuration(value)
  return span === null || span <= 0
    ? refuse('a span is a number and ms, s, m, h or d, such as 30d')
    : accept(span)
}

function wholeNumber(least: number, most: number): (value: string) => Parsed<number> {
  return (value) => {
    const number = Number(value)
    return /^\d{1,12}$/.test(value) && number >= least && number <= most
      ? accept(number)
      : refuse(`a whole number from ${least} to ${most} is taken`)
  }
}

const STORE = /^(duckdb|influxdb[12](\+tls)?:\/\/.+)$/
const store = (value: string): Parsed<string> =>
  STORE.test(value)
    ? accept(value)
    : refuse('duckdb, influxdb1://user:pw@host:8086/db or influxdb2://host:8086/ORG/BUCKET is taken')

function requirements(value: string): Parsed<readonly string[]> {
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const allowed = ['chromium', 'influxdb', 'mosquitto']
  const unknown = names.find((name) => !allowed.includes(name))
  return unknown === undefined ? accept(names) : refuse(`a comma list of ${allowed.join(', ')} is taken`)
}

export const SETTINGS = {
  PANTAU_DATA: row(text, './data', './data', 'data folder: log, store, credentials; created 0700'),
  PANTAU_VILLAGE: row(
    text,
    'villages/cideng',
    'villages/cideng',
    'village folder: `village.json` and what it refers to',
  ),
  PANTAU_SIMULATE: row(
    oneOf('auto', 'on', 'off'),
    'auto' as 'auto' | 'on' | 'off',
    'auto',
    'simulators: `auto` runs them while no real device has ever been added',
  ),
  PANTAU_HOST: row(text, '127.0.0.1', '127.0.0.1', 'address that all doors bind to'),
  PANTAU_MQTT_PORT: row(port, 1883, '1883', 'MQTT over TCP; 0 picks a free one'),
  PANTAU_MQTTS_PORT: row(optionalPort, null as number | null, 'off', 'MQTT over TLS; needs the certificate'),
  PANTAU_TLS_CERT: row(
    optionalText,
    null as string | null,
    'none',
    'certificate file (PEM) for MQTT over TLS and HTTPS',
  ),
  PANTAU_TLS_KEY: row(optionalText, null as string | null, 'none', 'its private key (PEM)'),
  PANTAU_TLS_CLIENT_CA: row(
    optionalText,
    null as string | null,
    'none',
    'CA file: MQTT clients must show a certificate of it',
  ),
  PANTAU_HTTP_PORT: row(
    port,
    8080,
    '8080',
    'dashboard, API, MQTT over WebSocket at `/mqtt`; 0 picks a free one',
  ),
  PANTAU_STORE: row(
    store,
    'duckdb',
    'duckdb',
    '`duckdb`, `influxdb1://…` or `influxdb2://…`; `+tls` for https',
    true,
  ),
  PANTAU_INFLUX_TOKEN: row(optionalText, null as string | null, 'none', 'token for `influxdb2://`', true),
  PANTAU_RETENTION: row(
    duration,
    400 * 86_400_000,
    '400d',
    'how long raw readings are kept; hourly means ten times as long',
  ),
  PANTAU_MAX_AGE: row(duration, 30 * 86_400_000, '30d', 'older device times are refused'),
  PANTAU_MAX_AHEAD: row(duration, 300_000, '5m', 'device times further ahead are refused'),
  PANTAU_MQTT_ANONYMOUS: row(
    oneOf('on', 'off'),
    'off' as 'on' | 'off',
    'off',
    '`on` lets devices in without credentials; loopback only',
  ),
  PANTAU_LIMIT_PAYLOAD: row(wholeNumber(1, 1_048_576), 65_536, '65536', 'bytes in one message'),
  PANTAU_LIMIT_RATE: row(
    wholeNumber(0, 1_000_000),
    200,
    '200',
    'messages a second of one device, sustained; 0 no limit',
  ),
  PANTAU_LOG_LEVEL: row(
    oneOf('debug', 'info', 'warn', 'error'),
    'info' as 'debug' | 'info' | 'warn' | 'error',
    'info',
    'least level that is logged',
  ),
  PANTAU_LOG: row(oneOf('json', 'pretty'), 'json' as 'json' | 'pretty', 'json', '`pretty` for people'),
  PANTAU_TILES: row(
    optionalText,
    null as string | null,
    'none',
    'tile URL template for the base map; none: the shipped map',
  ),
  PANTAU_REQUIRE: row(
    requirements,
    [] as readonly string[],
    'none',
    'comma list of `chromium`, `influxdb`, `mosquitto`: tests fail rather than skip',
  ),
} as const satisfies Record<string, Setting<never> | Setting<unknown>>

export type SettingName = keyof typeof SETTINGS
type ValueOf<S> = S extends Setting<infer T> ? T : never
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> }

export type SettingSource = 'flag' | 'environment' | '.env' | 'default'

export interface SettingsResult {
  readonly settings: Settings
  /** Where each value came from; `npm run doctor` prints it. */
  readonly sources: Readonly<Record<SettingName, SettingSource>>
  /** Every ill-formed value: exit 2 when there is one. */
  readonly faults: readonly string[]
  /** Unknown PANTAU_ names, with the nearest known. */
  readonly warnings: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** `PANTAU_MQTT_PORT` is `--mqtt-port` as a flag of `npm start --`. */
export function flagOf(name: SettingName): string {
  return `--${name.slice('PANTAU_'.length).toLowerCase().replaceAll('_', '-')}`
}

/**
 * Settings from flags, environment and `.env`, in that order of precedence, then the default. All faults are
 * returned together; the value of a faulty setting is its default.
 */
export function parseSettings(
  flags: Environment,
  environment: Environment,
  dotEnv: Environment,
): SettingsResult {
  const faults: string[] = []
  const warnings = [
    ...unknownNames(flags, 'flag'),
    ...unknownNames(environment, ''),
    ...unknownNames(dotEnv, '.env'),
  ]
  const settings: Record<string, unknown> = {}
  const sources: Record<string, SettingSource> = {}
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const [given, source] = firstGiven(name, flags, environment, dotEnv)
    sources[name] = source
    const parsed = given === undefined ? accept(setting.default) : setting.parse(given)
    if (!parsed.ok) {
      const value = setting.secret === true ? 'of the wrong form' : given
      faults.push(`${source === 'flag' ? flagOf(name) : name} is ${value}; ${parsed.rule}`)
    }
    settings[name] = parsed.ok ? parsed.value : setting.default
  }
  const result = settings as unknown as Settings
  faults.push(...faultsAcross(result))
  return { settings: result, sources: sources as Record<SettingName, SettingSource>, faults, warnings }
}

function firstGiven(
  name: SettingName,
  flags: Environment,
  environment: Environment,
  dotEnv: Environment,
): [string | undefined, SettingSource] {
  if (flags[name] !== undefined) return [flags[name], 'flag']
  if (environment[name] !== undefined) return [environment[name], 'environment']
  if (dotEnv[name] !== undefined) return [dotEnv[name], '.env']
  return [undefined, 'default']
}

/** Rules that bind more than one setting. */
function faultsAcross(settings: Settings): string[] {
  const faults: string[] = []
  if (settings.PANTAU_MQTT_ANONYMOUS === 'on' && !isLoopback(settings.PANTAU_HOST)) {
    faults.push(
      `PANTAU_MQTT_ANONYMOUS is on while PANTAU_HOST is ${settings.PANTAU_HOST}; it is taken on a loopback address only`,
    )
  }
  if ((settings.PANTAU_TLS_CERT === null) !== (settings.PANTAU_TLS_KEY === null)) {
    faults.push('PANTAU_TLS_CERT and PANTAU_TLS_KEY go together; set both or none')
  }
  if (settings.PANTAU_MQTTS_PORT !== null && settings.PANTAU_TLS_CERT === null) {
    faults.push(
      'PANTAU_MQTTS_PORT is set without PANTAU_TLS_CERT and PANTAU_TLS_KEY; MQTT over TLS needs both',
    )
  }
  if (settings.PANTAU_STORE.startsWith('influxdb2') && settings.PANTAU_INFLUX_TOKEN === null) {
    faults.push('PANTAU_STORE is influxdb2 without PANTAU_INFLUX_TOKEN; set the token')
  }
  return faults
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

function unknownNames(given: Environment, where: string): string[] {
  const known = Object.keys(SETTINGS)
  return Object.keys(given)
    .filter(
      (name) => name.startsWith('PANTAU_') && !name.startsWith('PANTAU_AGENT_') && !known.includes(name),
    )
    .map(
      (name) =>
        `${where === '' ? '' : `${where} `}${name} is no setting; did you mean ${nearest(name, known)}?`,
    )
}

/** The known name with the least edit distance (Levenshtein). */
export function nearest(name: string, known: readonly string[]): string {
  let best = known[0] ?? ''
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const distance = editDistance(name, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}

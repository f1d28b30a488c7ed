// The flags of `npm run simulate --` (contract section 1).

import { PantauError } from '../contract/errors.ts'

export interface SimulatorOptions {
  /** How many of each kind; null: those of the village. */
  readonly hotspots: number | null
  readonly sensors: number | null
  readonly vehicles: number | null
  /** How many times as often as expected each device reports. */
  readonly rate: number
  /** How many times as fast as the machine's clock the simulated time runs. */
  readonly speed: number
  readonly seed: number
  /** Machine seconds after which the simulators end; null: never. */
  readonly durationS: number | null
  /** Null: the broker of this machine's settings. */
  readonly url: string | null
  /** File for what really happened, a JSON line each. */
  readonly truth: string | null
  /** Past days that the store is given on a fresh start; none by default for a broker elsewhere. */
  readonly historyDays: number
}

const NUMBERS = {
  hotspots: { least: 0, most: 100_000, whole: true },
  sensors: { least: 0, most: 100_000, whole: true },
  vehicles: { least: 0, most: 100_000, whole: true },
  rate: { least: 0.001, most: 1_000, whole: false },
  speed: { least: 0.01, most: 100_000, whole: false },
  seed: { least: 0, most: 2 ** 32 - 1, whole: true },
  duration: { least: 0, most: 31_536_000, whole: false },
  'history-days': { least: 0, most: 30, whole: false },
} as const

export const SIMULATE_USAGE =
  'npm run simulate -- [--hotspots N] [--sensors N] [--vehicles N] [--rate F] [--speed F] [--seed N] [--duration S] ' +
  '[--url mqtt://HOST:PORT] [--truth FILE] [--history-days N]'

/** Throws `bad_command` naming every flag that is wrong and its rule. */
export function parseSimulatorOptions(argv: readonly string[]): SimulatorOptions {
  const faults: string[] = []
  const texts = readFlags(argv, faults)
  const number = (name: keyof typeof NUMBERS): number | null => {
    const text = texts.get(name)
    if (text === undefined) return null
    const { least, most, whole } = NUMBERS[name]
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value)))
      return value
    faults.push(`--${name} is ${text}; a ${whole ? 'whole ' : ''}number from ${least} to ${most} is taken`)
    return null
  }
  const url = texts.get('url') ?? null
  if (url !== null && !/^(mqtts?|wss?):\/\/[^\s/]+/.test(url)) {
    faults.push(`--url is ${url}; mqtt://HOST:PORT, mqtts://, ws:// or wss:// is taken`)
  }
  const options: SimulatorOptions = {
    hotspots: number('hotspots'),
    sensors: number('sensors'),
    vehicles: number('vehicles'),
    rate: number('rate') ?? 1,
    speed: number('speed') ?? 1,
    seed: number('seed') ?? 1,
    durationS: number('duration'),
    url,
    truth: texts.get('truth') ?? null,
    historyDays: number('history-days') ?? (url === null ? 7 : 0),
  }
  if (faults.length > 0) throw new PantauError('bad_command', `${faults.join('\n')}\n${SIMULATE_USAGE}`)
  return options
}

function readFlags(argv: readonly string[], faults: string[]): Map<string, string> {
  const known = [...Object.keys(NUMBERS), 'url', 'truth']
  const texts = new Map<string, string>()
  for (let index = 0; index < argv.length; index += 1) {
    const [flag = '', inline] = (argv[index] ?? '').split(/=(.*)/s)
    const name = flag.replace(/^--/, '')
    const value = inline ?? argv[index + 1]
    if (!flag.startsWith('--') || !known.includes(name)) faults.push(`${flag} is no flag of this command`)
    else if (value === undefined) faults.push(`${flag} has no value`)
    else texts.set(name, value)
    if (inline === undefined) index += 1
  }
  return texts
}

// `npm run doctor`: every setting with the source that won, then one line for each thing that can be wrong with this machine or its
// data, `ok`, `warn` or `fail` and what to do. It looks only: nothing is made, mended or locked.

import { SETTINGS, type SettingName, type Settings, type SettingsResult } from '../contract/settings.ts'
import { DAY, HOUR, MINUTE, SECOND, systemClock } from '../contract/time.ts'
import { loadSettings } from '../runtime/settings.ts'
import { checkData } from './doctor-data.ts'
import { checkDoors } from './doctor-doors.ts'
import { checkMachine } from './doctor-machine.ts'
import { ok, warn } from './finding.ts'

export async function main(argv: readonly string[]): Promise<number> {
  const result = loadSettings(argv, process.env)
  for (const line of settingLines(result)) print(line)
  print('')
  const { settings, warnings } = result
  const findings = [
    ...(warnings.length > 0
      ? warnings.map((warning) => warn('settings', warning))
      : [ok('settings', 'every name is known, every value of its form')]),
    ...checkMachine(settings, process.versions.node, systemClock.now()),
    ...(await checkData(settings)),
    ...(await checkDoors(settings, systemClock.now())),
  ]
  for (const { level, what, detail } of findings) print(`${level.padEnd(4)}  ${what}: ${detail}`)
  return findings.some(({ level }) => level === 'fail') ? 1 : 0
}

function settingLines({ settings, sources }: SettingsResult): string[] {
  const rows = (Object.keys(SETTINGS) as SettingName[]).map(
    (name) => [name, shown(settings, name), sources[name]] as const,
  )
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map(
    ([name, value, source]) => `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${source}`,
  )
}

const SPANS: readonly SettingName[] = ['PANTAU_RETENTION', 'PANTAU_MAX_AGE', 'PANTAU_MAX_AHEAD']

/** The value as it may be printed: credentials are left out. */
function shown(settings: Settings, name: SettingName): string {
  const value = settings[name]
  if (value === null || (Array.isArray(value) && value.length === 0)) return SETTINGS[name].shown
  if (name === 'PANTAU_STORE') return String(value).replace(/\/\/[^/@]*@/, '//[secret]@')
  if (SETTINGS[name].secret === true) return '[secret]'
  if (SPANS.includes(name)) return span(Number(value))
  return String(value)
}

function span(ms: number): string {
  for (const [unit, length] of Object.entries({ d: DAY, h: HOUR, m: MINUTE, s: SECOND })) {
    if (ms % length === 0) return `${ms / length}${unit}`
  }
  return `${ms}ms`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

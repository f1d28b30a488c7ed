// `npm run doctor`: every setting with the source that won, then one line for each thing that can be wrong with this machine or its
// data, `ok`, `warn` or `fail` and what to do. It looks only: nothing is made, mended or locked.

import { SETTINGS, type SettingName, type SettingsResult } from '../contract/settings.ts'
import { systemClock } from '../contract/time.ts'
import { loadSettings } from '../runtime/settings.ts'
import { checkData } from './doctor-data.ts'
import { checkDoors } from './doctor-doors.ts'
import { checkMachine } from './doctor-machine.ts'
import { ok, warn } from './finding.ts'
import { shownSetting } from './shown-setting.ts'

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
    ...(await checkData(settings, systemClock.now())),
    ...(await checkDoors(settings, systemClock.now())),
  ]
  for (const { level, what, detail } of findings) print(`${level.padEnd(4)}  ${what}: ${detail}`)
  return findings.some(({ level }) => level === 'fail') ? 1 : 0
}

function settingLines({ settings, sources }: SettingsResult): string[] {
  const rows = (Object.keys(SETTINGS) as SettingName[]).map(
    (name) => [name, shownSetting(settings, name), sources[name]] as const,
  )
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map(
    ([name, value, source]) => `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${source}`,
  )
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

// A setting as people may see it: on the terminal, and in the audit trail when it is another than at the start before.

import { SETTINGS, type SettingName, type Settings, type SettingsResult } from '../contract/settings.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../contract/time.ts'
import { readAuditLog } from '../runtime/audit.ts'
import { noteDone } from './audited.ts'

const SPANS: readonly SettingName[] = ['PANTAU_RETENTION', 'PANTAU_MAX_AGE', 'PANTAU_MAX_AHEAD']

/** The value as it may be printed: credentials are left out. */
export function shownSetting(settings: Settings, name: SettingName): string {
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

/** Writes down which settings are not the default, when they are others than those last written down. */
export async function noteSettings(
  dataFolder: string,
  { settings, sources }: Pick<SettingsResult, 'settings' | 'sources'>,
): Promise<void> {
  const given = (Object.keys(SETTINGS) as SettingName[]).filter((name) => sources[name] !== 'default')
  const detail = given.map((name) => `${name}=${shownSetting(settings, name)}`).join(' ')
  const last = readAuditLog(dataFolder).lines.findLast(({ what }) => what === 'settings')
  if (last?.detail !== detail) await noteDone(dataFolder, { what: 'settings', on: null, detail })
}

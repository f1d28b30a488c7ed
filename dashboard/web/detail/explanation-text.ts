// What stands in an explanation in words: names, times, states, causes, grades, and numbers with enough digits to be checked by hand.

import type { ExplanationInput } from '../../../contract/explain.ts'
import type { Occupancy } from '../../../contract/observation.ts'
import { SECOND } from '../../../contract/time.ts'
import { shownPercent } from '../../../domain/connectivity/availability.ts'
import { fmt, shownUnit } from '../format.ts'
import { occupancyText } from '../layers/bus.ts'
import { metricName } from '../metric-text.ts'
import { t, tOr } from '../text/texts.ts'

/** What an input is called; a metric by its name. */
export function inputName(name: string): string {
  return tOr(`why.in.${name}`, tOr(`why.of.${name}`, metricName(name)))
}

/** A value with its unit as people read it. */
export function inputText({ name, value, unit }: Pick<ExplanationInput, 'name' | 'value' | 'unit'>): string {
  if (value === null) return '–'
  if (typeof value === 'boolean') return value ? t('yes') : t('no')
  if (name === 'dominant' && typeof value === 'string') return metricName(value)
  if (name === 'occupancy' && typeof value === 'string') return occupancyText(value as Occupancy) ?? value // as the route's schema says
  if (typeof value === 'string') return unit === 'time' ? momentText(value) : wordOf(value)
  if (isYesNo(name)) return value === 0 ? t('no') : t('yes')
  if (name === 'availability') return `${fmt().number(shownPercent(value / 100), 2, 2)}%`
  // A ratio is read as a share of what it is held against.
  if (unit === '1') return withUnit(100 * value, '%')
  if (unit === 's' && value >= 60) return `${fmt().duration(value * SECOND)} (${withUnit(value, unit)})`
  return withUnit(value, unit ?? '')
}

/** Metrics whose numbers are words. */
export function isYesNo(name: string): boolean {
  return name === 'up' || name === 'door'
}

function withUnit(value: number, unit: string): string {
  const shown = shownUnit(unit)
  const text = fmt().number(value, digitsOf(value))
  return shown === '' ? text : shown === '%' ? `${text}%` : `${text} ${shown}`
}

/** Four digits are told of small numbers, one of large ones. */
function digitsOf(value: number): number {
  const size = Math.abs(value)
  return size >= 1_000 ? 1 : size >= 10 ? 2 : 4
}

const WORDS = ['state', 'cause', 'grade', 'flag', 'why.word'] as const

/** States, causes, grades and flags have words; what comes from outside shows itself. */
function wordOf(value: string): string {
  if (value.startsWith('parent:')) return t('cause.parent', { name: value.slice('parent:'.length) })
  for (const group of WORDS) {
    const word = tOr(`${group}.${value}`, '')
    if (word !== '') return word
  }
  return value
}

/** Date, clock and seconds: what is checked by hand is checked to the second. */
export function momentText(time: string): string {
  const at = Date.parse(time)
  return `${fmt().day(at)} ${fmt().clockSeconds(at)}`
}

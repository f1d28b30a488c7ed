// The three indices as they are shown: category, its letters, colours, pattern and advice (reference/ui 2.6). A category is
// never a colour alone.

import type { DeviceFeature, IndexAnswer } from '../../contract/api.ts'
import { EAQI_CATEGORIES, eaqiCategory } from '../../domain/air/eaqi.ts'
import { ISPU_CATEGORIES, ispuCategory } from '../../domain/air/ispu.ts'
import { US_AQI_CATEGORIES, usAqiCategory } from '../../domain/air/us-aqi.ts'
import type { TextKey } from './text/id.ts'

export type IndexName = 'ispu' | 'us-aqi' | 'eaqi'
export type Pattern = 'plain' | 'dots' | 'diagonal' | 'cross' | 'ring' | 'lines'

export interface Category {
  readonly key: string
  readonly name: TextKey
  readonly letter: string
  readonly fill: string
  readonly ink: string
  readonly pattern: Pattern
  /** Advice to everyone and to sensitive groups; ISPU alone has it. */
  readonly advice: readonly [TextKey, TextKey] | null
}

const category = (
  key: string,
  name: TextKey,
  letter: string,
  fill: string,
  ink: string,
  pattern: Pattern,
  advice: Category['advice'] = null,
): Category => ({ key, name, letter, fill, ink, pattern, advice })

const DARK = '#111111'
const LIGHT = '#FFFFFF'

const ISPU = [
  category('ispu-1', 'cat.good', 'B', '#3FAB83', DARK, 'plain', ['advice.good.all', 'advice.good.sensitive']),
  category('ispu-2', 'cat.moderate', 'S', '#1055B3', LIGHT, 'dots', [
    'advice.moderate.all',
    'advice.moderate.sensitive',
  ]),
  category('ispu-3', 'cat.unhealthy', 'TS', '#F6DB3B', DARK, 'diagonal', [
    'advice.unhealthy.all',
    'advice.unhealthy.sensitive',
  ]),
  category('ispu-4', 'cat.very', 'ST', '#BC0407', LIGHT, 'cross', [
    'advice.very.all',
    'advice.very.sensitive',
  ]),
  category('ispu-5', 'cat.hazardous', 'BH', '#111111', LIGHT, 'ring', [
    'advice.hazardous.all',
    'advice.hazardous.sensitive',
  ]),
]

/** EPA's own colours; text is black on the first four, since white on red is only 4.0. */
const US_AQI = [
  category('us-1', 'cat.us.good', 'G', '#00E400', DARK, 'plain'),
  category('us-2', 'cat.us.moderate', 'M', '#FFFF00', DARK, 'dots'),
  category('us-3', 'cat.us.sensitive', 'SG', '#FF7E00', DARK, 'lines'),
  category('us-4', 'cat.us.unhealthy', 'U', '#FF0000', DARK, 'diagonal'),
  category('us-5', 'cat.us.very', 'VU', '#8F3F97', LIGHT, 'cross'),
  category('us-6', 'cat.us.hazardous', 'H', '#7E0023', LIGHT, 'ring'),
]

const EAQI = [
  category('eu-1', 'cat.eu.good', '1', '#50F0E6', DARK, 'plain'),
  category('eu-2', 'cat.eu.fair', '2', '#50CCAA', DARK, 'dots'),
  category('eu-3', 'cat.eu.moderate', '3', '#F0E641', DARK, 'lines'),
  category('eu-4', 'cat.eu.poor', '4', '#FF5050', DARK, 'diagonal'),
  category('eu-5', 'cat.eu.very', '5', '#960032', LIGHT, 'cross'),
  category('eu-6', 'cat.eu.extreme', '6', '#7D2181', LIGHT, 'ring'),
]

/** Categories from best to worst. */
export const CATEGORIES: Readonly<Record<IndexName, readonly Category[]>> = {
  ispu: ISPU,
  'us-aqi': US_AQI,
  eaqi: EAQI,
}

export const NO_CATEGORY = category('none', 'cat.none', '?', '#6B7280', LIGHT, 'plain')

/** The category of an index value; the one without data for null. */
export function categoryOf(index: IndexName, value: number | null): Category {
  if (value === null) return NO_CATEGORY
  const place = {
    ispu: () => ISPU_CATEGORIES.indexOf(ispuCategory(value)),
    'us-aqi': () => US_AQI_CATEGORIES.indexOf(usAqiCategory(value)),
    eaqi: () => EAQI_CATEGORIES.indexOf(eaqiCategory(value)),
  }[index]()
  return CATEGORIES[index][place] ?? NO_CATEGORY
}

export function categoryByKey(key: string): Category {
  return [...ISPU, ...US_AQI, ...EAQI].find((one) => one.key === key) ?? NO_CATEGORY
}

/** Place in the order of getting worse, 0 without data. */
export function severityOf(key: string): number {
  return Number(/-(\d)$/.exec(key)?.[1] ?? 0)
}

let standard: IndexName = 'ispu'

/** The index that the village shows: never two in one view. */
export function indexName(): IndexName {
  return standard
}

export function setIndexName(name: string): void {
  if (name === 'ispu' || name === 'us-aqi' || name === 'eaqi') standard = name
}

/** The station's index in the village's standard; null for what measures no air. */
export function indexOf(feature: DeviceFeature): IndexAnswer | null {
  return feature.properties.air?.[standard] ?? null
}

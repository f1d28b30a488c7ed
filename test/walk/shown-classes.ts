// What the digits on a page are. Names, words and times are taken out of a text first; what is left must be of one of these classes, and each
// class says what must stand with its numbers. A text that fits none fails the walk.

import { PAGE_TEXTS } from '../../dashboard/server/public-pages/page-texts.ts'
import { en } from '../../dashboard/web/text/en.ts'
import { id } from '../../dashboard/web/text/id.ts'
import type { ShownNumber } from './page-numbers.ts'

export type ShownNeed = 'unit' | 'time' | 'way' | 'legend'

export interface ShownClass {
  readonly name: string
  readonly why: string
  readonly needs: readonly ShownNeed[]
  fits(shown: ShownNumber, bare: string): boolean
}

const MONTHS = 'Jan|Feb|Mar|Apr|Mei|May|Jun|Jul|Agu|Agt|Aug|Sept?|Okt|Oct|Nov|Des|Dec'
const SPANS = 'detik|menit|jam|hari|bulan|dtk|mnt|hr|seconds?|minutes?|hours?|days?|months?|min|s|h|d'
const CLOCK = '\\d{1,2}[.:]\\d\\d(?:[.:]\\d\\d)?(?: ?(?:WIB|WITA|WIT|UTC))?'

/** Times and ages, which say themselves when they are of. */
const TIMES: readonly RegExp[] = [
  new RegExp(`\\d{1,2} (?:${MONTHS})[a-z]*(?: \\d{4})?(?:,? (?:pukul )?${CLOCK})?`, 'g'),
  /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?)?/g,
  /(?:\d{1,2}[.:]\d\d ?– ?)?\d{1,2}[.:]\d\d(?:[.:]\d\d)? ?(?:WIB|WITA|WIT|UTC)/g,
  /^\d\d[.:]\d\d(?:[.:]\d\d)?$/g,
  new RegExp(`\\d+ (?:${SPANS}) (?:yang lalu|lalu|ago)`, 'g'),
  new RegExp(`(?:dalam|in) \\d+ (?:${SPANS})\\b`, 'g'),
]

const NUMBER = '[-−]?\\d[\\d.,]*'
const UNITS =
  '/s|%|ms|µg/m³|°C|°|dBm|Mbit/s|km/j|km/h|m/s|m|km|cm|mm|hPa|dB\\(A\\)|ppm|V|B|kB|MB|GB|TB|per detik|per second|kali|times'
const MEASURE = new RegExp(
  `${NUMBER}(?: ?(?:–|-|sampai|to|dan|and) ?${NUMBER})? ?(?:${UNITS}|${SPANS})(?![\\p{L}])`,
  'gu',
)
const isSpan = (text: string): boolean => new RegExp(`^${NUMBER} (?:${SPANS})$`).test(text)
/** An index has its name before it. */
const INDEX = new RegExp(`(?:ISPU|AQI|EAQI|AQI Eropa)[ :]*${NUMBER}`, 'g')
const VERSION = /(?:versi|version) \d[\w.-]*$/i
/** How a time is told that is too near for a number. */
const NEAR_TIME = /\b(?:sekarang|now|kemarin|yesterday|besok|tomorrow)\b/i

/** Parts of the pages' own words that hold digits: `Latency p95`, `24 hours`, `PM2.5`. */
function wordsWithDigits(): readonly string[] {
  const tables: readonly object[] = [en, id, PAGE_TEXTS.en, PAGE_TEXTS.id]
  const texts = tables.flatMap((table) =>
    Object.values(table as Record<string, string | Record<string, string>>).flatMap((text) =>
      typeof text === 'string' ? [text] : Object.values(text),
    ),
  )
  const parts = texts.flatMap((text) => text.split(/\{\w+\}/)).map((part) => part.trim())
  return parts.filter((part) => /\p{L}/u.test(part) && part.length > 1)
}

export type Replacing = (text: string) => string

/** Takes whole words out: what is part of a longer word or number stays. */
export function replacing(words: readonly string[]): Replacing {
  const longestFirst = [...new Set(words)]
    .filter((word) => /\d/.test(word))
    .sort((a, b) => b.length - a.length)
  const all = longestFirst.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  if (all === '') return (text) => text
  const pattern = new RegExp(`(?<![\\p{L}\\d])(?:${all})(?![\\p{L}\\d])`, 'gu')
  return (text) => text.replaceAll(pattern, '¤')
}

const withoutWords = replacing(wordsWithDigits())

/** The text without names, words and times. */
export function bareText(text: string, withoutNames: Replacing): string {
  return TIMES.reduce((left, time) => left.replaceAll(time, '@'), withoutWords(withoutNames(text)))
}

export function namesTime(text: string): boolean {
  return NEAR_TIME.test(text) || TIMES.some((time) => new RegExp(time.source).test(text))
}

const holds = (pattern: RegExp, text: string): boolean => new RegExp(pattern.source, 'u').test(text)
const isMeasure = (text: string): boolean => [MEASURE, INDEX].some((pattern) => holds(pattern, text))
const stands =
  (mark: string) =>
  (shown: ShownNumber): boolean =>
    shown.marks.includes(mark)
const HEAD_UNIT = new RegExp(`(?:^|[ ,(|])(?:${UNITS}|${SPANS})(?:$|[ ,)|])`, 'u')
/** Texts of both languages, one of which a head is. */
function textsOf(...keys: readonly (keyof typeof id)[]): RegExp {
  const texts = keys.flatMap((key) => [en[key], id[key]]).filter((text) => typeof text === 'string')
  return new RegExp(`(?:^|\\| )(?:${texts.join('|')})(?: \\||$)`, 'u')
}
const PLANNED = textsOf('maintenance.to')
const COUNTED = textsOf(
  'legend.cluster',
  'bus.departed',
  'metric.clients',
  'metric.passengers',
  'metric.queue',
  'report.outages',
  'tab.outages',
  'exceed.over',
  'exceed.valid',
  'exceed.windows',
  'env.col.flags',
  'air.subindex',
  'why.in.missed_intervals',
  'why.in.poor_reports',
  'why.in.hours_needed',
  'why.in.stops_until_then',
  'why.in.vehicles_reporting',
  'why.in.readings_used',
  'why.in.outages',
  'why.in.bunched',
  'why.in.gaps',
)

/** The first that fits counts. */
export const SHOWN_CLASSES: readonly ShownClass[] = [
  {
    name: 'number of a rule',
    why: 'the pages that say how things are computed and what is shown are the explanation itself; in a table the head has the unit',
    needs: ['unit'],
    fits: (shown) => /section[^ ]*\.part(?![-\w])/.test(shown.marks),
  },
  {
    name: 'licence',
    why: 'year and version of a source’s licence, by its publisher',
    needs: [],
    fits: stands('#attribution'),
  },
  {
    name: 'address or code',
    why: 'is typed or copied, and measures nothing',
    needs: [],
    fits: (shown) => /code|pre\.|\.poster-address/.test(shown.marks),
  },
  {
    name: 'version',
    why: 'name of this program’s edition',
    needs: [],
    fits: (_, text) => VERSION.test(text),
  },
  {
    name: 'badge of an index',
    why: 'the index inside its mark; its name and category stand beside it in words',
    needs: ['time', 'way'],
    fits: (shown) => /answer-sprite|\.badge|\.index-badge/.test(shown.marks),
  },
  {
    name: 'age below a marker',
    why: 'a span of time: the legend says that such text is the age of the last word',
    needs: ['legend', 'time'],
    fits: (shown, text) => shown.marks.startsWith('.marker') && isSpan(text),
  },
  {
    name: 'number in a marker',
    why: 'the legend has a mark of that outline and says what its number is; a press on the mark, or n and Enter, opens the panel that has the rest',
    needs: ['legend', 'unit', 'time'],
    fits: (shown) => shown.marks.startsWith('.marker'),
  },
  {
    name: 'number at an axis',
    why: 'the unit is written above the axis, the times along the other; the caption of the chart has the way',
    needs: ['legend', 'unit', 'way'],
    fits: (shown, text) =>
      shown.marks.startsWith('.drawn') && shown.marks.includes('.plot') && !isMeasure(text),
  },
  {
    name: 'count of names found',
    why: 'of the names just below it, by what was typed a moment ago',
    needs: [],
    fits: (shown) => /\bsearch[#.]/.test(shown.marks) && shown.marks.includes('p.'),
  },
  {
    name: 'text that is looked for',
    why: 'as the reader types it, and measures nothing',
    needs: [],
    fits: (shown) => shown.marks.startsWith('.entered') && /\bsearch[#.]|\.find\b/.test(shown.marks),
  },
  {
    name: 'citation of a rule',
    why: 'numbers of the rule’s own source: of a document, its tables, its limits',
    needs: [],
    fits: stands('.rule-source'),
  },
  {
    name: 'count on a tab',
    why: 'of the rows behind the press, which have their times',
    needs: [],
    fits: (shown) => shown.marks.includes('#desk-tabs'),
  },
  {
    name: 'choice of a period',
    why: 'says what the press will show, and measures nothing',
    needs: [],
    fits: (shown) => /button [^>]*div\.segmented/.test(shown.marks),
  },
  {
    name: 'length of planned work',
    why: 'the difference of the two times that stand beside it, as staff entered them',
    needs: ['time'],
    fits: (shown) => PLANNED.test(shown.heads),
  },
  {
    name: 'counter of our own works',
    why: 'the machine room: whole numbers of what the head of the row says, nothing computed',
    needs: ['time'],
    fits: (shown) => shown.marks.includes('table.counters'),
  },
  {
    name: 'measure of our own works',
    why: 'the machine room: sizes, rates and delays as the parts say them, nothing computed',
    needs: ['time'],
    fits: (shown) => /section[^ ]*\.card-section/.test(shown.marks),
  },
  {
    name: 'cell under a unit',
    why: 'a number alone: the head of its column or row names the unit, or what is counted',
    needs: ['unit', 'time', 'way'],
    fits: (shown, text) => shown.heads !== '' && !/\p{L}/u.test(text) && !isMeasure(text),
  },
  {
    name: 'measure',
    why: 'a value with its unit behind it, or an index with its name before it: when it is of stands in its panel, and how it came to be is one press away',
    needs: ['time', 'way'],
    fits: (_, text) => isMeasure(text),
  },
  {
    name: 'count of what is listed',
    why: 'counts rows that stand beside it or behind a press, by a noun or its card',
    needs: ['time'],
    fits: (_, text) =>
      /^[^\d]*\d[\d.,]*(?: (?:dari|of|\/) \d[\d.,]*)? ?\p{L}*[^\d]*(?:\d[\d.,]* \p{L}[^\d]*)*$/u.test(text),
  },
]

/** What the number lacks of what its class needs; null when it is of no class. */
export function lacks(
  shown: ShownNumber,
  bare: string,
): { readonly of: ShownClass; readonly missing: readonly ShownNeed[] } | null {
  const of = SHOWN_CLASSES.find(({ fits }) => fits(shown, bare))
  if (of === undefined) return null
  const has: Readonly<Record<ShownNeed, boolean>> = {
    legend: shown.heads !== '',
    unit:
      (shown.heads === '' && !/^\.(marker|drawn)/.test(shown.marks)) ||
      isMeasure(bare) ||
      HEAD_UNIT.test(shown.heads) ||
      COUNTED.test(shown.heads) ||
      (shown.marks.startsWith('.marker') && /ISPU|AQI/.test(shown.heads)),
    time: namesTime(shown.panel),
    way: shown.hasWay,
  }
  return { of, missing: of.needs.filter((need) => !has[need]) }
}

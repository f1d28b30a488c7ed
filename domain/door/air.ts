// Rules of air and environment (A1 to A13) as the door offers them, under the names and units of its own.

import { correctBarkjohn2021, correctEpa2022, correctKappa } from '../air/corrections.ts'
import { EAQI_POLLUTANTS, eaqi, eaqiCategory } from '../air/eaqi.ts'
import { interpolate } from '../air/interpolation.ts'
import { ISPU_POLLUTANTS, ispu, ispuCategory } from '../air/ispu.ts'
import { AIR_STANDARDS, exceeds, LIMITED_POLLUTANTS, limitUgM3 } from '../air/limits.ts'
import { dailyMax8h, windowMean } from '../air/means.ts'
import { dayEveningNightLevel, equivalentLevel, siangMalamLevel } from '../air/noise.ts'
import { nowcastO3Surrogate, nowcastPm } from '../air/nowcast.ts'
import { CONCENTRATION_UNITS, convert, GASES } from '../air/units.ts'
import { US_AQI_POLLUTANTS, usAqi, usAqiCategory } from '../air/us-aqi.ts'
import { waterStage } from '../air/water-stage.ts'
import { worstPart } from '../air/worst-part.ts'
import { type Rule, rule } from './rule.ts'
import {
  checked,
  latitude,
  list,
  longitude,
  notNegative,
  number,
  object,
  oneOf,
  optional,
  orNull,
  positive,
  type Shape,
  share,
  text,
  tuple,
} from './shape.ts'

const HOURS_OF_A_DAY_AND_SEVEN = 31

const concentration = orNull(number)
const hours = list(orNull(number))

interface IndexTable<Pollutant extends string> {
  /** In which a tie is decided. */
  readonly pollutants: readonly Pollutant[]
  readonly indexOf: (pollutant: Pollutant, concentration: number | null) => number | null
  readonly categoryOf: (index: number) => string
  /** What the index is called in the answer. */
  readonly name: string
}

/** The index of one pollutant, and of several. */
function indexRules<Pollutant extends string>(index: IndexTable<Pollutant>): { one: Rule; combined: Rule } {
  const { pollutants, indexOf, categoryOf, name } = index
  const part = object({ pollutant: oneOf(pollutants), concentration })
  return {
    one: rule(
      part,
      ({ pollutant, concentration }) => {
        const value = indexOf(pollutant, concentration)
        return value === null ? null : { [name]: value, category: categoryOf(value) }
      },
      ({ concentration }) => (concentration === null ? 'no_value' : 'not_in_table'),
    ),
    combined: rule(
      object({ parts: list(part) }),
      ({ parts }) => {
        const valued = parts.map(({ pollutant, concentration }) => ({
          pollutant,
          value: indexOf(pollutant, concentration),
        }))
        const worst = worstPart(valued, pollutants)
        if (worst === null) return null
        return { [name]: worst.value, category: categoryOf(worst.value), dominant: worst.pollutant }
      },
      'no_part_has_an_index',
    ),
  }
}

const usAqiRules = indexRules({
  pollutants: US_AQI_POLLUTANTS,
  indexOf: usAqi,
  categoryOf: usAqiCategory,
  name: 'aqi',
})
const ispuRules = indexRules({
  pollutants: ISPU_POLLUTANTS,
  indexOf: ispu,
  categoryOf: ispuCategory,
  name: 'index',
})
const eaqiRules = indexRules({
  pollutants: EAQI_POLLUTANTS,
  indexOf: eaqi,
  categoryOf: eaqiCategory,
  name: 'level',
})

const rising = checked(tuple(number, number, number), ([siaga3, siaga2, siaga1]) =>
  siaga3 <= siaga2 && siaga2 <= siaga1
    ? null
    : { member: '', rule: 'the thresholds of Siaga 3, 2 and 1 rise' },
)

const weighted: Shape<{ readonly levels: readonly number[]; readonly weights: readonly number[] | null }> =
  checked(object({ levels: list(number), weights: optional(list(notNegative)) }), ({ levels, weights }) =>
    weights === null || weights.length === levels.length
      ? null
      : { member: 'weights', rule: `one a level is taken, here ${levels.length}` },
  )

export const airRules = {
  us_aqi: usAqiRules.one,
  us_aqi_combine: usAqiRules.combined,
  nowcast_pm: rule(
    object({ pollutant: oneOf(['pm2_5', 'pm10']), hours }),
    ({ pollutant, hours }) => nowcastPm(pollutant, hours),
    'too_few_hours',
  ),
  nowcast_o3: rule(
    object({ hours_ppb: hours }),
    (input) => nowcastO3Surrogate(input.hours_ppb),
    'too_few_hours',
  ),
  ispu: ispuRules.one,
  ispu_combine: ispuRules.combined,
  eaqi: eaqiRules.one,
  eaqi_combine: eaqiRules.combined,
  convert: rule(
    object({
      gas: oneOf(GASES),
      value: orNull(number),
      from: oneOf(CONCENTRATION_UNITS),
      to: oneOf(CONCENTRATION_UNITS),
    }),
    ({ gas, value, from, to }) => (value === null ? null : convert(gas, value, from, to)),
    'no_value',
  ),
  correct_barkjohn: rule(
    object({ cf1: orNull(number), rh: optional(number) }),
    ({ cf1, rh }) => (cf1 === null ? null : correctBarkjohn2021(cf1, rh)),
    ({ cf1 }) => (cf1 === null ? 'no_value' : 'no_humidity'),
  ),
  correct_epa2022: rule(
    object({ pm: orNull(number), rh: optional(number) }),
    ({ pm, rh }) => (pm === null ? null : correctEpa2022(pm, rh)),
    ({ pm }) => (pm === null ? 'no_value' : 'no_humidity'),
  ),
  correct_kappa: rule(
    object({ pm: orNull(number), rh: optional(number), kappa: optional(notNegative) }),
    ({ pm, rh, kappa }) =>
      pm === null ? null : kappa === null ? correctKappa(pm, rh) : correctKappa(pm, rh, kappa),
    ({ pm }) => (pm === null ? 'no_value' : 'no_humidity'),
  ),
  window_mean: rule(object({ values: list(orNull(number)), need: share }), ({ values, need }) =>
    windowMean(values, need),
  ),
  max_8h: rule(
    object({
      hours: list(orNull(number), { least: HOURS_OF_A_DAY_AND_SEVEN, most: HOURS_OF_A_DAY_AND_SEVEN }),
    }),
    ({ hours }) => dailyMax8h(hours),
    'incomplete',
  ),
  exceed: rule(
    object({
      standard: oneOf(AIR_STANDARDS),
      pollutant: oneOf(LIMITED_POLLUTANTS),
      averaging: oneOf(['1h', '3h', '8h', '24h', '1y']),
      value: orNull(number),
    }),
    ({ standard, pollutant, averaging, value }) => {
      const limit = limitUgM3(standard, pollutant, averaging)
      return { limit, exceeds: exceeds(limit, value) }
    },
  ),
  leq: rule(
    weighted,
    ({ levels, weights }) =>
      equivalentLevel(levels.map((dba, index) => ({ dba, weight: weights?.[index] ?? 1 }))),
    'no_levels',
  ),
  lden: rule(object({ day: number, evening: number, night: number }), ({ day, evening, night }) =>
    dayEveningNightLevel(day, evening, night),
  ),
  lsm: rule(object({ ls: number, lm: number }), ({ ls, lm }) => siangMalamLevel(ls, lm)),
  water_stage: rule(
    object({ post: optional(text), thresholds_cm: rising, level_cm: orNull(number) }),
    ({ thresholds_cm, level_cm }) => (level_cm === null ? null : waterStage(level_cm, thresholds_cm)),
    'no_level',
  ),
  idw: rule(
    object({
      points: list(object({ lat: latitude, lon: longitude, value: orNull(number) })),
      lat: latitude,
      lon: longitude,
      power: positive,
      radius_m: notNegative,
      nearest_m: notNegative,
      min_points: notNegative,
    }),
    ({ points, lat, lon, power, radius_m, nearest_m, min_points }) =>
      interpolate(
        points,
        { lat, lon },
        { power, radiusM: radius_m, nearestM: nearest_m, minStations: min_points },
      ),
  ),
} as const satisfies Readonly<Record<string, Rule>>

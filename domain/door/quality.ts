// Tests of quality (A7) and the rule of duplicates (B13) as the door offers them.

import { withoutDuplicates } from '../quality/duplicates.ts'
import { combineFlags, QUALITY_FLAGS, type Values } from '../quality/flags.ts'
import { flatLineFlags } from '../quality/flat-line.ts'
import { neighbourFlag } from '../quality/neighbour.ts'
import { rangeFlags } from '../quality/range.ts'
import { rateFlags } from '../quality/rate-of-change.ts'
import { spikeFlags } from '../quality/spike.ts'
import { type Rule, rule } from './rule.ts'
import {
  checked,
  count,
  list,
  notNegative,
  number,
  object,
  oneOf,
  optional,
  orNull,
  positive,
  type Shape,
  text,
  tuple,
  whole,
} from './shape.ts'

const values: Shape<Values> = list(orNull(number))

const span = tuple(number, number)

/** Values with their times, one each, rising. */
function timed<T extends { readonly values: Values; readonly times_s: readonly number[] }>(
  shape: Shape<T>,
): Shape<T> {
  return checked(shape, ({ values, times_s }) => {
    if (times_s.length !== values.length)
      return { member: 'times_s', rule: `one a value is taken, here ${values.length}` }
    const falling = times_s.findIndex((time, index) => index > 0 && time <= (times_s[index - 1] ?? time))
    return falling < 0 ? null : { member: `times_s[${falling}]`, rule: 'times rise' }
  })
}

export const qualityRules = {
  qc_range: rule(object({ values, fail: span, suspect: optional(span) }), ({ values, fail, suspect }) =>
    rangeFlags(values, fail, suspect),
  ),
  qc_spike: rule(object({ values, suspect: notNegative, fail: notNegative }), ({ values, suspect, fail }) =>
    spikeFlags(values, suspect, fail),
  ),
  qc_rate: rule(
    timed(
      object({
        values,
        times_s: list(number),
        suspect: optional(notNegative),
        fail: optional(notNegative),
      }),
    ),
    ({ values, times_s, suspect, fail }) => rateFlags(values, times_s, suspect, fail),
  ),
  qc_flat: rule(
    timed(
      object({
        values,
        times_s: list(number),
        suspect_s: notNegative,
        fail_s: notNegative,
        tolerance: positive,
      }),
    ),
    ({ values, times_s, suspect_s, fail_s, tolerance }) =>
      flatLineFlags(values, times_s, { suspectS: suspect_s, failS: fail_s, tolerance }),
  ),
  qc_buddy: rule(
    object({
      value: orNull(number),
      neighbours: values,
      threshold: notNegative,
      min_std: positive,
      num_min: count,
    }),
    ({ value, neighbours, threshold, min_std, num_min }) =>
      neighbourFlag(value, neighbours, { threshold, minStd: min_std, minNeighbours: num_min }),
  ),
  qc_aggregate: rule(
    object({ flags: list(oneOf(QUALITY_FLAGS)) }),
    ({ flags }) => combineFlags(flags),
    'no_flags',
  ),
  dedup: rule(
    object({
      messages: list(object({ device: text, metric: text, time_ms: whole, value: number })),
    }),
    ({ messages }) => {
      const readings = messages.map(({ time_ms, ...reading }) => ({ ...reading, time: time_ms }))
      const { values, ...counts } = withoutDuplicates(readings)
      return { ...counts, values: Object.fromEntries(values) }
    },
  ),
} as const satisfies Readonly<Record<string, Rule>>

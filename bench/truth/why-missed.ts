// Why a planted fault was not noticed, as far as the tests themselves tell: the one that could have found it does not exist for its metric,
// or asks for more than the fault did.

import { SECOND } from '../../contract/time.ts'
import { type QualityTests, qualityLimitsOf } from '../../domain/quality/limits.ts'
import type { SensorFaultKind } from '../../simulators/device-model.ts'
import type { TrueFault } from './faults.ts'

/** The test that finds a kind of fault; null where it is no test of values that does. */
const FOUND_BY: Readonly<Record<SensorFaultKind, keyof QualityTests | null>> = {
  stuck: 'flat',
  spike: 'spike',
  drift: 'neighbour',
  humidity_bias: 'neighbour',
  drop_out: null,
  clock: null,
}

export function whyMissed({ fault, metric, from, to }: TrueFault): string {
  const test = FOUND_BY[fault]
  if (test === null) return 'no sign of it was seen'
  const limits = qualityLimitsOf(metric)
  if (limits === null) return `${metric} has no test but its range`
  if (limits[test] === undefined) return `${metric} has no ${test} test`
  const { flat } = limits
  if (test === 'flat' && flat !== undefined && (to - from) / SECOND < flat.suspectS) {
    return 'it was over before the flat line test speaks'
  }
  return `it stayed within the limits of the ${test} test`
}

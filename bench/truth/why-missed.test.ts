import { describe, expect, it } from 'vitest'
import { HOUR } from '../../contract/time.ts'
import type { SensorFaultKind } from '../../simulators/device-model.ts'
import { whyMissed } from './why-missed.ts'

const why = (fault: SensorFaultKind, metric: string, hours: number): string =>
  whyMissed({ type: 'fault', device: 'env', metric, fault, from: 0, to: hours * HOUR })

describe('a fault that was missed', () => {
  it.each([
    ['spike', 'a_metric_of_nobody', 0.1, 'a_metric_of_nobody has no test but its range'],
    ['drift', 'temperature', 20, 'temperature has no neighbour test'],
    ['stuck', 'pm2_5', 2.9, 'it was over before the flat line test speaks'],
    ['stuck', 'pm2_5', 3, 'it stayed within the limits of the flat test'],
    ['humidity_bias', 'pm2_5', 5, 'it stayed within the limits of the neighbour test'],
    ['drop_out', 'pm2_5', 1, 'no sign of it was seen'],
  ] as const)('%s of %s', (fault, metric, hours, reason) => {
    expect(why(fault, metric, hours)).toBe(reason)
  })
})

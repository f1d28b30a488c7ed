// Explains the state of any device by domain B2 and B7.

import type { Explanation } from '../../../contract/explain.ts'
import { DAY, formatTime, SECOND } from '../../../contract/time.ts'
import { PATIENCE } from '../../../domain/connectivity/device-state.ts'
import { type Explainer, readingsPath } from './explainer.ts'

export const connectivity: Explainer = {
  valuesOf: () => ['state'],
  explain: async (_context, device, { value, at }): Promise<Explanation> => ({
    subject: { device: device.id, value },
    value: device.state,
    time: formatTime(at),
    rule: {
      name: 'state from signs of life',
      version: '1',
      source:
        'Pantau rule B2: three missed intervals and 10 s of grace; unreachable hosts after Nagios Core base/checks.c',
    },
    inputs: [
      ...(device.since === null ? [] : [{ name: 'since', value: formatTime(device.since), unit: 'time' }]),
      { name: 'cause', value: device.cause },
      ...(device.lastSeen === null
        ? []
        : [{ name: 'last_sign', value: formatTime(device.lastSeen), unit: 'time' }]),
      { name: 'interval', value: device.everyS, unit: 's' },
      { name: 'missed_intervals', value: PATIENCE.missed },
      { name: 'grace', value: PATIENCE.graceMs / SECOND, unit: 's' },
    ],
    readings: readingsPath(device.id, [], at - DAY, at),
  }),
}

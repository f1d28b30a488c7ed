// Every connection is cut at once, several times, and all devices come back at once with what was not acknowledged (reliability row 30).

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

const DEVICES = 100
const TIMES = 3

export const reconnectStorm: Fault = {
  name: 'reconnect-storm',
  what: `${DEVICES} devices lose their connections at once, ${TIMES} times`,
  writers: DEVICES,
  pace: { perS: 10 },
  async inject({ writers, clock, random }) {
    for (let time = 0; time < TIMES; time += 1) {
      await sleep(random() * 500)
      for (const writer of writers) writer.drop()
    }
    return clock.monotonicMs()
  },
}

// Flags readings without a time of their own that arrived while this machine's clock was in doubt (docs/faults.md, row 20): one flag for each
// device, metric and doubt, beside the readings as all flags are, put in when the first such reading is stored and cut to size when the doubt ends.

import type { QualityFlag } from '../contract/feed.ts'
import type { Observation } from '../contract/observation.ts'
import { type Clock, formatTime, HOUR, SECOND } from '../contract/time.ts'
import type { Logger } from '../runtime/logger.ts'
import { ClockSteps, type Doubt } from './clock-steps.ts'
import { CLOCK_STEP } from './flag-shown.ts'
import type { Store } from './store/store.ts'
import { Turns } from './store/turns.ts'

const VERSION = '1'
const LOOK_MS = SECOND
/** The store may be so far behind that what arrived in a doubt is stored long after it. */
const REMEMBERED = 20

export interface ClockDoubtsPlan {
  readonly store: Pick<Store, 'putFlag' | 'retireFlag'>
  readonly clock: Clock
  readonly logger: Logger
  /** The device's flags have changed. */
  readonly onFlags: (device: string) => Promise<void>
  readonly onFault: (error: unknown) => void
}

interface Remembered {
  doubt: Doubt
  /** By id. */
  readonly flags: Map<string, QualityFlag>
}

export interface ClockDoubts {
  noteStored(observations: readonly Observation[]): void
  /** Looks at the clock at once. */
  look(): void
  /** All that was put in is in the store. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export function openClockDoubts(plan: ClockDoubtsPlan): ClockDoubts {
  const { store, clock, logger, onFlags, onFault } = plan
  const steps = new ClockSteps(clock)
  const turns = new Turns()
  let remembered: Remembered[] = []
  let last: Promise<void> = Promise.resolve()

  const inTurn = (work: () => Promise<void>): void => {
    last = turns.take(work).catch(onFault)
  }
  const look = (): void => {
    for (const { doubt, type } of steps.look()) {
      if (type === 'set') {
        logger.warn(
          { setMs: doubt.setMs },
          `the clock was set to ${formatTime(doubt.from)}: arrivals are in doubt`,
        )
        remembered = [...remembered, { doubt, flags: new Map() }].slice(-REMEMBERED)
      } else {
        logger.info({ from: doubt.from, to: doubt.to }, 'the clock is believed again')
        const one = remembered.find((other) => other.doubt.from === doubt.from)
        if (one !== undefined) end(one, doubt)
      }
    }
  }
  const end = (one: Remembered, doubt: Doubt): void => {
    one.doubt = doubt
    for (const flag of one.flags.values()) {
      inTurn(async () => {
        await store.retireFlag(flag.id, clock.now())
        await store.putFlag({ ...flag, to: doubt.to })
        await onFlags(flag.device)
      })
    }
  }
  const timer = setInterval(look, LOOK_MS)
  timer.unref()
  return {
    look,
    noteStored(observations) {
      if (remembered.length === 0) return
      for (const observation of observations) {
        if (!observation.timeIsArrival) continue
        for (const one of remembered) {
          if (observation.arrival < one.doubt.from || observation.arrival >= one.doubt.to) continue
          const added = flagsOf(observation, one.doubt, clock.now()).filter(({ id }) => !one.flags.has(id))
          for (const flag of added) {
            one.flags.set(flag.id, flag)
            inTurn(() => store.putFlag(flag))
          }
          if (added.length > 0) inTurn(() => onFlags(observation.device))
        }
      }
    },
    settled: () => last,
    async stop() {
      clearInterval(timer)
      await last
    },
  }
}

function flagsOf({ device, values }: Observation, { from, to, setMs }: Doubt, now: number): QualityFlag[] {
  const by = `${Math.abs(setMs) < HOUR ? `${Math.round(setMs / SECOND)} s` : `${(setMs / HOUR).toFixed(1)} h`}`
  return Object.keys(values).map((metric) => ({
    id: `clock-step-${from}-${device}-${metric}`,
    device,
    metric,
    from,
    to,
    flag: 'clock_step',
    quality: 3,
    rule: CLOCK_STEP,
    version: VERSION,
    note: `the clock of Pantau was set by ${by}`,
    made: now,
  }))
}

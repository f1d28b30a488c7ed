// Readings without a time of their own, in the real store, while the clock is set and set back.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { expect, it } from 'vitest'
import type { Observation } from '../contract/observation.ts'
import { HOUR, MINUTE, SECOND } from '../contract/time.ts'
import { openClockDoubts } from './clock-doubts.ts'
import { batchOf } from './store/suite/place.suite.ts'
import { openTestStore } from './test/store.ts'

const START = Date.UTC(2026, 10, 24, 8)

it('a reading that arrived in between is flagged by it, one with a time of its own or from before is not', async () => {
  const time = { now: START, monotonicMs: 0 }
  const clock = { now: () => time.now, monotonicMs: () => time.monotonicMs }
  const folder = mkdtempSync(join(tmpdir(), 'pantau-doubts-'))
  const store = await openTestStore(folder, clock)
  const refreshed: string[] = []
  const doubts = openClockDoubts({
    store,
    clock,
    logger: pino({ level: 'silent' }),
    onFlags: async (device) => void refreshed.push(device),
    onFault: (error) => {
      throw error
    },
  })
  const pass = (ms: number): void => {
    time.now += ms
    time.monotonicMs += ms
    doubts.look()
  }
  const take = async (device: string, timeIsArrival: boolean): Promise<void> => {
    const observation: Observation = {
      kind: 'sensor',
      device,
      time: time.now,
      arrival: time.now,
      timeIsArrival,
      values: { pm10: 20 },
    }
    await store.write(batchOf([observation]))
    doubts.noteStored([observation])
  }
  const flagsOf = async (device: string): Promise<unknown[]> => {
    const { series } = await store.readings({ device, from: START - HOUR, to: START + 3 * HOUR, limit: 100 })
    return (series[0]?.points ?? []).map(([at, , flag]) => [(at - START) / MINUTE, flag])
  }
  try {
    await take('own', true)
    pass(MINUTE)
    time.now += 2 * HOUR
    pass(SECOND)
    await take('own', true)
    await take('timed', false)
    pass(MINUTE)
    time.now -= 2 * HOUR
    pass(SECOND)
    await take('own', true)
    await doubts.settled()

    expect(await flagsOf('own')).toEqual([
      [0, 'arrival_time'],
      [2 + 2 / 60, 'arrival_time'],
      [121 + 1 / 60, 'clock_step'],
    ])
    expect(await flagsOf('timed')).toEqual([[121 + 1 / 60, undefined]])
    expect(new Set(refreshed)).toEqual(new Set(['own']))
    const [flag, ...others] = await store.flags({ from: START, to: START + 3 * HOUR, limit: 100 })
    expect(others).toEqual([])
    expect(flag).toMatchObject({ device: 'own', metric: 'pm10', quality: 3, rule: 'clock_step' })
    // Cut to what it was in the end.
    expect([flag?.from, flag?.to]).toEqual([START + 121 * MINUTE, START + 122 * MINUTE + 2 * SECOND])
  } finally {
    await doubts.stop()
    await store.close()
    rmSync(folder, { recursive: true })
  }
})

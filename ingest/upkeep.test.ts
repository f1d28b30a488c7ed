import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Clock, DAY, HOUR, MINUTE } from '../contract/time.ts'
import { openLogger } from '../runtime/logger.ts'
import { openUpkeep, type Upkeep } from './upkeep.ts'

const NOW = Date.UTC(2026, 10, 24, 8)
const KEPT_MS = 400 * DAY
const logger = openLogger('ingest', { PANTAU_LOG_LEVEL: 'error', PANTAU_LOG: 'json' })
logger.level = 'silent'

let elapsedMs = 0
let setMs = 0
const clock: Clock = { now: () => NOW + elapsedMs + setMs, monotonicMs: () => elapsedMs }
let dropped: (readonly [raw: number, hourly: number])[] = []
let upkeep: Upkeep

beforeEach(() => {
  vi.useFakeTimers()
  elapsedMs = 0
  setMs = 0
  dropped = []
  const store = {
    checkpoint: async () => undefined,
    dropBefore: async (raw: number, hourly: number) => void dropped.push([raw, hourly]),
  }
  upkeep = openUpkeep(store, KEPT_MS, clock, logger)
})
afterEach(async () => {
  await upkeep.stop()
  vi.useRealTimers()
})

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += MINUTE) {
    elapsedMs += MINUTE
    await vi.advanceTimersByTimeAsync(MINUTE)
  }
}

describe('what is too old', () => {
  it('goes a minute after the start, and every hour; hourly means after ten times as long', async () => {
    await pass(MINUTE)
    expect(dropped).toEqual([[NOW + MINUTE - KEPT_MS, NOW + MINUTE - 10 * KEPT_MS]])
    await pass(HOUR)
    expect(dropped).toHaveLength(2)
  })

  it.each([
    ['2038', Date.UTC(2038, 0, 19) - NOW],
    ['1970', -NOW],
  ])('is not judged by a clock that was set to %s and back', async (_year, byMs) => {
    setMs = byMs
    await pass(30 * MINUTE)
    setMs = 0
    await pass(3 * HOUR)
    expect(dropped.length).toBeGreaterThan(0)
    for (const [raw] of dropped) expect(Math.abs(raw - (NOW - KEPT_MS))).toBeLessThan(4 * HOUR)
  })

  it('is judged again by a clock that stays where it was set, as one that was wrong before', async () => {
    setMs = 2 * DAY
    await pass(MINUTE)
    expect(dropped).toEqual([])
    await pass(HOUR)
    expect(dropped).toHaveLength(1)
  })
})

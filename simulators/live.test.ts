import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../contract/time.ts'
import type { DeviceModel } from './device-model.ts'
import { runLive } from './live.ts'
import type { Link } from './publisher.ts'

const START = Date.UTC(2026, 10, 20)

/** Links are of the network: what they are told is written down. */
function recorded(): { link: Link; told: string[] } {
  const told: string[] = []
  return {
    told,
    link: {
      publish: (channel, payload) => told.push(`${channel} ${String(JSON.parse(payload).values.minute)}`),
      connect: () => told.push('connect'),
      cut: () => told.push('cut'),
      close: () => Promise.resolve(),
    },
  }
}

const device = (isReachable: DeviceModel['isReachable']): DeviceModel => ({
  id: 'hs-1',
  kind: 'hotspot',
  everyMs: MINUTE,
  phaseMs: 0,
  isReachable,
  deviceTime: (time) => time,
  sampleAt: (time) => ({ values: { minute: (time - START) / MINUTE } }),
  truth: () => [],
})

/** Moves simulated time to each of `minutes` and lets the run look. */
async function run(model: DeviceModel, speed: number, minutes: readonly number[]) {
  let now = START
  const { link, told } = recorded()
  const ticks: number[] = []
  const live = runLive([{ model, link }], { speed, now: () => now }, (time) => ticks.push(time))
  for (const minute of minutes) {
    now = START + minute * MINUTE
    const seen = ticks.length
    for (let waits = 0; waits < 100 && ticks.length < seen + 2; waits += 1) await sleep(20)
  }
  live.stop()
  return { told, ticks }
}

describe('a live run', () => {
  it('connects at once, sends each tick once, and tells how far time has come', async () => {
    const { told, ticks } = await run(
      device(() => true),
      1,
      [1, 2, 3],
    )
    expect(told).toEqual(['connect', 'reading 0', 'reading 1', 'reading 2', 'reading 3'])
    expect(ticks.at(0)).toBe(START)
    expect(ticks.at(-1)).toBe(START + 3 * MINUTE)
  })

  it('cuts the link of a device that goes dark and connects it again', async () => {
    const { told } = await run(
      device((time) => time !== START + 2 * MINUTE),
      1,
      [1, 2, 3, 4],
    )
    expect(told).toEqual(['connect', 'reading 0', 'reading 1', 'cut', 'connect', 'reading 4'])
  })

  it('does not make up for ticks that a sleeping machine missed', async () => {
    const { told } = await run(
      device(() => true),
      1,
      [60, 61],
    )
    expect(told).toEqual(['connect', 'reading 0', 'reading 1', 'reading 60', 'reading 61'])
  })

  it('makes up for the ticks between two looks when time runs faster than they come', async () => {
    const { told } = await run(
      device(() => true),
      1_000,
      [5, 10],
    )
    expect(told).toEqual(['connect', ...Array.from({ length: 11 }, (_, minute) => `reading ${minute}`)])
  })
})

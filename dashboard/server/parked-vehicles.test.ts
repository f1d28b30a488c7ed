// What a stranger sees of a bus through a day: its trips, and nothing of the way home.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LiveDevice } from '../../contract/feed.ts'
import { HOUR, MINUTE, systemClock } from '../../contract/time.ts'
import { allPublicAnswers } from './harness/public-routes.ts'
import { sampleDevice, sampleDevices, startVillage, type Village } from './harness/village.ts'
import { createLiveMirror } from './live-mirror.ts'
import { followParkedVehicles } from './parked-vehicles.ts'

const HOME = { lat: -6.1712, lon: 106.8003 }
const DEPOT = { lat: -6.2, lon: 106.83 }
const onTrip = sampleDevices(0).find(({ kind }) => kind === 'vehicle')?.transit

function bus(members: Partial<LiveDevice>): LiveDevice {
  return sampleDevice({ id: 'bus-1', kind: 'vehicle', ...members })
}

/** A bus without a trip that stands at `place`. */
const standing = (place: { lat: number; lon: number }): LiveDevice => bus({ position: place })

function follow(depots = [DEPOT]) {
  const time = { ms: 0 }
  const clock = { now: () => time.ms, monotonicMs: () => time.ms }
  const mirror = createLiveMirror(clock)
  const parked = followParkedVehicles(mirror, clock, depots)
  let seq = 0
  mirror.take({ type: 'snapshot', seq, time: 0, devices: [] })
  return {
    time,
    parked,
    isHidden(device: LiveDevice): boolean {
      seq += 1
      mirror.take({ type: 'delta', seq, time: time.ms, changed: [device], removed: [] })
      return parked.isHidden(device)
    },
  }
}

describe('a bus', () => {
  it('that stands off its route is hidden after 15 minutes, until it moves on', () => {
    const { time, isHidden } = follow()
    expect(isHidden(standing(HOME))).toBe(false)
    time.ms += 15 * MINUTE
    expect(isHidden(standing(HOME))).toBe(false)
    time.ms += 1
    expect(isHidden(standing({ lat: HOME.lat + 0.0005, lon: HOME.lon }))).toBe(true)
    time.ms += 8 * HOUR
    expect(isHidden(standing(HOME))).toBe(true)
    expect(isHidden(standing({ lat: HOME.lat + 0.002, lon: HOME.lon }))).toBe(false)
  })

  it('that says nothing more is hidden by time alone', () => {
    const { time, parked, isHidden } = follow()
    const device = standing(HOME)
    isHidden(device)
    const before = parked.version()
    time.ms += 16 * MINUTE
    expect(parked.isHidden(device)).toBe(true)
    expect(parked.version()).toBe(before + 1)
    expect(parked.version()).toBe(before + 1)
  })

  it('that waits on its trip is shown, however long', () => {
    const { time, isHidden } = follow()
    const waiting = bus({ position: HOME, ...(onTrip === undefined ? {} : { transit: onTrip }) })
    for (let hour = 0; hour < 3; hour += 1) {
      expect(isHidden(waiting)).toBe(false)
      time.ms += HOUR
    }
  })

  it('near a depot is hidden at once, on a trip too', () => {
    const { isHidden } = follow()
    const near = { lat: DEPOT.lat + 0.0015, lon: DEPOT.lon }
    expect(isHidden(bus({ position: near, ...(onTrip === undefined ? {} : { transit: onTrip }) }))).toBe(true)
    expect(isHidden(standing({ lat: DEPOT.lat + 0.002, lon: DEPOT.lon }))).toBe(false)
  })

  it('that is simulated has no driver', () => {
    const { isHidden } = follow()
    expect(isHidden(bus({ position: DEPOT, simulated: true }))).toBe(false)
  })
})

describe('a stranger', () => {
  const time = { offset: 0 }
  let village: Village
  beforeAll(async () => {
    village = await startVillage({
      clock: {
        now: () => systemClock.now() + time.offset,
        monotonicMs: () => systemClock.monotonicMs() + time.offset,
      },
      devices: [standing(HOME), sampleDevice({ id: 'air-1', kind: 'sensor' })],
    })
  })
  afterAll(async () => {
    await village.stop()
  })

  const seen = (headers = {}) => allPublicAnswers(village, 'bus-1', headers)

  it('is told nothing of a bus that is parked at home, and staff are', async () => {
    expect(await seen()).toContain('106.8003')
    time.offset += 16 * MINUTE
    village.feed.change([])
    const shown = await seen()
    expect(shown).not.toContain('106.8003')
    expect(shown).not.toContain('bus-1')
    expect(shown).toContain('"vehicle":{"up":0,')
    expect(await seen({ authorization: `Bearer ${village.tokens.environment}` })).toContain('106.8003')
  })
})

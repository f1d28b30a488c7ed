import { describe, expect, it } from 'vitest'
import type { LiveDevice } from '../../contract/feed.ts'
import { type Clock, MINUTE, SECOND, systemClock } from '../../contract/time.ts'
import { buildFeed } from '../../domain/transit/gtfs.ts'
import { placeAlong } from '../../domain/transit/shape-line.ts'
import { parseCsv } from '../../runtime/csv.ts'
import type { FeedCall } from './feed.ts'
import { sampleDevice } from './harness/village.ts'
import { createLiveMirror } from './live-mirror.ts'
import { featureOf } from './public-view.ts'
import { followVehicleRuns } from './vehicle-runs.ts'

// A street of 2,211 m with a stop in the middle; the template takes 300 s a link.
const feed = buildFeed(
  new Map(
    Object.entries({
      'agency.txt': 'agency_name,agency_timezone\nDesa,Asia/Jakarta\n',
      'routes.txt': 'route_id,route_type\nR,3\n',
      'stops.txt':
        'stop_id,stop_name,stop_lat,stop_lon\nA,A,-6.17,106.80\nB,B,-6.17,106.81\nC,C,-6.17,106.82\n',
      'trips.txt': 'route_id,service_id,trip_id,direction_id,shape_id\nR,D,T,0,L\nR,D,timed,0,L\n',
      'stop_times.txt':
        'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT,05:00:00,05:00:00,A,1\nT,05:05:00,05:05:00,B,2\nT,05:10:00,05:10:00,C,3\ntimed,08:00:00,08:00:00,A,1\ntimed,08:05:00,08:05:00,B,2\ntimed,08:10:00,08:10:00,C,3\n',
      'calendar.txt':
        'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,1,1,1,1,1,1,20260101,20991231\n',
      'frequencies.txt': 'trip_id,start_time,end_time,headway_secs,exact_times\nT,00:00:00,24:00:00,600,0\n',
      'shapes.txt':
        'shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nL,-6.17,106.80,1\nL,-6.17,106.82,2\n',
    }).map(([name, text]) => [name, parseCsv(text)]),
  ),
)
const line = feed.trips.get('T')?.line ?? { points: [], alongM: [] }
const now = systemClock.now()

/** At 10 m/s since `began`: at `alongM` then. */
const alongAt = (time: number): number => (time - (now - 2 * MINUTE)) / 100

const bus = (time: number): LiveDevice =>
  sampleDevice({
    id: 'bus',
    kind: 'vehicle',
    transit: {
      route: 'R',
      trip: 'T',
      direction: 0,
      occupancy: null,
      speed: 10,
      bearing: 90,
      alongM: alongAt(time),
      time,
      stale: false,
    },
  })

/** Answers `track` with a fix each 10 s of the two minutes before now. */
const remembers: FeedCall = (async () => ({
  positions: Array.from({ length: 12 }, (_, index) => {
    const time = now - (120 - 10 * index) * SECOND
    return { ...placeAlong(line, alongAt(time)), time, trip: 'T' }
  }),
})) as unknown as FeedCall // Only `track` is called.

const settled = () => new Promise((done) => setTimeout(done, 50))

describe('a dashboard that has just started', () => {
  it('knows when stops were left before, and the begin of the run', async () => {
    const mirror = createLiveMirror(systemClock)
    const followed = followVehicleRuns(mirror, feed, remembers, systemClock)
    mirror.take({ type: 'snapshot', seq: 1, time: now, devices: [bus(now)] })
    await settled()
    // 1,105.5 m and 15 m past B at 10 m/s: 112 s after it was at A.
    const [left] = followed.runs.departures('R', 0, 'B', now)
    expect(Math.abs((left?.time ?? 0) - (now - 8 * SECOND))).toBeLessThan(SECOND)
    expect(followed.runs.predict('bus', now)?.arrivals.map(({ stop }) => stop.stop)).toEqual(['C'])
  })

  it('goes on with what came while it looked back', async () => {
    const mirror = createLiveMirror(systemClock)
    const followed = followVehicleRuns(mirror, feed, remembers, systemClock)
    mirror.take({ type: 'snapshot', seq: 1, time: now, devices: [bus(now)] })
    mirror.take({ type: 'delta', seq: 2, time: now, changed: [bus(now + 10 * SECOND)], removed: [] })
    await settled()
    expect(followed.runs.predict('bus', now + 10 * SECOND)?.place.alongM).toBe(1_300)
  })

  it('begins with what is live when the past cannot be had', async () => {
    const mirror = createLiveMirror(systemClock)
    const away: FeedCall = () => Promise.reject(new Error('ingest is away'))
    const followed = followVehicleRuns(mirror, feed, away, systemClock)
    mirror.take({ type: 'snapshot', seq: 1, time: now, devices: [bus(now)] })
    await settled()
    expect(followed.runs.predict('bus', now)?.arrivals.map(({ stop }) => stop.stop)).toEqual(['C'])
  })
})

describe('the delay of a vehicle as it is shown', () => {
  const EIGHT = Date.parse('2026-11-24T08:00:00+07:00')
  const clock: Clock = { ...systemClock, now: () => EIGHT + 4 * MINUTE }
  const nothing: FeedCall = (async () => ({ positions: [] })) as unknown as FeedCall // Only `track` is called.
  const follow = () => {
    const mirror = createLiveMirror(clock, (device) => followed.withDelay(device))
    const followed = followVehicleRuns(mirror, feed, nothing, clock)
    return mirror
  }
  /** Half way to B, where the timetable has it at 08:02:30. */
  const at = (trip: string, time: number, members = {}): LiveDevice => {
    const { transit, ...device } = bus(time)
    return { ...device, ...(transit && { transit: { ...transit, trip, alongM: 552.77, ...members } }) }
  }
  const shown = (device: LiveDevice) => {
    const mirror = follow()
    mirror.take({ type: 'snapshot', seq: 1, time: clock.now(), devices: [device] })
    return mirror
  }
  const delayOf = (device: LiveDevice) => {
    const made = shown(device).device('bus')
    return made === undefined ? undefined : featureOf(made, 'public').properties.transit?.delay_s
  }

  it('is there with a timetable, as in the live stream', () => {
    expect(delayOf(at('timed', EIGHT + 4 * MINUTE))).toBe(90)
    expect(delayOf(at('timed', EIGHT + 2 * MINUTE))).toBe(-30)
  })

  it('is null of a trip that runs by headway, of none, and of a position that is old', () => {
    expect(delayOf(at('T', EIGHT + 4 * MINUTE))).toBeNull()
    expect(delayOf(at('timed', EIGHT + 4 * MINUTE, { trip: null, alongM: null }))).toBeNull()
    expect(delayOf(at('timed', EIGHT + 4 * MINUTE, { stale: true }))).toBeNull()
  })

  it('is no change of its own: a vehicle that stands still is told once', () => {
    const mirror = shown(at('timed', EIGHT + 4 * MINUTE))
    const before = mirror.version()
    mirror.tick()
    expect(mirror.version()).toBe(before)
  })
})

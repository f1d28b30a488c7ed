import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../contract/time.ts'
import { buildFeed } from './gtfs.ts'
import { formatGtfsTime } from './gtfs-time.ts'
import { VehicleRuns } from './vehicle-runs.ts'

const tables = (files: Readonly<Record<string, string>>) =>
  new Map(
    Object.entries(files).map(([name, text]) => {
      const [header = [], ...rows] = text.split('\n').map((line) => line.split(','))
      return [name, { header, rows }]
    }),
  )

// A street of 3,316.5 m eastward at 6.17 S: 0.01 degree of longitude is 1,105.5 m (domain C5). One trip every ten minutes until 25:00, one
// by timetable, and one that runs once a day.
const feed = buildFeed(
  tables({
    'agency.txt': 'agency_name,agency_timezone\nDesa,Asia/Jakarta',
    'routes.txt': 'route_id,route_type\nR,3\nS,3',
    'stops.txt':
      'stop_id,stop_name,stop_lat,stop_lon\nA,A,-6.17,106.8\nB,B,-6.17,106.81\nC,C,-6.17,106.82\nD,D,-6.17,106.83',
    'trips.txt':
      'route_id,service_id,trip_id,direction_id,shape_id\nR,D,often,0,L\nS,D,timed,0,L\nS,D,exact,0,L',
    'stop_times.txt': [
      'trip_id,arrival_time,departure_time,stop_id,stop_sequence',
      ...['often,05:0', 'timed,23:5', 'exact,06:0'].flatMap((begin) => [
        `${begin}0:00,${begin.slice(6)}0:00,A,1`,
        `${begin}3:20,${begin.slice(6)}3:20,B,2`,
        `${begin}6:40,${begin.slice(6)}6:40,C,3`,
        `${begin}9:59,${begin.slice(6)}9:59,D,4`,
      ]),
    ].join('\n'),
    'calendar.txt':
      'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,1,1,1,1,1,1,20260101,20261231',
    'shapes.txt': 'shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nL,-6.17,106.8,1\nL,-6.17,106.83,2',
    'frequencies.txt':
      'trip_id,start_time,end_time,headway_secs,exact_times\noften,05:00:00,25:00:00,600,0\nexact,06:00:00,22:00:00,1200,1',
  }),
)
const LENGTH_M = 3_316.5
const EIGHT = Date.parse('2026-11-24T08:00:00+07:00')

/** Runs in which one vehicle after another went along at so many m/s without standing, `apartMs` apart. */
function driven(speedMs: number, vehicles: number, apartMs = 5 * MINUTE) {
  const runs = new VehicleRuns(feed)
  let last = EIGHT
  for (let vehicle = 0; vehicle < vehicles; vehicle += 1) {
    const begin = EIGHT + vehicle * apartMs
    for (let alongM = 0; alongM <= LENGTH_M; alongM += speedMs * 10) {
      last = begin + (alongM / speedMs) * SECOND
      runs.see(`v${vehicle}`, { trip: 'often', alongM, time: last })
    }
    runs.remove(`v${vehicle}`)
  }
  return { runs, last }
}

describe('a run', () => {
  it('of a trip by headway begins when it was seen to, to the minute', () => {
    const runs = new VehicleRuns(feed)
    // Half way from A to B, 100 of 200 s: it left at 07:58:20.
    runs.see('v', { trip: 'often', alongM: LENGTH_M / 6, time: EIGHT })
    const start = runs.predict('v', EIGHT)?.start
    expect(start).toMatchObject({ date: '20261124', isScheduled: false })
    expect(formatGtfsTime(start?.second ?? 0)).toBe('07:58:00')
  })

  it('after midnight is still of the day before whose hours it is in', () => {
    const runs = new VehicleRuns(feed)
    const time = Date.parse('2026-11-25T00:30:00+07:00')
    runs.see('v', { trip: 'often', alongM: 0, time })
    const start = runs.predict('v', time)?.start
    expect(start?.date).toBe('20261124')
    expect(formatGtfsTime(start?.second ?? 0)).toBe('24:30:00')
  })

  it('by timetable is the one that makes it least late, with its delay across midnight', () => {
    const runs = new VehicleRuns(feed)
    // At C, due at 23:56:40, on the next day.
    const time = Date.parse('2026-11-25T00:01:40+07:00')
    runs.see('v', { trip: 'timed', alongM: (LENGTH_M * 2) / 3 + 1, time })
    const prediction = runs.predict('v', time)
    expect(prediction).toMatchObject({ delayS: 300, start: { date: '20261124', isScheduled: true } })
    expect(prediction?.arrivals.map(({ stop, time: comes }) => [stop.stop, comes])).toEqual([
      ['D', Date.parse('2026-11-25T00:04:59+07:00')],
    ])
  })

  it('at exact times starts at one of them (validator E019)', () => {
    const runs = new VehicleRuns(feed)
    runs.see('v', { trip: 'exact', alongM: 0, time: EIGHT + 90 * SECOND })
    const start = runs.predict('v', EIGHT + 90 * SECOND)?.start
    expect([start?.isScheduled, formatGtfsTime(start?.second ?? 0)]).toEqual([true, '08:00:00'])
  })

  it('is another one when the vehicle is back at the begin', () => {
    const runs = new VehicleRuns(feed)
    runs.see('v', { trip: 'often', alongM: 3_000, time: EIGHT })
    runs.see('v', { trip: 'often', alongM: 10, time: EIGHT + 20 * MINUTE })
    expect(runs.predict('v', EIGHT + 20 * MINUTE)?.arrivals.map(({ stop }) => stop.stop)).toEqual([
      'B',
      'C',
      'D',
    ])
  })

  it('keeps its place over two fixes off the line, and loses it with the third', () => {
    const runs = new VehicleRuns(feed)
    runs.see('v', { trip: 'often', alongM: 500, time: EIGHT })
    const off = (seconds: number) =>
      runs.see('v', { trip: 'often', alongM: null, time: EIGHT + seconds * SECOND })
    off(10)
    off(20)
    expect(runs.predict('v', EIGHT + 20 * SECOND)).not.toBeNull()
    off(30)
    expect(runs.predict('v', EIGHT + 30 * SECOND)).toBeNull()
  })

  it('that was not seen for more than 90 s says nothing', () => {
    const runs = new VehicleRuns(feed)
    runs.see('v', { trip: 'often', alongM: 500, time: EIGHT })
    expect(runs.predict('v', EIGHT + 90 * SECOND)).not.toBeNull()
    expect(runs.predict('v', EIGHT + 91 * SECOND)).toBeNull()
  })

  it('waits at its first stop for as long as a headway', () => {
    const runs = new VehicleRuns(feed)
    runs.see('v', { trip: 'often', alongM: 10, time: EIGHT })
    const prediction = runs.predict('v', EIGHT)
    expect(prediction?.isWaiting).toBe(true)
    const [first] = prediction?.arrivals ?? []
    expect((first?.high ?? 0) - (first?.time ?? 0)).toBeGreaterThan(600 * SECOND)
  })
})

describe('what is learned', () => {
  it('is the pace: vehicles at half the speed of the template are told at half', () => {
    // The template takes 200 s for a link of 1,105.5 m, 5.53 m/s.
    const { runs, last } = driven(2.77, 12)
    const link = { route: 'R', direction: 0, from: 'A', to: 'B', templateS: 200 } as const
    expect(runs.travelTimes.runS(link, last)).toBeGreaterThan(340)
    expect(runs.travelTimes.runS(link, last)).toBeLessThan(410)
    runs.see('next', { trip: 'often', alongM: 20, time: last })
    const [first] = runs.predict('next', last)?.arrivals ?? []
    expect(((first?.time ?? 0) - last) / SECOND).toBeGreaterThan(330)
  })

  it('fades: hours later the day counts more than the hour, and days later the template alone', () => {
    const { runs, last } = driven(2.77, 12)
    const paceAfter = (minutes: number) =>
      runs.travelTimes.pace({ route: 'R', direction: 0 }, last + minutes * MINUTE)
    expect(paceAfter(180)).toBeGreaterThan(1.2)
    expect(paceAfter(180)).toBeLessThan(2)
    expect(paceAfter(6 * 24 * 60)).toBeLessThan(1.01)
  })

  it('is nothing of a vehicle that was not heard between two stops', () => {
    const runs = new VehicleRuns(feed)
    runs.see('v', { trip: 'often', alongM: 20, time: EIGHT })
    runs.see('v', { trip: 'often', alongM: 2_300, time: EIGHT + 10 * MINUTE })
    expect(runs.travelTimes.pace({ route: 'R', direction: 0 }, EIGHT + 10 * MINUTE)).toBe(1)
    expect(runs.departures('R', 0, 'B', EIGHT + 10 * MINUTE)).toEqual([])
  })

  it('is when each stop was left, for three hours', () => {
    const { runs, last } = driven(10, 3)
    const departures = runs.departures('R', 0, 'B', last)
    expect(departures.map(({ vehicle }) => vehicle)).toEqual(['v0', 'v1', 'v2'])
    // At 10 m/s it is 15 m past B, 1,105.5 m along, after 112.05 s.
    expect(((departures[0]?.time ?? 0) - EIGHT) / SECOND).toBeCloseTo(112.05, 1)
    expect(runs.departures('R', 0, 'B', last + 181 * MINUTE)).toEqual([])
  })
})

describe('predictions', () => {
  const step = fc.record({
    afterS: fc.double({ min: 0.5, max: 120, noNaN: true }),
    alongM: fc.option(fc.double({ min: 0, max: LENGTH_M + 20, noNaN: true }), { freq: 8 }),
    trip: fc.constantFrom('often', 'timed', 'exact'),
  })

  it('are never before now, rise along the trip and lie in their range, whatever the fixes', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (steps, laterS) => {
          const runs = new VehicleRuns(feed)
          let time = EIGHT
          for (const { afterS, alongM, trip } of steps) {
            time += afterS * SECOND
            runs.see('v', { trip, alongM, time })
            const now = time + laterS * SECOND
            let before = now
            let alongBefore = Number.NEGATIVE_INFINITY
            for (const ahead of runs.predict('v', now)?.arrivals ?? []) {
              expect(ahead.time).toBeGreaterThanOrEqual(before)
              expect(ahead.low).toBeGreaterThanOrEqual(now)
              expect(ahead.low).toBeLessThanOrEqual(ahead.time)
              expect(ahead.high).toBeGreaterThanOrEqual(ahead.time)
              expect(ahead.time).toBeLessThanOrEqual(now + 60 * MINUTE)
              expect(ahead.stop.alongM).toBeGreaterThan(alongBefore)
              alongBefore = ahead.stop.alongM
              before = ahead.time
            }
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})

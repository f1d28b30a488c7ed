import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readFeed } from '../../runtime/gtfs-feed.ts'
import { haversineM } from '../geo/geodesy.ts'
import type { FeedTables } from './feed-tables.ts'
import { buildFeed, type GtfsFeed, tripLines } from './gtfs.ts'
import { headwayNow } from './headway-now.ts'
import { lengthM, placeAlong } from './shape-line.ts'

function tables(files: Readonly<Record<string, string>>): FeedTables {
  return new Map(
    Object.entries(files).map(([name, text]) => {
      const [header = [], ...rows] = text.split('\n').map((line) => line.split(','))
      return [name, { header, rows }]
    }),
  )
}

/** One street walked out and back past B, and a trip whose shape the feed does not have. */
const SMALL = {
  'agency.txt': 'agency_name,agency_timezone\nDesa,Asia/Jakarta',
  'routes.txt': 'route_id,route_short_name,route_type,route_color\nR,,3,D62126',
  'stops.txt': [
    'stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station',
    'A,Alun-alun,-6.17,106.8,0,S',
    'B,Balai,-6.17,106.804,0,',
    'C,Cagar,-6.17,106.81,,',
    'S,Stasiun,-6.1701,106.8,1,',
    'N,Simpul,,,3,S',
  ].join('\n'),
  'trips.txt': [
    'route_id,service_id,trip_id,trip_headsign,direction_id,shape_id',
    'R,D,out-and-back,Cagar,0,L',
    'R,D,night,Alun-alun,1,',
    'R,D,empty,Alun-alun,1,L',
  ].join('\n'),
  'stop_times.txt': [
    'trip_id,arrival_time,departure_time,stop_id,stop_sequence',
    'out-and-back,05:00:00,05:00:10,A,0',
    'out-and-back,05:01:50,05:02:00,B,1',
    'out-and-back,05:04:00,05:04:30,C,2',
    'out-and-back,05:07:00,05:07:00,B,3',
    'out-and-back,05:09:00,05:09:00,A,4',
    'night,22:00:00,22:00:00,C,0',
    'night,22:05:00,22:05:00,A,1',
  ].join('\n'),
  'calendar.txt':
    'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,1,1,1,1,0,0,20260101,20261231',
  'shapes.txt': [
    'shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence',
    'L,-6.17,106.8,10',
    'L,-6.17,106.8,2',
    'L,-6.17,106.803,3',
    'L,-6.17,106.807,4',
    'L,-6.17,106.81,7',
    'L,-6.17,106.807,8',
    'L,-6.17,106.803,9',
  ].join('\n'),
  'frequencies.txt': [
    'trip_id,start_time,end_time,headway_secs,exact_times',
    'out-and-back,05:00:00,09:00:00,400,0',
    'out-and-back,09:00:00,16:00:00,3601,0',
    'night,22:00:00,29:00:00,1200,0',
  ].join('\n'),
}

describe('a feed', () => {
  const feed = buildFeed(tables(SMALL))
  /** The street, by haversine (vector transit-haversine-05). */
  const street = 1_105.509_689_442

  it('places the stops of a trip that comes back on the way they are reached', () => {
    const along = feed.trips.get('out-and-back')?.stops.map(({ alongM }) => alongM / street)
    for (const [index, expected] of [0, 0.4, 1, 1.6, 2].entries()) {
      expect(along?.[index]).toBeCloseTo(expected, 4)
    }
  })

  it("counts a trip's times from its first departure", () => {
    const trip = feed.trips.get('out-and-back')
    expect(trip?.firstDepartureS).toBe(18_010)
    expect(trip?.stops.map(({ arrivalS, departureS }) => [arrivalS, departureS])).toEqual([
      [-10, 0],
      [100, 110],
      [230, 260],
      [410, 410],
      [530, 530],
    ])
  })

  it('joins the stops of a trip that has no shape', () => {
    const trip = feed.trips.get('night')
    expect(lengthM(trip?.line ?? { points: [], alongM: [] })).toBeCloseTo(street, 6)
    expect(trip?.stops[1]?.alongM).toBeCloseTo(street, 6)
  })

  it('leaves out a trip without stops and a node without a place', () => {
    expect([...feed.trips.keys()]).toEqual(['out-and-back', 'night'])
    expect([...feed.stops.keys()]).toEqual(['A', 'B', 'C', 'S'])
  })

  it('knows routes, stations and the trips of a route and at a stop', () => {
    expect(feed.timezone).toBe('Asia/Jakarta')
    expect(feed.routes.get('R')).toMatchObject({ shortName: 'R', type: 3, color: '#d62126', textColor: null })
    expect(feed.stops.get('A')).toMatchObject({ name: 'Alun-alun', parent: 'S', locationType: 0 })
    expect(feed.tripsOfRoute.get('R')?.map(({ id }) => id)).toEqual(['out-and-back', 'night'])
    expect(feed.tripsAtStop.get('B')?.map(({ id }) => id)).toEqual(['out-and-back'])
  })

  it('gives the line of each trip that has a shape by itself', () => {
    const lines = tripLines(tables(SMALL))
    expect([...lines.keys()]).toEqual(['out-and-back', 'empty'])
    expect(lines.get('out-and-back')).toEqual(feed.trips.get('out-and-back')?.line)
  })

  it('names its agencies', () => {
    expect(feed.agencies).toEqual(['Desa'])
  })
})

describe('the headway now', () => {
  const feed = buildFeed(tables(SMALL))
  const outward = { route: 'R', direction: 0 } as const
  const night = { trip: 'night' }
  const at = (text: string) => Date.parse(`${text}+07:00`)

  it('is that of the window in the service day', () => {
    expect(headwayNow(feed, outward, at('2026-11-24T05:00:00'))).toBe(400)
    expect(headwayNow(feed, { trip: 'out-and-back' }, at('2026-11-24T08:59:59'))).toBe(400)
    expect(headwayNow(feed, outward, at('2026-11-24T04:59:59'))).toBeNull()
  })

  it('is not told when longer than an hour', () => {
    expect(headwayNow(feed, outward, at('2026-11-24T12:00:00'))).toBeNull()
  })

  it('goes on after midnight by the day before', () => {
    // Friday's night trips run until 05:00 on Saturday; on Sunday there are none, nor in the night to Monday.
    expect(headwayNow(feed, night, at('2026-11-28T04:59:59'))).toBe(1_200)
    expect(headwayNow(feed, night, at('2026-11-28T05:00:00'))).toBeNull()
    expect(headwayNow(feed, night, at('2026-11-29T23:00:00'))).toBeNull()
    expect(headwayNow(feed, night, at('2026-11-30T01:00:00'))).toBeNull()
  })

  it('is unknown of a trip or a route that does not exist', () => {
    expect(headwayNow(feed, { trip: 'none' }, at('2026-11-24T05:00:00'))).toBeNull()
    expect(headwayNow(feed, { route: 'none', direction: 0 }, at('2026-11-24T05:00:00'))).toBeNull()
  })
})

const CIDENG = new URL('../../villages/cideng/noncommercial/gtfs.zip', import.meta.url)

// TransJakarta's feed of 2024 cut around Cideng; left out of a checkout without the non-commercial data.
describe.skipIf(!existsSync(CIDENG))('the feed of Cideng', () => {
  const feed: GtfsFeed = (() => {
    const read = readFeed(readFileSync(CIDENG))
    if (!read.ok) throw new Error(read.faults.join('; '))
    return buildFeed(read.feed)
  })()

  it('has every route, stop and trip of its tables', () => {
    expect([feed.routes.size, feed.stops.size, feed.trips.size]).toEqual([58, 2_119, 157])
  })

  it('places every stop on its line, in order, and no nearer along it than by air', () => {
    for (const trip of feed.trips.values()) {
      for (const [index, { stop, alongM }] of trip.stops.entries()) {
        const place = feed.stops.get(stop) ?? { lat: 0, lon: 0 }
        expect(haversineM(placeAlong(trip.line, alongM), place)).toBeLessThan(60)
        const before = trip.stops[index - 1]
        if (before === undefined) continue
        const byAir = haversineM(feed.stops.get(before.stop) ?? { lat: 0, lon: 0 }, place)
        expect(alongM - before.alongM).toBeGreaterThan(byAir - 120)
      }
    }
  })

  it('runs corridor 1 every 400 s in the morning, and not at night (frequencies.txt of 1-R07)', () => {
    const corridor = { route: '1', direction: 0 } as const
    expect(headwayNow(feed, corridor, Date.parse('2026-11-24T08:00:00+07:00'))).toBe(400)
    expect(headwayNow(feed, corridor, Date.parse('2026-11-24T03:00:00+07:00'))).toBeNull()
  })

  it('does not promise a bus every two hours (M1-R03, 7,200 s from 22:00 to 29:00)', () => {
    expect(headwayNow(feed, { trip: 'M1-R03' }, Date.parse('2026-11-24T23:00:00+07:00'))).toBeNull()
  })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import bindings from 'gtfs-realtime-bindings'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  ArrivalsAnswer,
  HeadwaysAnswer,
  RoutesAnswer,
  StopsAnswer,
  VehicleArrivalsAnswer,
  VehicleCollection,
} from '../../contract/api.ts'
import type { Explanation } from '../../contract/explain.ts'
import type { LiveDevice } from '../../contract/feed.ts'
import { formatTime, HOUR, MINUTE, SECOND } from '../../contract/time.ts'
import { buildFeed } from '../../domain/transit/gtfs.ts'
import { placeStops, shapeLine } from '../../domain/transit/shape-line.ts'
import { VehicleRuns } from '../../domain/transit/vehicle-runs.ts'
import { type CsvTable, parseCsv } from '../../runtime/csv.ts'
import { writeFeed } from '../../runtime/gtfs-feed.ts'
import { arrivalsAt } from './arrivals.ts'
import { sampleDevice, startVillage, type Village } from './harness/village.ts'

const { transit_realtime: rt } = bindings
/** Tuesday 24 November 2026, 08:00 in Jakarta. */
const EIGHT = Date.parse('2026-11-24T01:00:00Z')

// One route out along a parallel and back along the same, a headway; and one by timetable. A degree on the equator is
// 111,195.08 m (domain C5); at 6.17 S times cos(6.17): 0.01 degree of longitude is 1,105.5 m.
const tables: Record<string, string> = {
  'agency.txt': 'agency_name,agency_timezone\nTransjakarta,Asia/Jakarta\n',
  'stops.txt': `stop_id,stop_name,stop_lat,stop_lon
A,Awal,-6.17,106.80
B,Batas,-6.17,106.81
C,Cideng,-6.17,106.82
Z,Tak Dipakai,-6.10,106.80
`,
  'routes.txt': `route_id,route_short_name,route_long_name,route_type,route_color,route_text_color
R1,1A,Awal - Cideng,3,D62126,FFFFFF
R2,2,Berjadwal,3,,
`,
  'trips.txt': `route_id,service_id,trip_id,trip_headsign,direction_id,shape_id
R1,WD,T1,Cideng,0,S1
R1,WD,T2,Awal,1,S2
R1,WE,T3,Cideng,0,S1
R2,WD,T9,Cideng,0,S1
`,
  'stop_times.txt': `trip_id,arrival_time,departure_time,stop_id,stop_sequence
T1,05:00:00,05:00:00,A,1
T1,05:03:00,05:03:20,B,2
T1,05:08:00,05:08:00,C,3
T2,05:00:00,05:00:00,C,1
T2,,,B,2
T2,05:08:00,05:08:00,A,3
T3,05:00:00,05:00:00,A,1
T3,05:08:00,05:08:00,C,2
T9,08:20:00,08:20:00,A,1
T9,08:24:00,08:24:00,B,2
T9,08:30:00,08:30:00,C,3
`,
  'calendar.txt': `service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date
WD,1,1,1,1,1,0,0,20260101,20271231
WE,0,0,0,0,0,1,1,20260101,20271231
`,
  'calendar_dates.txt': 'service_id,date,exception_type\nWD,20261125,2\nWE,20261125,1\n',
  'frequencies.txt': `trip_id,start_time,end_time,headway_secs,exact_times
T1,05:00:00,22:00:00,600,0
T2,05:00:00,25:00:00,900,0
T3,05:00:00,22:00:00,1200,0
`,
  'shapes.txt': `shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence
S1,-6.17,106.80,1
S1,-6.17,106.82,2
S2,-6.17,106.82,1
S2,-6.17,106.80,2
`,
}
const feed = new Map<string, CsvTable>(Object.entries(tables).map(([name, text]) => [name, parseCsv(text)]))
const plan = buildFeed(feed)

function bus(alongM: number | null, time: number, members: Partial<LiveDevice> = {}): LiveDevice {
  return sampleDevice({
    id: 'bus-1',
    kind: 'vehicle',
    transit: {
      route: 'R1',
      trip: 'T1',
      direction: 0,
      occupancy: 'FEW_SEATS_AVAILABLE',
      speed: 7,
      bearing: 90,
      alongM,
      time,
      stale: false,
    },
    ...members,
  })
}

describe('the plan', () => {
  it('has stops along the shape in metres, and times after the start', () => {
    const stops = plan.trips.get('T1')?.stops ?? []
    expect(stops.map(({ stop }) => stop)).toEqual(['A', 'B', 'C'])
    expect(stops[1]?.alongM).toBeCloseTo(1_105.5, 0)
    expect(stops[2]?.alongM).toBeCloseTo(2_211, 0)
    expect(stops.map(({ arrivalS, departureS }) => [arrivalS, departureS])).toEqual([
      [0, 0],
      [180, 200],
      [480, 480],
    ])
  })

  it('puts an untimed stop between the timed ones', () => {
    expect(plan.trips.get('T2')?.stops[1]).toMatchObject({ arrivalS: 240, departureS: 240 })
  })

  it('knows which services run on a day, exceptions included', () => {
    expect([...plan.servicesOn('20261124')]).toEqual(['WD'])
    expect([...plan.servicesOn('20261128')]).toEqual(['WE'])
    expect([...plan.servicesOn('20261125')]).toEqual(['WE'])
    expect([...plan.servicesOn('20280103')]).toEqual([])
  })

  it('places the stops of a route that doubles back in order, not by nearness', () => {
    const line = shapeLine([
      { lat: -6.17, lon: 106.8 },
      { lat: -6.17, lon: 106.82 },
      { lat: -6.1701, lon: 106.82 },
      { lat: -6.1701, lon: 106.8 },
    ])
    const places = placeStops(line, [
      { lat: -6.17, lon: 106.801 },
      { lat: -6.17, lon: 106.815 },
      // Of the way back, though nearer to the way out.
      { lat: -6.17004, lon: 106.81 },
      { lat: -6.1701, lon: 106.802 },
    ])
    expect(places.map((alongM) => Math.round(alongM / 100))).toEqual([1, 17, 33, 42])
  })
})

describe('arrivals', () => {
  /** Of vehicles each seen once, or of what was seen before. */
  const source = (vehicles: readonly LiveDevice[], now = EIGHT, runs = new VehicleRuns(plan)) => {
    for (const { id, transit } of vehicles) if (transit !== undefined) runs.see(id, transit)
    return { feed: plan, runs, vehicles, now }
  }
  /** Runs in which a bus left stop A at a time: it was 10 m before the line 15 m past the stop, two seconds later 10 m past it. */
  const leftAt = (time: number): VehicleRuns => {
    const runs = new VehicleRuns(plan)
    const fix = { trip: 'T1', time: time - SECOND }
    runs.see('gone', { ...fix, alongM: 5 })
    runs.see('gone', { ...fix, alongM: 25, time: time + SECOND })
    runs.remove('gone')
    return runs
  }
  const brief = (arrivals: readonly ArrivalsAnswer['arrivals'][number][]) =>
    arrivals.map(({ route, direction, basis, predicted, scheduled }) => [
      `${route}/${direction}`,
      basis,
      predicted ?? null,
      scheduled ?? null,
    ])

  it('come from the vehicle on its way, by the template from where it is', () => {
    // Half way from A to B, 90 s before B by the template, seen 10 s ago.
    const half = (plan.trips.get('T1')?.stops[1]?.alongM ?? 0) / 2
    const [first] = arrivalsAt(source([bus(half, EIGHT - 10 * SECOND)]), 'B')
    expect(first).toMatchObject({
      route: 'R1',
      basis: 'live',
      vehicle: 'bus-1',
      predicted: formatTime(EIGHT + 80 * SECOND),
      occupancy: 'FEW_SEATS_AVAILABLE',
    })
    expect(first).not.toHaveProperty('scheduled')
    expect(first).not.toHaveProperty('delay_s')
  })

  it('of a headway never have a clock time as if timetabled', () => {
    const arrivals = arrivalsAt(source([]), 'B').filter(({ route }) => route === 'R1')
    expect(brief(arrivals)).toEqual([
      ['R1/0', 'headway', null, null],
      ['R1/1', 'headway', null, null],
    ])
    expect(arrivals.map(({ headway_s }) => headway_s)).toEqual([600, 900])
  })

  it('of a headway follow the last departure that was seen', () => {
    const [first] = arrivalsAt(source([], EIGHT, leftAt(EIGHT - 4 * MINUTE)), 'A')
    expect(first).toMatchObject({ basis: 'headway', predicted: formatTime(EIGHT + 6 * MINUTE) })
    const late = arrivalsAt(source([], EIGHT, leftAt(EIGHT - 20 * MINUTE)), 'A')
    expect(late.every((arrival) => arrival.basis !== 'headway' || arrival.predicted === undefined)).toBe(true)
  })

  it('are by timetable where there is one', () => {
    expect(brief(arrivalsAt(source([]), 'B').filter(({ route }) => route === 'R2'))).toEqual([
      ['R2/0', 'schedule', null, formatTime(EIGHT + 24 * MINUTE)],
    ])
  })

  it('by timetable carry the delay of the vehicle', () => {
    const late = bus(0, EIGHT + 22 * MINUTE, { id: 'bus-9' })
    const vehicle = { ...late, transit: { ...late.transit, route: 'R2', trip: 'T9' } } as LiveDevice
    const [first, ...rest] = arrivalsAt(source([vehicle], EIGHT + 22 * MINUTE), 'B').filter(
      ({ route }) => route === 'R2',
    )
    expect(first).toMatchObject({ basis: 'live', delay_s: 120, scheduled: formatTime(EIGHT + 24 * MINUTE) })
    expect(rest).toEqual([])
  })

  it('come from no vehicle that was not heard for 90 s, is past the stop, or off its shape', () => {
    const live = (vehicle: LiveDevice): number =>
      arrivalsAt(source([vehicle]), 'B').filter(({ basis }) => basis === 'live').length
    expect(live(bus(20, EIGHT - 90 * SECOND))).toBe(1)
    expect(live(bus(20, EIGHT - 91 * SECOND))).toBe(0)
    expect(live(bus(null, EIGHT))).toBe(0)
    expect(live(bus(1_200, EIGHT))).toBe(0)
  })

  it('by headway say how many vehicles of the route report at all', () => {
    const [none] = arrivalsAt(source([]), 'A')
    expect(none).toMatchObject({ basis: 'headway', headway_s: 600, reporting: 0 })
    const [passed] = arrivalsAt(source([bus(1_200, EIGHT)]), 'A')
    expect(passed).toMatchObject({ basis: 'headway', headway_s: 600, reporting: 1 })
  })

  it('end with the service: at night, and on a day it does not run', () => {
    expect(brief(arrivalsAt(source([], Date.parse('2026-11-24T17:30:00Z')), 'B'))).toEqual([
      // 00:30 of the 25th is 24:30 of the 24th, which T2 still serves.
      ['R1/1', 'headway', null, null],
    ])
    expect(brief(arrivalsAt(source([], EIGHT + 24 * HOUR), 'A'))).toEqual([['R1/0', 'headway', null, null]])
  })
})

describe('over HTTP', () => {
  let village: Village
  const positions = { lat: -6.17, lon: 106.805 }

  beforeAll(async () => {
    village = await startVillage({
      gtfs: (folder) => {
        const path = join(folder, 'gtfs.zip')
        writeFileSync(path, writeFeed(feed))
        return path
      },
    })
    const now = Date.now()
    village.feed.change([
      bus(500, now - 5 * SECOND, { position: positions }),
      bus(500, now - 11 * MINUTE, { id: 'gone', position: positions }),
      sampleDevice({ id: 'unheard', kind: 'vehicle', position: null }),
    ])
    await new Promise((done) => setTimeout(done, 50))
  })
  afterAll(async () => {
    await village.stop()
  })

  async function get<T>(path: string): Promise<T> {
    const answer = await fetch(`${village.url}/api/v1/transit/${path}`)
    expect(answer.status).toBe(200)
    return (await answer.json()) as T
  }

  it('routes have colour, stops, shape and headways', async () => {
    const { routes, source } = await get<RoutesAnswer>('routes')
    expect(source).toBe('Transjakarta')
    expect(routes[0]).toMatchObject({ id: 'R1', shortName: '1A', color: '#d62126', type: 3 })
    expect(routes[0]?.directions[0]).toMatchObject({ headsign: 'Cideng', stops: ['A', 'B', 'C'] })
    expect(routes[0]?.directions[0]?.shape[0]).toEqual([106.8, -6.17])
    expect(routes[0]?.directions[0]?.headways[0]).toEqual({
      days: [1, 2, 3, 4, 5],
      start_s: 18_000,
      end_s: 79_200,
      headway_s: 600,
      exact: false,
    })
  })

  it('stops are those at which a route calls, cut by a box', async () => {
    expect((await get<StopsAnswer>('stops')).stops.map(({ id }) => id)).toEqual(['A', 'B', 'C'])
    const { stops } = await get<StopsAnswer>('stops?bbox=106.805,-6.18,106.815,-6.16')
    expect(stops).toEqual([
      { id: 'B', name: 'Batas', position: { lat: -6.17, lon: 106.81 }, routes: ['R1', 'R2'] },
    ])
  })

  it('vehicles are those heard within ten minutes', async () => {
    const { features } = await get<VehicleCollection>('vehicles')
    expect(features.map(({ id }) => id)).toEqual(['bus-1'])
    expect(features[0]?.properties).toMatchObject({ route: 'R1', trip: 'T1', direction: 0, delay_s: null })
  })

  it('an unknown stop is 404', async () => {
    expect((await fetch(`${village.url}/api/v1/transit/stops/nowhere/arrivals`)).status).toBe(404)
  })

  it('arrivals are live with a range, and say when the vehicle was seen', async () => {
    const { arrivals } = await get<ArrivalsAnswer>('stops/B/arrivals')
    const [first] = arrivals
    expect(first).toMatchObject({ route: 'R1', basis: 'live', vehicle: 'bus-1' })
    const { predicted = '', low = '', high = '', seen = '' } = first ?? {}
    expect(low <= predicted && predicted <= high).toBe(true)
    expect(Date.parse(predicted)).toBeGreaterThan(Date.parse(seen))
  })

  it('a board on a wall names the span of clock times, not one of them', async () => {
    const board = await (await fetch(`${village.url}/kiosk?stop=B`)).text()
    expect(board).toMatch(/<span class="basis">\d\d\.\d\d–\d\d\.\d\d WIB<\/span>/)
  })

  it('a vehicle tells the stops ahead of it', async () => {
    const answer = await get<VehicleArrivalsAnswer>('vehicles/bus-1/arrivals')
    expect(answer).toMatchObject({ vehicle: 'bus-1', route: 'R1', headsign: 'Cideng' })
    expect(answer.arrivals.map(({ name, sequence }) => [name, sequence])).toEqual([
      ['Batas', 2],
      ['Cideng', 3],
    ])
    expect((await fetch(`${village.url}/api/v1/transit/vehicles/gone/arrivals`)).status).toBe(404)
  })

  it('headways of a route are planned and observed, or say why they are not', async () => {
    const { directions, window_s } = await get<HeadwaysAnswer>('routes/R1/headways')
    expect(window_s).toBe(10_800)
    expect(directions.map(({ headsign }) => headsign)).toEqual(['Cideng', 'Awal'])
    expect(directions[0]?.vehicles.map(({ vehicle }) => vehicle)).toEqual(['bus-1'])
    // Nobody gets on at the last stop.
    expect(directions[0]?.stops.map(({ stop, observed }) => [stop, observed])).toEqual([
      ['A', null],
      ['B', null],
    ])
    expect((await fetch(`${village.url}/api/v1/transit/routes/nowhere/headways`)).status).toBe(404)
  })

  it('an arrival is explained down to the fix of its vehicle and the raw readings', async () => {
    const explain = async (query: string): Promise<Response> =>
      fetch(`${village.url}/api/v1/explain?value=arrival&${query}`)
    const answer = (await (await explain('stop=B&route=R1')).json()) as Explanation
    expect(answer.subject).toEqual({ stop: 'B', route: 'R1', name: 'Batas', value: 'arrival' })
    const inputs = new Map(answer.inputs.map(({ name, value, unit }) => [name, [value, unit]]))
    expect(inputs.get('vehicle')?.[0]).toBe('bus-1')
    expect(inputs.get('matched_distance')).toEqual([500, 'm'])
    // B lies 1,105.5 m along.
    expect(inputs.get('distance_to_stop')).toEqual([605.5, 'm'])
    expect(inputs.get('fix_age')?.[1]).toBe('s')
    expect([...inputs.keys()]).toEqual(expect.arrayContaining(['route_pace', 'earliest', 'latest']))
    expect(answer.readings).toMatch(/^\/api\/v1\/devices\/bus-1\/readings\?/)
    expect((await explain('stop=nowhere')).status).toBe(404)
    expect((await explain('stop=B&at=2026-01-01T00:00:00Z')).status).toBe(400)
  })

  it('a vehicle is explained: the age of its place against its limits, and how full it says it is', async () => {
    const explain = async (query: string): Promise<Explanation> =>
      (await (await fetch(`${village.url}/api/v1/explain?${query}`)).json()) as Explanation
    const age = await explain('device=bus-1&value=position_age')
    expect(age).toMatchObject({ unit: 's', rule: { name: 'position-age' } })
    expect(age.value).toBeGreaterThanOrEqual(5)
    expect(age.inputs).toContainEqual({ name: 'stale_after', value: 90, unit: 's' })
    const full = await explain('device=bus-1&value=occupancy')
    expect(full).toMatchObject({ value: 'FEW_SEATS_AVAILABLE', rule: { name: 'occupancy' } })
    // Its route has no timetable to be late for.
    expect((await fetch(`${village.url}/api/v1/explain?device=bus-1&value=delay`)).status).toBe(404)
  })

  it('a headway is explained by the plan and what was seen to leave, or why there is none', async () => {
    const explain = (query: string) => fetch(`${village.url}/api/v1/explain?value=headway&${query}`)
    const answer = (await (await explain('stop=B&route=R1')).json()) as Explanation
    expect(answer).toMatchObject({
      subject: { stop: 'B', route: 'R1', value: 'headway' },
      value: null,
      unit: 's',
      rule: { name: 'headway-quality' },
      completeness: { known: 0, needed: 3 },
    })
    expect(['fewer_than_3_departures', 'no_planned_headway']).toContain(answer.reason)
    expect((await explain('stop=B')).status).toBe(400)
    expect((await explain('stop=B&route=nowhere')).status).toBe(404)
  })

  it('GTFS-realtime is decoded by the bindings, and the JSON says the same', async () => {
    const bytes = async (name: string): Promise<Uint8Array> => {
      const answer = await fetch(`${village.url}/api/v1/transit/gtfs-rt/${name}.pb`)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('application/x-protobuf')
      return new Uint8Array(await answer.arrayBuffer())
    }
    const positionFeed = rt.FeedMessage.decode(await bytes('vehicle-positions'))
    expect(rt.FeedMessage.verify(positionFeed)).toBeNull()
    expect(positionFeed.header.gtfsRealtimeVersion).toBe('2.0')
    const [entity] = positionFeed.entity
    expect(positionFeed.entity).toHaveLength(1)
    expect(entity?.vehicle?.position?.latitude).toBeCloseTo(-6.17, 5)
    expect(entity?.vehicle?.occupancyStatus).toBe(rt.VehiclePosition.OccupancyStatus.FEW_SEATS_AVAILABLE)
    const { trip } = entity?.vehicle ?? {}
    expect(trip).toMatchObject({ tripId: 'T1', routeId: 'R1', directionId: 0 })
    expect(trip?.scheduleRelationship).toBe(rt.TripDescriptor.ScheduleRelationship.UNSCHEDULED)
    expect(trip?.startDate).toMatch(/^\d{8}$/)
    expect(trip?.startTime).toMatch(/^\d\d:\d\d:00$/)
    const updates = rt.FeedMessage.decode(await bytes('trip-updates'))
    const times = updates.entity[0]?.tripUpdate?.stopTimeUpdate ?? []
    expect(times.map(({ stopId }) => stopId)).toEqual(['B', 'C'])
    expect(Number(times[1]?.arrival?.time) - Number(times[0]?.arrival?.time)).toBe(300)
    const alertFeed = rt.FeedMessage.decode(await bytes('alerts'))
    expect([alertFeed.header.incrementality, alertFeed.entity]).toEqual([0, []])
    const json = await get<{ entity: { id: string; vehicle: { occupancyStatus: string } }[] }>(
      'gtfs-rt/vehicle-positions.json',
    )
    expect(json.entity[0]).toMatchObject({ id: 'bus-1', vehicle: { occupancyStatus: 'FEW_SEATS_AVAILABLE' } })
  })
})

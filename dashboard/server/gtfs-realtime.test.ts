import fc from 'fast-check'
import bindings from 'gtfs-realtime-bindings'
import { describe, expect, it } from 'vitest'
import type { LiveDevice } from '../../contract/feed.ts'
import { HOUR, MINUTE, SECOND } from '../../contract/time.ts'
import { buildFeed } from '../../domain/transit/gtfs.ts'
import { matchToShape, NO_PROGRESS } from '../../domain/transit/match.ts'
import { lengthM, placeAlong } from '../../domain/transit/shape-line.ts'
import { VehicleRuns } from '../../domain/transit/vehicle-runs.ts'
import { parseCsv } from '../../runtime/csv.ts'
import { alerts, encodeFeed, type FeedMessage, tripUpdates, vehiclePositions } from './gtfs-realtime.ts'
import { brokenRules, type Published, RULES, type RuleInput } from './harness/gtfs-realtime-rules.ts'
import { sampleDevice } from './harness/village.ts'

const { transit_realtime: rt } = bindings
const EIGHT = Date.parse('2026-11-24T08:00:00+07:00')

// A street of 2,211 m: by headway out and back past B twice, by timetable, and at exact times; X is a station, no stop.
const feed = buildFeed(
  new Map(
    Object.entries({
      'agency.txt': 'agency_name,agency_timezone\nDesa,Asia/Jakarta\n',
      'routes.txt': 'route_id,route_type\nR,3\nS,3\n',
      'stops.txt':
        'stop_id,stop_name,stop_lat,stop_lon,location_type\nA,A,-6.17,106.80,0\nB,B,-6.17,106.81,0\nC,C,-6.17,106.82,\nX,X,-6.17,106.815,1\n',
      'trips.txt':
        'route_id,service_id,trip_id,direction_id,shape_id\nR,D,loop,1,L\nS,D,timed,0,S\nS,D,exact,0,S\n',
      'stop_times.txt': `trip_id,arrival_time,departure_time,stop_id,stop_sequence
loop,05:00:00,05:00:00,A,1
loop,05:03:00,05:03:20,B,2
loop,05:06:00,05:06:00,C,5
loop,05:09:00,05:09:00,B,6
loop,05:12:00,05:12:00,A,9
timed,07:58:00,08:00:00,A,1
timed,08:04:00,08:04:00,B,2
timed,08:06:00,08:06:00,X,3
timed,08:08:00,08:08:00,C,4
exact,06:00:00,06:00:00,A,1
exact,06:00:00,06:00:00,B,2
exact,06:00:00,06:00:00,B,3
exact,06:08:00,06:08:00,C,4
`,
      'calendar.txt':
        'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,1,1,1,1,1,1,20260101,20271231\n',
      'frequencies.txt':
        'trip_id,start_time,end_time,headway_secs,exact_times\nloop,05:00:00,25:00:00,600,0\nexact,06:00:00,22:00:00,1200,1\n',
      'shapes.txt':
        'shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nL,-6.17,106.80,1\nL,-6.17,106.82,2\nL,-6.17,106.80,3\nS,-6.17,106.80,1\nS,-6.17,106.82,2\n',
    }).map(([name, text]) => [name, parseCsv(text)]),
  ),
)

interface Seen {
  readonly id: string
  readonly trip: string
  /** Where along the trip, 0 to 1. */
  readonly share: number
  readonly offM: number
  readonly ageS: number
  readonly speed: number | null
  readonly bearing: number | null
}

function vehicle({ id, trip: tripId, share, offM, ageS, speed, bearing }: Seen): LiveDevice {
  const trip = feed.trips.get(tripId)
  if (trip === undefined) throw new Error(tripId)
  const on = placeAlong(trip.line, share * lengthM(trip.line))
  const position = { lat: on.lat + offM / 111_195.08, lon: on.lon }
  const time = EIGHT - ageS * SECOND
  const { isOnTrip, matched, progress } = matchToShape(trip.line, position, time, {
    ...NO_PROGRESS,
    alongM: share * lengthM(trip.line),
    time: time - SECOND,
  })
  return sampleDevice({
    id,
    kind: 'vehicle',
    position,
    transit: {
      route: 'R',
      trip: isOnTrip ? tripId : null,
      direction: 0,
      occupancy: 'FULL',
      speed,
      bearing,
      alongM: matched ? progress.alongM : null,
      time,
      stale: ageS > 90,
    },
  })
}

/** Of route S, which runs at eight. */
const silent = sampleDevice({
  id: 's',
  kind: 'vehicle',
  transit: {
    route: 'S',
    trip: null,
    direction: null,
    occupancy: null,
    speed: null,
    bearing: null,
    alongM: null,
    time: EIGHT - 20 * MINUTE,
    stale: true,
  },
})

function publish(seen: readonly Seen[], now = EIGHT): Published {
  const runs = new VehicleRuns(feed)
  const vehicles = seen.map(vehicle)
  for (const { id, transit } of vehicles) if (transit !== undefined) runs.see(id, transit)
  const source = { now, feed, runs, vehicles }
  return {
    positions: sent(vehiclePositions(source)),
    updates: sent(tripUpdates(source)),
    alerts: sent(alerts(source, [...vehicles, silent])),
  }
}

/** As a reader has it. */
function sent(message: FeedMessage): FeedMessage {
  return rt.FeedMessage.decode(encodeFeed(message))
}

const input = (published: Published): RuleInput => ({
  ...published,
  feed,
  nowS: EIGHT / SECOND,
  before: null,
})

const SEEN: Seen = { id: 'v', trip: 'loop', share: 0.1, offM: 5, ageS: 4, speed: 6, bearing: 90 }
const MANY: readonly Seen[] = [
  SEEN,
  { ...SEEN, id: 'waits', share: 0 },
  { ...SEEN, id: 'arrived', share: 1 },
  { ...SEEN, id: 'timed', trip: 'timed' },
  { ...SEEN, id: 'early', trip: 'timed', share: 0.9 },
  { ...SEEN, id: 'exact', trip: 'exact', share: 0.02 },
  { ...SEEN, id: 'off', offM: 150 },
  { ...SEEN, id: 'elsewhere', offM: 900 },
  { ...SEEN, id: 'abroad', offM: 500_000 },
  { ...SEEN, id: 'silent', ageS: 200 },
  { ...SEEN, id: 'gone', ageS: 700 },
  { ...SEEN, id: 'ahead', ageS: -30 },
  { ...SEEN, id: 'far-ahead', ageS: -90 },
  { ...SEEN, id: 'racing', speed: 40, bearing: null },
]

describe('the GTFS-realtime feeds', () => {
  it('keep every published rule, with vehicles of all kinds', () => {
    const published = publish(MANY)
    expect(published.positions.entity.map(({ id }) => id)).toEqual(
      MANY.map(({ id }) => id).filter((id) => !['abroad', 'gone', 'far-ahead'].includes(id)),
    )
    expect(published.updates.entity.map(({ id }) => id)).toEqual([
      'v',
      'waits',
      'timed',
      'early',
      'exact',
      'ahead',
      'racing',
    ])
    expect(brokenRules(input(published))).toEqual([])
  })

  it('keep every published rule, whatever vehicles say', () => {
    const seen = fc.record({
      trip: fc.constantFrom('loop', 'timed', 'exact'),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      offM: fc.oneof(fc.constant(0), fc.integer({ min: -400, max: 400 }), fc.constant(9_000)),
      ageS: fc.integer({ min: -100, max: 700 }),
      speed: fc.option(fc.double({ min: 0, max: 60, noNaN: true })),
      bearing: fc.option(fc.integer({ min: 0, max: 359 })),
    })
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 8 }), fc.integer({ min: 0, max: 90_000 }), (all, laterS) => {
        const vehicles = all.map((one, index) => ({ ...one, id: `v${index}` }))
        const now = EIGHT + (laterS % 60) * SECOND
        const published = publish(vehicles, now)
        expect(brokenRules({ ...input(published), nowS: Math.floor(now / SECOND) })).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('say when a vehicle comes, how sure that is, and how late it is by its timetable', () => {
    const [loop] = publish([SEEN]).updates.entity
    expect(loop?.tripUpdate?.stopTimeUpdate?.map(({ stopSequence }) => stopSequence)).toEqual([2, 5, 6, 9])
    expect(loop?.tripUpdate?.stopTimeUpdate?.[0]?.arrival?.uncertainty).toBeGreaterThan(10)
    // Half way from A, left at 08:00:00, to B at 08:04:00, seen at 07:59:56: 124 s early.
    const [timed] = publish([{ ...SEEN, trip: 'timed', share: 0.25 }]).updates.entity
    expect(timed?.tripUpdate?.stopTimeUpdate?.[0]?.arrival?.delay).toBe(-124)
  })
})

describe('the alerts', () => {
  const routesOf = (seen: readonly Seen[], now = EIGHT) =>
    publish(seen, now).alerts.entity.map(({ alert }) => alert?.informedEntity?.[0]?.routeId)

  it('tell, in both languages, of a route that runs and of which no bus reports, and of no cause that nobody knows', () => {
    const [entity] = publish([SEEN]).alerts.entity
    expect(entity?.id).toBe('silent-S')
    expect(entity?.alert).toMatchObject({
      cause: rt.Alert.Cause.UNKNOWN_CAUSE,
      effect: rt.Alert.Effect.UNKNOWN_EFFECT,
    })
    for (const text of [entity?.alert?.headerText, entity?.alert?.descriptionText]) {
      expect(text?.translation?.map(({ language }) => language)).toEqual(['id', 'en'])
    }
  })

  it('are none while one reports, or when the route does not run, or has no beacon', () => {
    expect(routesOf([SEEN])).toEqual(['S'])
    // Nothing runs at two in the morning but what began at 25:00 at the latest.
    expect(routesOf([], EIGHT - 5 * HOUR)).toEqual([])
    const vehicles = [vehicle(SEEN)]
    const source = { now: EIGHT, feed, runs: new VehicleRuns(feed), vehicles }
    expect(alerts(source, vehicles).entity).toEqual([])
    expect(alerts({ ...source, vehicles: [] }, vehicles).entity.map(({ id }) => id)).toEqual(['silent-R'])
  })

  it('name maintenance as the cause where all beacons of the route are being worked on', () => {
    const source = { now: EIGHT, feed, runs: new VehicleRuns(feed), vehicles: [] }
    const [entity] = alerts(source, [{ ...silent, state: 'maintenance' }]).entity
    expect(entity?.alert?.cause).toBe(rt.Alert.Cause.MAINTENANCE)
  })
})

/** A set of messages in which one rule is broken. */
const BROKEN: Readonly<Record<keyof typeof RULES, (of: Published) => void>> = {
  W001: ({ positions }) => set(positions.entity[0]?.vehicle, 'timestamp', 0),
  W002: ({ positions }) => set(positions.entity[0]?.vehicle?.vehicle, 'id', ''),
  W003: ({ updates }) => updates.entity.splice(0),
  W004: ({ positions }) => set(positions.entity[0]?.vehicle?.position, 'speed', 27),
  W005: ({ updates }) => set(updates.entity[0]?.tripUpdate, 'vehicle', null),
  W006: ({ updates }) => set(updates.entity[0]?.tripUpdate?.trip, 'tripId', ''),
  W008: ({ positions }) => set(positions.header, 'timestamp', EIGHT / SECOND - 66),
  W009: ({ updates }) => unset(updates.entity[0]?.tripUpdate?.trip, 'scheduleRelationship'),
  E001: ({ positions }) => set(positions.header, 'timestamp', EIGHT),
  E002: ({ updates }) => updates.entity[0]?.tripUpdate?.stopTimeUpdate?.reverse(),
  E003: ({ positions }) => set(positions.entity[0]?.vehicle?.trip, 'tripId', 'nowhere'),
  E004: ({ positions }) => set(positions.entity[0]?.vehicle?.trip, 'routeId', 'nowhere'),
  E006: ({ updates }) => set(updates.entity[0]?.tripUpdate?.trip, 'startDate', ''),
  E009: ({ updates }) => unset(firstStop(updates), 'stopSequence'),
  E011: ({ updates }) => set(firstStop(updates), 'stopId', 'nowhere'),
  E012: ({ positions }) => set(positions.entity[0]?.vehicle, 'timestamp', EIGHT / SECOND + 1),
  E013: ({ updates }) => set(updates.entity[0]?.tripUpdate?.trip, 'scheduleRelationship', 0),
  E015: ({ updates }) => set(firstStop(updates), 'stopId', 'X'),
  E016: ({ updates }) => set(updates.entity[0]?.tripUpdate?.trip, 'scheduleRelationship', 1),
  E017: ({ positions }) => set(positions.entity[0]?.vehicle?.position, 'speed', 3),
  E018: ({ positions }) => set(positions.header, 'timestamp', EIGHT / SECOND - 1),
  E019: ({ updates }) => set(tripOf(updates, 'exact'), 'startTime', '08:01:00'),
  E020: ({ updates }) => set(tripOf(updates, 'v'), 'startTime', '7:58:00'),
  E021: ({ updates }) => set(tripOf(updates, 'v'), 'startDate', '20261324'),
  E022: ({ updates }) => set(firstStop(updates)?.arrival, 'time', EIGHT / SECOND + 5_000),
  E023: ({ updates }) => set(tripOf(updates, 'timed'), 'startTime', '08:00:00'),
  E024: ({ positions }) => set(positions.entity[0]?.vehicle?.trip, 'directionId', 0),
  E025: ({ updates }) => set(firstStop(updates), 'departure', { time: 1 }),
  E026: ({ positions }) => set(positions.entity[0]?.vehicle?.position, 'latitude', 91),
  E027: ({ positions }) => set(positions.entity[0]?.vehicle?.position, 'bearing', 361),
  E028: ({ positions }) => set(positions.entity[0]?.vehicle?.position, 'latitude', -6.3),
  E029: ({ positions }) => set(positions.entity[0]?.vehicle?.position, 'latitude', -6.173),
  E030: ({ alerts: of }) => set(selector(of), 'trip', { tripId: 'loop' }),
  E031: ({ alerts: of }) => set(selector(of), 'trip', { routeId: 'R' }),
  E032: ({ alerts: of }) => set(of.entity[0]?.alert, 'informedEntity', []),
  E033: ({ alerts: of }) => unset(selector(of), 'routeId'),
  E034: ({ alerts: of }) => set(selector(of), 'agencyId', 'nowhere'),
  E035: ({ positions }) => set(positions.entity[0]?.vehicle?.trip, 'routeId', 'S'),
  E036: ({ updates }) => set(firstStop(updates), 'stopSequence', 5),
  E037: ({ updates }) => set(firstStop(updates), 'stopId', 'C'),
  E038: ({ alerts: of }) => set(of.header, 'gtfsRealtimeVersion', '1.0'),
  E039: ({ positions }) => set(positions.entity[0], 'isDeleted', true),
  E040: ({ updates }) => {
    unset(firstStop(updates), 'stopSequence')
    unset(firstStop(updates), 'stopId')
  },
  E041: ({ updates }) => set(updates.entity[0]?.tripUpdate, 'stopTimeUpdate', []),
  E042: ({ updates }) => set(firstStop(updates), 'scheduleRelationship', 2),
  E043: ({ updates }) => set(firstStop(updates), 'arrival', null),
  E044: ({ updates }) => set(firstStop(updates), 'arrival', rt.TripUpdate.StopTimeEvent.fromObject({})),
  E045: ({ updates }) => set(firstStop(updates), 'stopId', 'A'),
  E047: ({ updates }) => set(updates.entity[0]?.tripUpdate?.vehicle, 'id', 'timed'),
  E048: ({ positions }) => unset(positions.header, 'timestamp'),
  E049: ({ positions }) => unset(positions.header, 'incrementality'),
  E050: ({ positions }) => set(positions.header, 'timestamp', EIGHT / SECOND + 61),
  E051: ({ updates }) => set(firstStop(updates), 'stopSequence', 3),
  E052: ({ positions }) => set(positions.entity[1]?.vehicle?.vehicle, 'id', 'v'),
}

describe('the rules that the feeds are held to', () => {
  it('are each tried', () => {
    expect(Object.keys(BROKEN)).toEqual(Object.keys(RULES))
  })

  it.each(Object.keys(RULES))('%s is seen to be broken', (rule) => {
    const before = publish(MANY)
    const published = publish(MANY)
    BROKEN[rule]?.(published)
    expect(brokenRules({ ...input(published), before })).toContain(rule)
  })

  it('hold between two fetches a minute apart', () => {
    const [before, after] = [publish(MANY), publish(MANY, EIGHT + MINUTE)]
    expect(brokenRules({ ...input(after), nowS: EIGHT / SECOND + 60, before })).toEqual([])
  })
})

function set(of: object | null | undefined, member: string, value: unknown): void {
  if (of == null) throw new Error(`there is nothing that has ${member}`)
  Object.assign(of, { [member]: value })
}

function unset(of: object | null | undefined, member: string): void {
  if (of == null || !Reflect.deleteProperty(of, member)) throw new Error(`there is no ${member}`)
}

function selector({ entity }: FeedMessage) {
  return entity[0]?.alert?.informedEntity?.[0]
}

function firstStop({ entity }: FeedMessage) {
  return entity[0]?.tripUpdate?.stopTimeUpdate?.[0]
}

function tripOf({ entity }: FeedMessage, id: string) {
  return entity.find((one) => one.id === id)?.tripUpdate?.trip
}

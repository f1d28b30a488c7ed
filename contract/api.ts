// What the public routes of the HTTP API answer (contract section 4): one definition gives the static type, the OpenAPI
// document and the check in tests. Signed-in routes are in `api-staff.ts`, socket.io in `live.ts`.

import Type, { type Static } from 'typebox'
import { about, Rule } from './about.ts'
import { DEVICE_STATES } from './device-state.ts'
import { AGGREGATES, EVERY, type Point } from './feed.ts'
import { FLAGS, OCCUPANCY } from './observation.ts'
import { KINDS } from './topics.ts'

/** RFC 3339 UTC with milliseconds. */
export const ApiTime = Type.String({ format: 'date-time' })
export const KindName = Type.Enum([...KINDS])
export const StateName = Type.Enum([...DEVICE_STATES])
export const FlagName = Type.Enum([...FLAGS])
export const OccupancyName = Type.Enum([...OCCUPANCY])
export const AIR_INDICES = ['ispu', 'us-aqi', 'eaqi'] as const
export const AirIndexName = Type.Enum([...AIR_INDICES])

const nullable = <const T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const counts = Type.Record(Type.String(), Type.Integer())
const Next = Type.Optional(Type.String({ description: 'cursor of the next page; absent on the last' }))

/** RFC 9457. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  parameter: Type.Optional(Type.String({ description: 'the parameter or body member that is wrong' })),
})
export type Problem = Static<typeof Problem>

export const LatLon = Type.Object({ lat: Type.Number(), lon: Type.Number() })
export type LatLon = Static<typeof LatLon>

const PartHealth = Type.Object({ ok: Type.Boolean(), detail: Type.String() })

export const Readiness = Type.Object({
  ready: Type.Boolean(),
  parts: Type.Object({ broker: PartHealth, ingest: PartHealth, store: PartHealth }),
  warnings: Type.Array(Type.String(), {
    description: 'addition: what is not wrong yet and will be, such as a disk that is filling up',
  }),
})
export type Readiness = Static<typeof Readiness>

export const VillageAnswer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  center: LatLon,
  bounds: Type.Array(Type.Number(), { minItems: 4, maxItems: 4, description: 'west, south, east, north' }),
  timezone: Type.String(),
  languages: Type.Array(Type.String()),
  counts: Type.Record(Type.String(), counts, { description: 'kind, then state' }),
  time: ApiTime,
  simulated: Type.Boolean({ description: 'true when a device that is shown is a simulated one' }),
  standards: Type.Object({ air: Type.String() }),
  boundary: Type.String({ description: 'path of the boundary, GeoJSON' }),
  basemap: Type.Array(Type.String(), { description: 'paths of the base map, GeoJSON, lowest first' }),
  attributions: Type.Array(Type.Object({ text: Type.String(), url: Type.Optional(Type.String()) }), {
    description: 'sources that the map must name, always visible',
  }),
  tiles: nullable(
    Type.Object({
      url: Type.String({ description: 'tile URL template (PANTAU_TILES)' }),
      host: Type.String({ description: 'the other host that the page then calls' }),
    }),
  ),
  feed: Type.Object(
    {
      connected: Type.Boolean(),
      lastUpdate: nullable(ApiTime),
    },
    { description: 'whether the live state is being followed; while not, the last one known is shown' },
  ),
  ...about,
  version: Type.String(),
})
export type VillageAnswer = Static<typeof VillageAnswer>

/** The latest value of a metric. Of a small count the public sees a band in place of the value. */
export const LatestValue = Type.Object({
  value: Type.Optional(Type.Number()),
  band: Type.Optional(Type.Literal('<5', { description: 'in place of a count below 5, for the public' })),
  time: ApiTime,
  flag: Type.Optional(FlagName),
  unit: nullable(Type.String({ description: 'null for a metric that is not known' })),
})
export type LatestValue = Static<typeof LatestValue>

const IndexPart = Type.Object({
  metric: Type.String(),
  concentration: nullable(Type.Number()),
  unit: Type.String(),
  averaging: Type.String(),
  value: nullable(Type.Number()),
})

const indexMembers = {
  value: nullable(Type.Number()),
  category: nullable(Type.String()),
  dominant: nullable(Type.String()),
  time: ApiTime,
  completeness: Type.Number({ minimum: 0, maximum: 1 }),
  reason: Type.Optional(Type.String({ description: 'why value is null' })),
  parts: Type.Array(IndexPart),
}
export const IndexAnswer = Type.Object(indexMembers)
export type IndexAnswer = Static<typeof IndexAnswer>

const transitMembers = {
  route: nullable(Type.String()),
  trip: nullable(Type.String()),
  direction: nullable(Type.Integer({ minimum: 0, maximum: 1 })),
  speed: nullable(Type.Number({ description: 'm/s' })),
  bearing: nullable(Type.Number({ description: 'degrees from true north' })),
  occupancy: nullable(OccupancyName),
  delay_s: nullable(Type.Integer({ description: 'null where there is no timetable to be late for' })),
  time: ApiTime,
  stale: Type.Boolean(),
}
export const TransitState = Type.Object(transitMembers)
export type TransitState = Static<typeof TransitState>

export const CloneSuspected = Type.Object(
  { time: ApiTime, takeovers: Type.Integer({ description: 'within the minute before' }) },
  { description: 'two seem to use the credentials of this device; for a week, or until they are made anew' },
)
export type CloneSuspected = Static<typeof CloneSuspected>

const PointGeometry = Type.Object({
  type: Type.Literal('Point'),
  coordinates: Type.Array(Type.Number(), { minItems: 2, maxItems: 2, description: 'longitude, latitude' }),
})

export const DeviceProperties = Type.Object({
  kind: KindName,
  name: Type.String(),
  simulated: Type.Boolean(),
  state: StateName,
  since: nullable(ApiTime),
  cause: nullable(Type.String({ description: 'why it is down, degraded or unknown; see StateCause' })),
  lastSeen: nullable(ApiTime),
  flapping: Type.Optional(
    Type.Boolean({
      description:
        'true while it goes up and down again and again (Nagios: 30 % of 21 states begin it, 20 % end it)',
    }),
  ),
  expect_every_s: Type.Number(),
  parent: nullable(Type.String({ description: 'the device it hangs below' })),
  radius_m: nullable(Type.Number()),
  values: Type.Record(Type.String(), LatestValue),
  air: Type.Optional(
    Type.Object({ ispu: IndexAnswer, 'us-aqi': IndexAnswer, eaqi: IndexAnswer }, { description: 'sensors' }),
  ),
  transit: Type.Optional(TransitState),
  /** For staff only. */
  clockOffset_ms: Type.Optional(nullable(Type.Number())),
  conflicts: Type.Optional(Type.Integer()),
  cloneSuspected: Type.Optional(CloneSuspected),
  /** On a single device only. */
  explain: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'name, then path' })),
})
export type DeviceProperties = Static<typeof DeviceProperties>

export const DeviceFeature = Type.Object({
  type: Type.Literal('Feature'),
  id: Type.String(),
  geometry: nullable(PointGeometry),
  properties: DeviceProperties,
  /** On a single device only; of many these stand beside the features. */
  time: Type.Optional(ApiTime),
  ...about,
})
export type DeviceFeature = Static<typeof DeviceFeature>

export const DeviceCollection = Type.Object({
  type: Type.Literal('FeatureCollection'),
  time: ApiTime,
  features: Type.Array(DeviceFeature),
  ...about,
  next: Next,
})
export type DeviceCollection = Static<typeof DeviceCollection>

export const ReadingPoint = Type.Unsafe<Point>({
  type: 'array',
  description: 'time in ms, value, flag',
  minItems: 2,
  maxItems: 3,
  prefixItems: [{ type: 'integer' }, { type: 'number' }, { type: 'string', enum: [...FLAGS] }],
})

export const ReadingsAnswer = Type.Object({
  device: Type.String(),
  from: ApiTime,
  to: ApiTime,
  every: nullable(Type.Enum([...EVERY])),
  fn: nullable(Type.Enum([...AGGREGATES])),
  series: Type.Array(
    Type.Object({
      metric: Type.String(),
      unit: nullable(Type.String()),
      points: Type.Array(ReadingPoint),
      few: Type.Optional(Type.Literal(true, { description: 'counts below 5 were left out' })),
    }),
  ),
  few: Type.Optional(Type.Literal(true)),
  ...about,
  next: Next,
})
export type ReadingsAnswer = Static<typeof ReadingsAnswer>

export const StateSpanAnswer = Type.Object({
  from: ApiTime,
  to: Type.Optional(ApiTime),
  state: StateName,
  cause: nullable(Type.String()),
})
export type StateSpanAnswer = Static<typeof StateSpanAnswer>

export const StatesAnswer = Type.Object({
  device: Type.String(),
  from: ApiTime,
  to: ApiTime,
  spans: Type.Array(StateSpanAnswer, { description: 'oldest first, cut to the period' }),
})
export type StatesAnswer = Static<typeof StatesAnswer>

/** Addition: the states of all hotspots at once. */
export const HotspotStatesAnswer = Type.Object({
  from: ApiTime,
  to: ApiTime,
  hotspots: Type.Array(
    Type.Object({
      id: Type.String(),
      spans: Type.Array(StateSpanAnswer, { description: 'as of one device' }),
    }),
    { description: 'by id' },
  ),
  next: Next,
})
export type HotspotStatesAnswer = Static<typeof HotspotStatesAnswer>

export const StationsAnswer = Type.Object({
  index: AirIndexName,
  rule: Type.Object(Rule.properties, { description: 'addition: by which the index is computed' }),
  ...about,
  stations: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      simulated: Type.Boolean(),
      position: nullable(LatLon),
      ...indexMembers,
    }),
  ),
})
export type StationsAnswer = Static<typeof StationsAnswer>

const Headway = Type.Object({
  days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { description: '1 is Monday' }),
  start_s: Type.Integer({ description: 'seconds after midnight of the service day' }),
  end_s: Type.Integer(),
  headway_s: Type.Integer(),
  exact: Type.Boolean(),
})

export const RoutesAnswer = Type.Object({
  routes: Type.Array(
    Type.Object({
      id: Type.String(),
      shortName: Type.String(),
      longName: Type.String(),
      color: nullable(Type.String({ description: '#rrggbb' })),
      textColor: nullable(Type.String()),
      type: Type.Integer({ description: 'route_type of GTFS' }),
      directions: Type.Array(
        Type.Object({
          direction: Type.Integer({ minimum: 0, maximum: 1 }),
          headsign: Type.String(),
          stops: Type.Array(Type.String()),
          shape: Type.Array(Type.Array(Type.Number()), { description: '[longitude, latitude], in order' }),
          headways: Type.Array(Headway),
        }),
      ),
    }),
  ),
  source: nullable(Type.String({ description: 'whose feed it is' })),
  from: Type.Optional(Type.String({ format: 'date', description: 'first service day of the plan' })),
  to: Type.Optional(Type.String({ format: 'date', description: 'and its last, included' })),
})
export type RoutesAnswer = Static<typeof RoutesAnswer>

export const StopsAnswer = Type.Object({
  stops: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      position: LatLon,
      routes: Type.Array(Type.String()),
    }),
  ),
  next: Next,
})
export type StopsAnswer = Static<typeof StopsAnswer>

export const VehicleFeature = Type.Object({
  type: Type.Literal('Feature'),
  id: Type.String(),
  geometry: PointGeometry,
  properties: Type.Object({
    ...transitMembers,
    name: Type.String(),
    simulated: Type.Boolean(),
    state: StateName,
  }),
})
export const VehicleCollection = Type.Object({
  type: Type.Literal('FeatureCollection'),
  time: ApiTime,
  features: Type.Array(VehicleFeature),
  ...about,
  next: Next,
})
export type VehicleCollection = Static<typeof VehicleCollection>

export const ArrivalsAnswer = Type.Object({
  stop: Type.String(),
  name: Type.String(),
  time: ApiTime,
  ...about,
  arrivals: Type.Array(
    Type.Object({
      route: Type.String(),
      headsign: Type.String(),
      trip: nullable(Type.String()),
      vehicle: Type.Optional(Type.String()),
      scheduled: Type.Optional(ApiTime),
      predicted: Type.Optional(ApiTime),
      basis: Type.Enum(['live', 'schedule', 'headway']),
      delay_s: Type.Optional(Type.Integer()),
      direction: Type.Integer({ minimum: 0, maximum: 1 }),
      low: Type.Optional(
        Type.String({ format: 'date-time', description: 'live: four of five come after it' }),
      ),
      high: Type.Optional(Type.String({ format: 'date-time', description: 'and before this, of a range' })),
      seen: Type.Optional(
        Type.String({ format: 'date-time', description: "live: of the vehicle's last fix" }),
      ),
      waiting: Type.Optional(Type.Boolean({ description: 'live: it has not left its first stop' })),
      headway_s: Type.Optional(Type.Integer({ description: 'one comes about every so many seconds' })),
      reporting: Type.Optional(
        Type.Integer({ description: 'headway: vehicles of the route and direction heard within 90 s' }),
      ),
      occupancy: Type.Optional(OccupancyName),
      simulated: Type.Optional(Type.Boolean()),
    }),
  ),
})
export type ArrivalsAnswer = Static<typeof ArrivalsAnswer>

export const VehicleArrivalsAnswer = Type.Object({
  vehicle: Type.String(),
  time: ApiTime,
  seen: Type.Optional(ApiTime),
  route: Type.Optional(
    Type.String({ description: 'absent while it is on no trip, or was not heard for 90 s' }),
  ),
  headsign: Type.Optional(Type.String()),
  trip: Type.Optional(Type.String()),
  direction: Type.Optional(Type.Integer({ minimum: 0, maximum: 1 })),
  delay_s: Type.Optional(Type.Integer({ description: 'of a trip with a timetable' })),
  waiting: Type.Optional(Type.Boolean({ description: 'it has not left its first stop' })),
  ...about,
  arrivals: Type.Array(
    Type.Object({
      stop: Type.String(),
      name: Type.String(),
      sequence: Type.Integer({ description: 'stop_sequence' }),
      predicted: ApiTime,
      low: ApiTime,
      high: ApiTime,
      scheduled: Type.Optional(ApiTime),
    }),
    { description: 'within the hour, in the order of the trip' },
  ),
})
export type VehicleArrivalsAnswer = Static<typeof VehicleArrivalsAnswer>

const HeadwayQuality = Type.Object({
  mean_s: Type.Number(),
  cv: Type.Number({ description: 'population standard deviation over mean' }),
  expected_wait_s: Type.Number({ description: 'of one who comes at any moment' }),
  scheduled_wait_s: Type.Number({ description: 'the same if all came as planned' }),
  excess_wait_s: Type.Number(),
  bunched: Type.Integer({ description: 'headways below half the planned' }),
  gaps: Type.Integer({ description: 'headways above one and a half times the planned' }),
  grade: Type.String({ description: 'A to F by cv, TCQSM 2nd edition; for headways of ten minutes or less' }),
})

export const HeadwaysAnswer = Type.Object({
  route: Type.String(),
  time: ApiTime,
  window_s: Type.Integer({ description: 'departures of the last so many seconds are looked at' }),
  since: ApiTime,
  ...about,
  directions: Type.Array(
    Type.Object({
      direction: Type.Integer({ minimum: 0, maximum: 1 }),
      headsign: Type.String(),
      planned_s: nullable(Type.Integer({ description: 'headway now; null where none is promised' })),
      pace: Type.Number({ description: 'seconds taken over seconds of the plan, now' }),
      vehicles: Type.Array(
        Type.Object({
          vehicle: Type.String(),
          trip: Type.String(),
          behind_s: nullable(Type.Integer({ description: 'behind the one ahead; null of the foremost' })),
          spacing: nullable(Type.Enum(['bunched', 'even', 'gap'])),
        }),
        { description: 'on the road now; of each trip the foremost first' },
      ),
      stops: Type.Array(
        Type.Object({
          stop: Type.String(),
          name: Type.String(),
          departures: Type.Integer(),
          last: nullable(ApiTime),
          observed: nullable(HeadwayQuality),
          reason: Type.Optional(
            Type.Enum(['fewer_than_3_departures', 'no_planned_headway'], { description: 'why it is null' }),
          ),
        }),
      ),
    }),
  ),
})
export type HeadwaysAnswer = Static<typeof HeadwaysAnswer>

export const SummaryAnswer = Type.Object({
  from: ApiTime,
  to: ApiTime,
  ...about,
  hotspots: Type.Integer(),
  up: Type.Integer({ description: 'now; the degraded ones among them' }),
  down: Type.Integer(),
  unknown: Type.Integer(),
  degraded: Type.Integer(),
  maintenance: Type.Integer(),
  availability: nullable(Type.Number({ description: 'up / (up + down) of the period' })),
  knownShare: nullable(Type.Number()),
})
export type SummaryAnswer = Static<typeof SummaryAnswer>

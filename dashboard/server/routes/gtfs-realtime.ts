// GTFS-realtime 2.0 feeds (contract section 4): as Protocol Buffers, and the same as JSON.

import Type from 'typebox'
import type { LiveDevice } from '../../../contract/feed.ts'
import type { TimeMs } from '../../../contract/time.ts'
import type { Viewer } from '../access.ts'
import { stopsAhead } from '../arrivals.ts'
import type { App, Context } from '../context.ts'
import {
  alerts,
  encodeFeed,
  type FeedMessage,
  type FeedSource,
  feedAsJson,
  type TripStart,
  tripUpdates,
  vehiclePositions,
} from '../gtfs-realtime.ts'
import { serviceClock, serviceDaysAt } from '../service-day.ts'
import { vehiclesFor } from './transit.ts'

const FEEDS: Readonly<Record<string, readonly [summary: string, make: (source: FeedSource) => FeedMessage]>> =
  {
    'vehicle-positions': ['Where the vehicles are', vehiclePositions],
    'trip-updates': ['When they will reach the stops ahead', tripUpdates],
    alerts: ['What passengers must know; none is issued yet', alerts],
  }

export function registerGtfsRealtimeRoutes(app: App, context: Context): void {
  for (const [name, [summary, make]] of Object.entries(FEEDS)) {
    const url = `/api/v1/transit/gtfs-rt/${name}`
    app.route({
      method: 'GET',
      url: `${url}.pb`,
      config: { access: 'public', produces: ['application/x-protobuf', 'application/octet-stream'] },
      schema: { summary, response: { 200: Type.String({ format: 'binary' }) } },
      handler: async (request, reply) => {
        const feed = make(sourceFor(context, request.viewer))
        reply.header('cache-control', 'no-cache').type('application/x-protobuf')
        // Fastify sends bytes as they are; the schema knows them as text of format binary.
        return Buffer.from(encodeFeed(feed)) as unknown as string
      },
    })
    app.route({
      method: 'GET',
      url: `${url}.json`,
      config: { access: 'public' },
      schema: { summary: `${summary}, as JSON`, response: { 200: Type.Object({ header: Type.Object({}) }) } },
      handler: async (request, reply) => {
        reply.header('cache-control', 'no-cache')
        return feedAsJson(make(sourceFor(context, request.viewer))) as { header: object }
      },
    })
  }
}

function sourceFor(context: Context, viewer: Viewer | null): FeedSource {
  const now = context.clock.now()
  const { timezone } = context.village.village
  return {
    now,
    vehicles: vehiclesFor(context, viewer, now),
    startOf: (vehicle) => tripStart(context, vehicle, now, timezone),
    arrivalsOf: (vehicle) =>
      stopsAhead(context.transit, vehicle, now).map(({ stop, time }) => ({
        stopId: stop.id,
        sequence: stop.sequence,
        time,
      })),
  }
}

/** The service day that the run began on, and its clock then. */
function tripStart(context: Context, vehicle: LiveDevice, now: TimeMs, timezone: string): TripStart | null {
  const start = context.runs.startOf(vehicle.id)
  if (start === null) return null
  const day = serviceDaysAt(now, timezone).find((candidate) => candidate.start <= start)
  return day === undefined ? null : { date: day.date, time: serviceClock(start, day) }
}

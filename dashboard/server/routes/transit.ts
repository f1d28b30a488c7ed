// Public transport of the village (contract section 4): routes and stops out of its GTFS, vehicles as they are now, and
// when the next one comes.

import Type from 'typebox'
import {
  ArrivalsAnswer,
  HeadwaysAnswer,
  RoutesAnswer,
  StopsAnswer,
  VehicleArrivalsAnswer,
  VehicleCollection,
} from '../../../contract/api.ts'
import type { LiveDevice } from '../../../contract/feed.ts'
import { formatTime, type TimeMs } from '../../../contract/time.ts'
import { ABOUT_ARRIVALS, ABOUT_HEADWAYS, ABOUT_VEHICLES } from '../about-numbers.ts'
import type { Viewer } from '../access.ts'
import { type ArrivalSource, arrivalsAt, vehicleArrivals } from '../arrivals.ts'
import { type App, audienceOf, type Context } from '../context.ts'
import { pageOf } from '../cursor.ts'
import { isOnTheRoad } from '../gtfs-realtime.ts'
import { headwaysOf } from '../headways.ts'
import {
  bboxParameter,
  cursorParameter,
  DEFAULT_LIMIT,
  isInside,
  limitParameter,
  parseBbox,
} from '../parameters.ts'
import { type Audience, transitOf } from '../public-view.ts'
import { Refusal } from '../refusal.ts'
import { isShown } from '../shown-devices.ts'
import { sendStatic, staticFile } from '../static-files.ts'

export function registerTransitRoutes(app: App, context: Context): void {
  registerPlanRoutes(app, context)
  registerVehicles(app, context)
  registerArrivals(app, context)
  registerVehicleArrivals(app, context)
  registerHeadways(app, context)
}

/** Vehicles on the road that the audience may see, in order of id. */
function vehiclesFor(context: Context, audience: Audience, now: TimeMs): readonly LiveDevice[] {
  return context.mirror
    .devices()
    .filter(
      (device) => device.kind === 'vehicle' && isOnTheRoad(device, now) && isShown(context, device, audience),
    )
}

/** What arrivals are worked out from: the vehicles that the asker may see. */
export function arrivalSource(context: Context, viewer: Viewer | null, now: TimeMs): ArrivalSource {
  return arrivalSourceFor(context, audienceOf(viewer), now)
}

export function arrivalSourceFor(context: Context, audience: Audience, now: TimeMs): ArrivalSource {
  const { transit, runs } = context
  return { feed: transit.feed, runs, vehicles: vehiclesFor(context, audience, now), now }
}

function registerPlanRoutes(app: App, context: Context): void {
  const { transit, key } = context
  const answer: RoutesAnswer = { routes: transit.routes, source: transit.source, ...transit.validity }
  const routes = staticFile(Buffer.from(JSON.stringify(answer)), '.json', false)
  app.route({
    method: 'GET',
    url: '/api/v1/transit/routes',
    config: { access: 'public' },
    schema: { summary: 'Routes with their stops, shapes and headways', response: { 200: RoutesAnswer } },
    // Text that never changes, and long: compressed once.
    handler: async (request, reply) => {
      await sendStatic(routes, request, reply)
      return reply
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/transit/stops',
    config: { access: 'public' },
    schema: {
      summary: 'Stops at which a route calls',
      querystring: Type.Object({ bbox: bboxParameter, limit: limitParameter, cursor: cursorParameter }),
      response: { 200: StopsAnswer },
    },
    handler: async (request, reply) => {
      const { bbox, limit = DEFAULT_LIMIT, cursor } = request.query
      const bounds = parseBbox(bbox)
      const stops = transit.stops.filter(({ position }) => bounds === null || isInside(bounds, position))
      const { rows, next } = pageOf(key, `stops|${bbox ?? ''}`, stops, limit, cursor, ({ id }) => id)
      reply.header('cache-control', 'public, max-age=300')
      return { stops: [...rows], ...(next === undefined ? {} : { next }) }
    },
  })
}

function registerVehicles(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/transit/vehicles',
    config: { access: 'public' },
    schema: {
      summary: 'Vehicles whose position is at most ten minutes old',
      querystring: Type.Object({ bbox: bboxParameter, limit: limitParameter, cursor: cursorParameter }),
      response: { 200: VehicleCollection },
    },
    handler: async (request, reply) => {
      const { bbox, limit = DEFAULT_LIMIT, cursor } = request.query
      const bounds = parseBbox(bbox)
      const now = context.clock.now()
      const vehicles = vehiclesFor(context, audienceOf(request.viewer), now).filter(
        ({ position }) => bounds === null || isInside(bounds, position),
      )
      const query = ['vehicles', bbox, audienceOf(request.viewer)].join('|')
      const { rows, next } = pageOf(context.key, query, vehicles, limit, cursor, ({ id }) => id)
      reply.header('cache-control', 'no-cache').header('vary', 'cookie, authorization')
      return {
        type: 'FeatureCollection' as const,
        time: formatTime(context.mirror.lastUpdate() ?? now),
        ...ABOUT_VEHICLES,
        features: rows.flatMap((vehicle) => vehicleFeature(context, vehicle, now)),
        ...(next === undefined ? {} : { next }),
      }
    },
  })
}

function vehicleFeature(
  { runs }: Context,
  { id, name, simulated, state, position, transit }: LiveDevice,
  now: TimeMs,
): VehicleCollection['features'] {
  if (position === null || transit === undefined) return []
  return [
    {
      type: 'Feature',
      id,
      geometry: { type: 'Point', coordinates: [position.lon, position.lat] },
      properties: {
        ...transitOf(transit),
        delay_s: runs.delayS(id, now),
        name,
        simulated,
        state,
      },
    },
  ]
}

function registerArrivals(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/transit/stops/:id/arrivals',
    config: { access: 'public' },
    schema: {
      summary: 'Arrivals of the next hour, soonest first',
      params: Type.Object({ id: Type.String({ description: 'id of a stop' }) }),
      response: { 200: ArrivalsAnswer },
    },
    handler: async (request, reply) => {
      const stop = context.transit.stops.find(({ id }) => id === request.params.id)
      if (stop === undefined) throw new Refusal(404, 'there is no stop of that id')
      const now = context.clock.now()
      const arrivals = arrivalsAt(arrivalSource(context, request.viewer, now), stop.id)
      reply.header('cache-control', 'no-cache').header('vary', 'cookie, authorization')
      return {
        stop: stop.id,
        name: stop.name,
        time: formatTime(now),
        ...ABOUT_ARRIVALS,
        arrivals: [...arrivals],
      }
    },
  })
}

function registerVehicleArrivals(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/transit/vehicles/:id/arrivals',
    config: { access: 'public' },
    schema: {
      summary: 'The stops ahead of a vehicle, and when it comes to them',
      params: Type.Object({ id: Type.String({ description: 'id of a vehicle' }) }),
      response: { 200: VehicleArrivalsAnswer },
    },
    handler: async (request, reply) => {
      const now = context.clock.now()
      const source = arrivalSource(context, request.viewer, now)
      const vehicle = source.vehicles.find(({ id }) => id === request.params.id)
      if (vehicle === undefined) throw new Refusal(404, 'there is no vehicle of that id on the road')
      reply.header('cache-control', 'no-cache').header('vary', 'cookie, authorization')
      return { ...vehicleArrivals(source, vehicle), ...ABOUT_ARRIVALS }
    },
  })
}

function registerHeadways(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/transit/routes/:id/headways',
    config: { access: 'public' },
    schema: {
      summary: 'How evenly the vehicles of a route come: planned and observed headways, waits, bunching',
      params: Type.Object({ id: Type.String({ description: 'id of a route' }) }),
      response: { 200: HeadwaysAnswer },
    },
    handler: async (request, reply) => {
      const { id } = request.params
      if (!context.transit.routes.some((route) => route.id === id))
        throw new Refusal(404, 'there is no route of that id')
      const { feed, runs, vehicles, now } = arrivalSource(context, request.viewer, context.clock.now())
      reply.header('cache-control', 'no-cache').header('vary', 'cookie, authorization')
      const shown = new Set(vehicles.map((vehicle) => vehicle.id))
      return { ...headwaysOf({ feed, runs, now, shown }, id), ...ABOUT_HEADWAYS }
    },
  })
}

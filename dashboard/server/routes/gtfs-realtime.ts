// GTFS-realtime 2.0 feeds (contract section 4): as Protocol Buffers, and the same as JSON.

import Type from 'typebox'
import type { LiveDevice } from '../../../contract/feed.ts'
import { MINUTE, SECOND, type TimeMs } from '../../../contract/time.ts'
import type { Viewer } from '../access.ts'
import { type App, audienceOf, type Context } from '../context.ts'
import {
  alerts,
  encodeFeed,
  type FeedMessage,
  type FeedSource,
  feedAsJson,
  tripUpdates,
  vehiclePositions,
} from '../gtfs-realtime.ts'
import { isCounted, isPrivate } from '../shown-devices.ts'
import { arrivalSource } from './transit.ts'

type Make = (source: FeedSource, known: readonly LiveDevice[]) => FeedMessage

const FEEDS: Readonly<Record<string, readonly [summary: string, make: Make]>> = {
  'vehicle-positions': ['Where the vehicles are', vehiclePositions],
  'trip-updates': ['When they will reach the stops ahead', tripUpdates],
  alerts: ['What passengers must know: routes that run and of which no bus reports', alerts],
}

export function registerGtfsRealtimeRoutes(app: App, context: Context): void {
  const snapshots = new FeedSnapshots(context)
  for (const [name, [summary, make]] of Object.entries(FEEDS)) {
    const url = `/api/v1/transit/gtfs-rt/${name}`
    app.route({
      method: 'GET',
      url: `${url}.pb`,
      config: { access: 'public', produces: ['application/x-protobuf', 'application/octet-stream'] },
      schema: { summary, response: { 200: Type.String({ format: 'binary' }) } },
      handler: async (request, reply) => {
        const feed = snapshots.get(name, make, request.viewer)
        reply
          .header('cache-control', 'no-cache')
          .header('vary', 'cookie, authorization')
          .type('application/x-protobuf')
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
        reply.header('cache-control', 'no-cache').header('vary', 'cookie, authorization')
        return feedAsJson(snapshots.get(name, make, request.viewer)) as { header: object }
      },
    })
  }
}

interface Snapshot {
  readonly second: number
  readonly feed: FeedMessage
}

/** A clock that is set back further than this was wrong before: the feed follows it. */
const CLOCK_SET_BACK_S = MINUTE / SECOND

/** One message a feed and second, so that another content has another timestamp (E017), which never falls (E018). */
class FeedSnapshots {
  readonly #context: Context
  readonly #kept = new Map<string, Snapshot>()

  constructor(context: Context) {
    this.#context = context
  }

  get(name: string, make: Make, viewer: Viewer | null): FeedMessage {
    const now: TimeMs = this.#context.clock.now()
    const second = Math.floor(now / SECOND)
    const key = `${name}|${audienceOf(viewer)}`
    const kept = this.#kept.get(key)
    if (kept !== undefined && second <= kept.second && kept.second - second < CLOCK_SET_BACK_S)
      return kept.feed
    const known = this.#context.mirror
      .devices()
      .filter((device) => isCounted(this.#context, device) && !isPrivate(this.#context, device.id))
    const feed = make(arrivalSource(this.#context, viewer, now), known)
    this.#kept.set(key, { second, feed })
    return feed
  }
}

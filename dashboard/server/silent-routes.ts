// What passengers are told of a route of which no bus reports though it runs by the plan: that, and no more. Buses without a beacon may be
// on the road, so it is no "no service", and what the cause is nobody knows, unless all its beacons are being worked on. A detour or a
// cancellation is not known to this system and is never made up (GTFS-realtime reference, Alert).

import bindings from 'gtfs-realtime-bindings'
import type { LiveDevice } from '../../contract/feed.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { GtfsFeed, Route } from '../../domain/transit/gtfs.ts'
import { isGone } from '../../domain/transit/punctuality.ts'
import { isRunning } from '../../domain/transit/running-now.ts'

const { transit_realtime: rt } = bindings

export interface SilentRoute {
  readonly route: Route
  /** All its beacons are being worked on. */
  readonly isMaintained: boolean
}

/**
 * Routes that run now, that have beacons of ours among `known`, and of which none of `vehicles`, those that the asker may see, was heard
 * for ten minutes.
 */
export function silentRoutes(
  feed: GtfsFeed,
  known: readonly LiveDevice[],
  vehicles: readonly LiveDevice[],
  now: TimeMs,
): readonly SilentRoute[] {
  const heard = new Set(
    vehicles.flatMap(({ transit }) =>
      transit?.route == null || isGone(transit.time, now) ? [] : transit.route,
    ),
  )
  return [...feed.routes.values()].flatMap((route) => {
    const beacons = known.filter(({ kind, transit }) => kind === 'vehicle' && transit?.route === route.id)
    if (beacons.length === 0 || heard.has(route.id)) return []
    const runs = (feed.tripsOfRoute.get(route.id) ?? []).some((trip) => isRunning(feed, trip, now))
    return runs ? [{ route, isMaintained: beacons.every(({ state }) => state === 'maintenance') }] : []
  })
}

/** The alert of a route; its id stays while the route is silent. */
export function alertEntity({ route, isMaintained }: SilentRoute) {
  const name = route.shortName || route.longName || route.id
  return {
    id: `silent-${route.id}`,
    alert: {
      informedEntity: [{ routeId: route.id }],
      cause: isMaintained ? rt.Alert.Cause.MAINTENANCE : rt.Alert.Cause.UNKNOWN_CAUSE,
      effect: rt.Alert.Effect.UNKNOWN_EFFECT,
      headerText: translated(
        `Rute ${name}: tidak ada bus yang melapor`,
        `Route ${name}: no bus is reporting`,
      ),
      descriptionText: translated(
        `Selama 10 menit tidak ada bus rute ini yang mengirim posisi${isMaintained ? '; alatnya sedang dirawat' : ''}. Bus mungkin tetap beroperasi; kedatangan hanya diperkirakan menurut rencana.`,
        `No bus of this route has sent its position for 10 minutes${isMaintained ? '; their beacons are under maintenance' : ''}. Buses may be running all the same; arrivals are told by the plan alone.`,
      ),
    },
  }
}

function translated(id: string, en: string) {
  return {
    translation: [
      { text: id, language: 'id' },
      { text: en, language: 'en' },
    ],
  }
}

// GTFS-realtime 2.0 of the vehicles as they are now: positions, and predicted arrivals as trip updates. Whole snapshots
// (FULL_DATASET); trips of the plan run by headway, hence UNSCHEDULED with the start that was observed (domain C3, C8).

import bindings from 'gtfs-realtime-bindings'
import type { LiveDevice } from '../../contract/feed.ts'
import { MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'

const { transit_realtime: rt } = bindings

/** Domain C10: older positions leave the map and the feeds. */
export const GONE_MS = 10 * MINUTE

export interface TripStart {
  /** `20261124`, of the service day. */
  readonly date: string
  /** `HH:MM:SS`, past 24 after midnight. */
  readonly time: string
}

export interface FeedSource {
  readonly now: TimeMs
  /** Vehicles that the asker may see. */
  readonly vehicles: readonly LiveDevice[]
  /** Start of the vehicle's present run; null when it is on no trip of the plan. */
  readonly startOf: (vehicle: LiveDevice) => TripStart | null
  /** Predicted arrivals at the stops ahead, in order. */
  readonly arrivalsOf: (vehicle: LiveDevice) => readonly { stopId: string; sequence: number; time: TimeMs }[]
}

type Entity = ConstructorParameters<typeof rt.FeedEntity>[0]
export type FeedMessage = InstanceType<typeof rt.FeedMessage>

export function vehiclePositions(source: FeedSource): FeedMessage {
  return message(
    source.now,
    source.vehicles.flatMap((vehicle) => positionEntity(vehicle, source)),
  )
}

export function tripUpdates(source: FeedSource): FeedMessage {
  return message(
    source.now,
    source.vehicles.flatMap((vehicle) => updateEntity(vehicle, source)),
  )
}

/** Nothing is announced yet: a valid feed without entities. */
export function alerts(source: Pick<FeedSource, 'now'>): FeedMessage {
  return message(source.now, [])
}

export function encodeFeed(feed: FeedMessage): Uint8Array {
  return rt.FeedMessage.encode(feed).finish()
}

/** Protocol Buffers' own JSON: lower camel case, enumerations by name, 64-bit numbers as text. */
export function feedAsJson(feed: FeedMessage): object {
  return rt.FeedMessage.toObject(feed, { longs: String, enums: String, json: true })
}

export function isOnTheRoad(vehicle: LiveDevice, now: TimeMs): boolean {
  const { transit, position } = vehicle
  return transit !== undefined && position !== null && now - transit.time <= GONE_MS
}

function message(now: TimeMs, entity: Entity[]): FeedMessage {
  return rt.FeedMessage.fromObject({
    header: {
      gtfsRealtimeVersion: '2.0',
      incrementality: rt.FeedHeader.Incrementality.FULL_DATASET,
      timestamp: seconds(now),
    },
    entity,
  })
}

function positionEntity(vehicle: LiveDevice, source: FeedSource): Entity[] {
  const { transit, position } = vehicle
  if (transit === undefined || position === null || !isOnTheRoad(vehicle, source.now)) return []
  const trip = tripOf(vehicle, source)
  return [
    {
      id: vehicle.id,
      vehicle: {
        ...(trip === null ? {} : { trip }),
        position: {
          latitude: position.lat,
          longitude: position.lon,
          ...(transit.bearing === null ? {} : { bearing: transit.bearing }),
          ...(transit.speed === null ? {} : { speed: transit.speed }),
        },
        timestamp: seconds(transit.time),
        vehicle: { id: vehicle.id, label: vehicle.name },
        ...(transit.occupancy === null
          ? {}
          : { occupancyStatus: rt.VehiclePosition.OccupancyStatus[transit.occupancy] }),
      },
    },
  ]
}

function updateEntity(vehicle: LiveDevice, source: FeedSource): Entity[] {
  const trip = tripOf(vehicle, source)
  const arrivals = source.arrivalsOf(vehicle)
  const { transit } = vehicle
  if (trip === null || transit === undefined || arrivals.length === 0) return []
  return [
    {
      id: vehicle.id,
      tripUpdate: {
        trip,
        vehicle: { id: vehicle.id, label: vehicle.name },
        timestamp: seconds(transit.time),
        stopTimeUpdate: arrivals.map(({ stopId, sequence, time }) => ({
          stopId,
          stopSequence: sequence,
          arrival: { time: seconds(time) },
          scheduleRelationship: rt.TripUpdate.StopTimeUpdate.ScheduleRelationship.UNSCHEDULED,
        })),
      },
    },
  ]
}

function tripOf(vehicle: LiveDevice, source: FeedSource) {
  const { transit } = vehicle
  const start = source.startOf(vehicle)
  if (transit == null || transit.trip === null || start === null) return null
  return {
    tripId: transit.trip,
    ...(transit.route === null ? {} : { routeId: transit.route }),
    ...(transit.direction === null ? {} : { directionId: transit.direction }),
    startDate: start.date,
    startTime: start.time,
    scheduleRelationship: rt.TripDescriptor.ScheduleRelationship.UNSCHEDULED,
  }
}

function seconds(time: TimeMs): number {
  return Math.floor(time / SECOND)
}

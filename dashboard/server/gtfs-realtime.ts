// GTFS-realtime 2.0 of the vehicles as they are now: positions, predicted arrivals as trip updates, and routes that are silent. Whole snapshots
// (FULL_DATASET) that keep the published rules of the GTFS-realtime validator; where the code bends to one, its number stands there.
// A trip that runs by headway is UNSCHEDULED with the start that was observed (domain C3, C8).

import bindings from 'gtfs-realtime-bindings'
import type { LiveDevice } from '../../contract/feed.ts'
import { SECOND, type TimeMs } from '../../contract/time.ts'
import type { GtfsFeed } from '../../domain/transit/gtfs.ts'
import { formatGtfsTime } from '../../domain/transit/gtfs-time.ts'
import { isFuture, isGone } from '../../domain/transit/punctuality.ts'
import type { ArrivalAhead, RunPrediction } from '../../domain/transit/run-prediction.ts'
import type { VehicleRuns } from '../../domain/transit/vehicle-runs.ts'
import { isInServiceArea } from './service-area.ts'
import { alertEntity, silentRoutes } from './silent-routes.ts'

const { transit_realtime: rt } = bindings

export interface FeedSource {
  readonly now: TimeMs
  readonly feed: GtfsFeed
  readonly runs: VehicleRuns
  /** Vehicles that the asker may see. */
  readonly vehicles: readonly LiveDevice[]
}

type Entity = ConstructorParameters<typeof rt.FeedEntity>[0]
export type FeedMessage = InstanceType<typeof rt.FeedMessage>

/** Faster is no bus (W004). */
const FASTEST_M_PER_S = 26

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

/** Routes of which no bus reports though they run; `known` are all devices, heard or not. */
export function alerts({ now, feed, vehicles }: FeedSource, known: readonly LiveDevice[]): FeedMessage {
  return message(now, silentRoutes(feed, known, vehicles, now).map(alertEntity))
}

export function encodeFeed(feed: FeedMessage): Uint8Array {
  return rt.FeedMessage.encode(feed).finish()
}

/** Protocol Buffers' own JSON: lower camel case, enumerations by name, 64-bit numbers as text. */
export function feedAsJson(feed: FeedMessage): object {
  return rt.FeedMessage.toObject(feed, { longs: String, enums: String, json: true })
}

/** Whether a vehicle was heard in the last ten minutes (domain C10): others leave the map and the feeds. */
export function isOnTheRoad(vehicle: LiveDevice, now: TimeMs): boolean {
  const { transit, position } = vehicle
  return transit !== undefined && position !== null && !isGone(transit.time, now)
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

/** Whether a vehicle may stand in a feed: heard of late, not ahead of our clock (E050), and where the village's transport is (E028). */
function isPublished({ transit, position }: LiveDevice, { feed, now }: FeedSource): boolean {
  if (transit === undefined || position === null || isGone(transit.time, now)) return false
  return !isFuture(transit.time, now) && isInServiceArea(feed, position)
}

/** The vehicle's run while something is predicted of it: position and trip update name the same trips (W003, E047). */
function publishedRun(vehicle: LiveDevice, source: FeedSource): RunPrediction | null {
  if (vehicle.transit?.trip == null || !isPublished(vehicle, source)) return null
  const run = source.runs.predict(vehicle.id, source.now)
  return run === null || run.trip.id !== vehicle.transit.trip || stopUpdates(run, source.feed).length === 0
    ? null
    : run
}

function positionEntity(vehicle: LiveDevice, source: FeedSource): Entity[] {
  const { transit, position } = vehicle
  if (transit === undefined || position === null || !isPublished(vehicle, source)) return []
  const run = publishedRun(vehicle, source)
  return [
    {
      id: vehicle.id,
      vehicle: {
        ...(run === null ? {} : { trip: tripOf(run) }),
        position: {
          latitude: position.lat,
          longitude: position.lon,
          ...(transit.bearing === null ? {} : { bearing: transit.bearing }),
          ...(transit.speed === null || transit.speed > FASTEST_M_PER_S ? {} : { speed: transit.speed }),
        },
        timestamp: timestampOf(transit.time, source.now),
        vehicle: { id: vehicle.id, label: vehicle.name },
        ...(transit.occupancy === null
          ? {}
          : { occupancyStatus: rt.VehiclePosition.OccupancyStatus[transit.occupancy] }),
      },
    },
  ]
}

function updateEntity(vehicle: LiveDevice, source: FeedSource): Entity[] {
  const run = publishedRun(vehicle, source)
  if (run === null) return []
  return [
    {
      id: vehicle.id,
      tripUpdate: {
        trip: tripOf(run),
        vehicle: { id: vehicle.id, label: vehicle.name },
        timestamp: timestampOf(run.place.time, source.now),
        stopTimeUpdate: stopUpdates(run, source.feed),
      },
    },
  ]
}

/** A vehicle's clock may be some seconds ahead of ours; no time in a feed is ahead of its header (E012). */
function timestampOf(time: TimeMs, now: TimeMs): number {
  return Math.min(seconds(time), seconds(now))
}

function tripOf({ trip, start }: RunPrediction) {
  const { SCHEDULED, UNSCHEDULED } = rt.TripDescriptor.ScheduleRelationship
  // A trip that does not repeat is named by its first arrival (E023), which may lie before it leaves.
  const second = start.second + (trip.frequencies.length === 0 ? (trip.stops[0]?.arrivalS ?? 0) : 0)
  return {
    tripId: trip.id,
    routeId: trip.route,
    directionId: trip.direction,
    startDate: start.date,
    startTime: formatGtfsTime(second),
    scheduleRelationship: start.isScheduled ? SCHEDULED : UNSCHEDULED,
  }
}

/** In order of stop_sequence, each later than the one before (E002, E022), at stops alone (E015), none twice in a row (E037). */
function stopUpdates({ arrivals, start }: RunPrediction, feed: GtfsFeed) {
  const { SCHEDULED, UNSCHEDULED } = rt.TripUpdate.StopTimeUpdate.ScheduleRelationship
  let before = 0
  let stopBefore = ''
  return arrivals.flatMap((ahead) => {
    const { stop, sequence } = ahead.stop
    if (stop === stopBefore || feed.stops.get(stop)?.locationType !== 0) return []
    before = Math.max(before + 1, seconds(ahead.time))
    stopBefore = stop
    return [
      {
        stopId: stop,
        stopSequence: sequence,
        arrival: { time: before, uncertainty: uncertaintyOf(ahead), ...delayOf(ahead, before) },
        scheduleRelationship: start.isScheduled ? SCHEDULED : UNSCHEDULED,
      },
    ]
  })
}

function delayOf({ scheduled }: ArrivalAhead, second: number): { delay?: number } {
  return scheduled === null ? {} : { delay: second - seconds(scheduled) }
}

/** Half the width of the range, seconds. */
function uncertaintyOf({ low, high }: ArrivalAhead): number {
  return Math.ceil((high - low) / 2 / SECOND)
}

function seconds(time: TimeMs): number {
  return Math.floor(time / SECOND)
}

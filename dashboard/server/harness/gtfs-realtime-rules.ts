// The published rules of the GTFS-realtime validator (MobilityData, RULES.md) for what our feeds hold, by their numbers: which of them a
// set of messages breaks.

import bindings from 'gtfs-realtime-bindings'
import { frequencyStarts } from '../../../domain/transit/frequencies.ts'
import type { GtfsFeed, Trip } from '../../../domain/transit/gtfs.ts'
import { formatGtfsTime, isServiceDate, parseGtfsTime } from '../../../domain/transit/gtfs-time.ts'
import { nearPlaces } from '../../../domain/transit/shape-line.ts'
import type { FeedMessage } from '../gtfs-realtime.ts'

const { transit_realtime: rt } = bindings
const TRIP = rt.TripDescriptor.ScheduleRelationship
const STOP = rt.TripUpdate.StopTimeUpdate.ScheduleRelationship

export interface Published {
  readonly positions: FeedMessage
  readonly updates: FeedMessage
  readonly alerts: FeedMessage
}

export interface RuleInput extends Published {
  readonly feed: GtfsFeed
  /** When they were fetched, seconds. */
  readonly nowS: number
  /** What was fetched before. */
  readonly before: Published | null
}

type Rule = (input: RuleInput) => boolean
type Vehicle = NonNullable<FeedMessage['entity'][number]['vehicle']>
type Update = NonNullable<FeedMessage['entity'][number]['tripUpdate']>
type Descriptor = NonNullable<Update['trip']>

const POSIX_FIRST = 1_104_537_600
const POSIX_LAST = 4_102_444_800

const messages = ({ positions, updates, alerts }: Published): readonly FeedMessage[] => [
  positions,
  updates,
  alerts,
]
const entities = (input: Published) => messages(input).flatMap(({ entity }) => entity)
const vehicles = ({ positions }: Published): readonly Vehicle[] =>
  positions.entity.flatMap(({ vehicle }) => vehicle ?? [])
const tripUpdates = ({ updates }: Published): readonly Update[] =>
  updates.entity.flatMap(({ tripUpdate }) => tripUpdate ?? [])
const descriptors = (input: Published): readonly Descriptor[] => [
  ...vehicles(input).flatMap(({ trip }) => trip ?? []),
  ...tripUpdates(input).flatMap(({ trip }) => trip ?? []),
]
const alertsOf = ({ alerts }: Published) => alerts.entity.flatMap(({ alert }) => alert ?? [])
const selectors = (input: Published) => alertsOf(input).flatMap(({ informedEntity }) => informedEntity ?? [])
const stopUpdates = ({ stopTimeUpdate }: Update) => stopTimeUpdate ?? []
const headers = (input: Published) => messages(input).map(({ header }) => header)
const has = (value: object, member: string): boolean => Object.hasOwn(value, member)

const times = (input: Published): readonly number[] => [
  ...headers(input).map(({ timestamp }) => Number(timestamp)),
  ...vehicles(input).map(({ timestamp }) => Number(timestamp)),
  ...tripUpdates(input).map(({ timestamp }) => Number(timestamp)),
]

const isHeadway = (trip: Trip | undefined): boolean => trip?.frequencies.some(({ exact }) => !exact) === true
const isExact = (trip: Trip | undefined): boolean =>
  trip !== undefined && trip.frequencies.length > 0 && !isHeadway(trip)

/** True when every pair of neighbours holds. */
function everyPair<T>(values: readonly T[], holds: (a: T, b: T) => boolean): boolean {
  return values.slice(1).every((value, index) => {
    const before = values[index]
    return before === undefined || holds(before, value)
  })
}

const arrivalOf = (update: ReturnType<typeof stopUpdates>[number]): number =>
  Number(update.arrival?.time ?? Number.NaN)

function lineOffsetM(feed: GtfsFeed, { trip, position }: Vehicle): number {
  const line = feed.trips.get(trip?.tripId ?? '')?.line
  if (line === undefined || position == null) return 0
  return nearPlaces(line, { lat: position.latitude, lon: position.longitude }, 0).leastM
}

function isFarFromAll(feed: GtfsFeed, { position }: Vehicle): boolean {
  if (position == null) return false
  const place = { lat: position.latitude, lon: position.longitude }
  return [...feed.trips.values()].every(({ line }) => nearPlaces(line, place, 0).leastM > 1_609)
}

/** True where the rule is kept. */
export const RULES: Readonly<Record<string, Rule>> = {
  // W001, E048, E049, E038, E039: the header and whole snapshots.
  W001: (input) => times(input).every((time) => time > 0),
  W002: (input) => vehicles(input).every(({ vehicle }) => (vehicle?.id ?? '') !== ''),
  W003: (input) => {
    const positioned = new Set(vehicles(input).flatMap(({ trip }) => trip?.tripId ?? []))
    const updated = new Set(tripUpdates(input).flatMap(({ trip }) => trip?.tripId ?? []))
    return positioned.size === updated.size && [...positioned].every((trip) => updated.has(trip))
  },
  W004: (input) => vehicles(input).every(({ position }) => (position?.speed ?? 0) <= 26),
  W005: (input) =>
    tripUpdates(input).every(
      ({ trip, vehicle }) =>
        !isHeadway(input.feed.trips.get(trip?.tripId ?? '')) || (vehicle?.id ?? '') !== '',
    ),
  W006: (input) => tripUpdates(input).every(({ trip }) => (trip?.tripId ?? '') !== ''),
  W008: (input) => headers(input).every(({ timestamp }) => input.nowS - Number(timestamp) <= 65),
  W009: (input) =>
    descriptors(input).every((trip) => has(trip, 'scheduleRelationship')) &&
    tripUpdates(input)
      .flatMap(stopUpdates)
      .every((update) => has(update, 'scheduleRelationship')),
  E001: (input) => times(input).every((time) => time >= POSIX_FIRST && time <= POSIX_LAST),
  E002: (input) =>
    tripUpdates(input).every((update) =>
      everyPair(stopUpdates(update), (a, b) => (a.stopSequence ?? 0) < (b.stopSequence ?? 0)),
    ),
  E003: (input) => descriptors(input).every(({ tripId }) => input.feed.trips.has(tripId ?? '')),
  E004: (input) =>
    [...descriptors(input), ...selectors(input)].every(
      ({ routeId }) => routeId == null || routeId === '' || input.feed.routes.has(routeId),
    ),
  E006: (input) =>
    descriptors(input).every(
      ({ tripId, startDate, startTime }) =>
        !isHeadway(input.feed.trips.get(tripId ?? '')) ||
        ((startDate ?? '') !== '' && (startTime ?? '') !== ''),
    ),
  E009: (input) =>
    tripUpdates(input).every((update) => {
      const stops = input.feed.trips.get(update.trip?.tripId ?? '')?.stops.map(({ stop }) => stop) ?? []
      const isTwice = new Set(stops).size < stops.length
      return !isTwice || stopUpdates(update).every((one) => has(one, 'stopSequence'))
    }),
  E011: (input) =>
    tripUpdates(input)
      .flatMap(stopUpdates)
      .every(({ stopId }) => stopId == null || input.feed.stops.has(stopId)),
  E012: (input) =>
    messages(input).every(({ header, entity }) =>
      entity.every(
        ({ vehicle, tripUpdate }) =>
          Math.max(Number(vehicle?.timestamp ?? 0), Number(tripUpdate?.timestamp ?? 0)) <=
          Number(header.timestamp),
      ),
    ),
  E013: (input) =>
    descriptors(input).every(
      ({ tripId, scheduleRelationship }) =>
        !isHeadway(input.feed.trips.get(tripId ?? '')) || scheduleRelationship === TRIP.UNSCHEDULED,
    ),
  E015: (input) =>
    tripUpdates(input)
      .flatMap(stopUpdates)
      .every(({ stopId }) => (input.feed.stops.get(stopId ?? '')?.locationType ?? 0) === 0),
  E016: (input) =>
    descriptors(input).every(({ scheduleRelationship }) => scheduleRelationship !== TRIP.ADDED),
  E017: (input) =>
    input.before === null ||
    messages(input).every((message, index) => {
      const before = messages(input.before ?? input)[index]
      const isSameTime = Number(before?.header.timestamp) === Number(message.header.timestamp)
      return !isSameTime || bytesOf(before) === bytesOf(message)
    }),
  E018: (input) =>
    input.before === null ||
    headers(input).every(
      ({ timestamp }, index) =>
        Number(timestamp) >= Number(headers(input.before ?? input)[index]?.timestamp ?? 0),
    ),
  E019: (input) =>
    descriptors(input).every(({ tripId, startTime }) => {
      const trip = input.feed.trips.get(tripId ?? '')
      if (trip === undefined || !isExact(trip)) return true
      const second = parseGtfsTime(startTime ?? '')
      return trip.frequencies.some((frequency) => frequencyStarts(frequency).includes(second ?? -1))
    }),
  E020: (input) =>
    descriptors(input).every(
      ({ startTime }) => startTime == null || /^\d\d:[0-5]\d:[0-5]\d$/.test(startTime),
    ),
  E021: (input) => descriptors(input).every(({ startDate }) => startDate == null || isServiceDate(startDate)),
  E022: (input) =>
    tripUpdates(input).every((update) =>
      everyPair(stopUpdates(update), (a, b) => arrivalOf(a) < arrivalOf(b)),
    ),
  E023: (input) =>
    descriptors(input).every(({ tripId, startTime }) => {
      const trip = input.feed.trips.get(tripId ?? '')
      if (trip === undefined || trip.frequencies.length > 0) return true
      return startTime === formatGtfsTime(trip.firstDepartureS + (trip.stops[0]?.arrivalS ?? 0))
    }),
  E024: (input) =>
    descriptors(input).every(
      ({ tripId, directionId }) =>
        directionId == null || input.feed.trips.get(tripId ?? '')?.direction === directionId,
    ),
  E025: (input) =>
    tripUpdates(input)
      .flatMap(stopUpdates)
      .every(
        ({ arrival, departure }) =>
          arrival?.time == null || departure?.time == null || Number(arrival.time) <= Number(departure.time),
      ),
  E026: (input) =>
    vehicles(input).every(
      ({ position }) =>
        position != null && Math.abs(position.latitude) <= 90 && Math.abs(position.longitude) <= 180,
    ),
  E027: (input) =>
    vehicles(input).every(({ position }) => (position?.bearing ?? 0) >= 0 && (position?.bearing ?? 0) <= 360),
  E028: (input) => vehicles(input).every((vehicle) => !isFarFromAll(input.feed, vehicle)),
  E029: (input) => vehicles(input).every((vehicle) => lineOffsetM(input.feed, vehicle) <= 200),
  E030: (input) =>
    selectors(input).every(
      ({ trip, routeId }) =>
        !trip?.tripId || !routeId || input.feed.trips.get(trip.tripId)?.route === routeId,
    ),
  E031: (input) =>
    selectors(input).every(({ trip, routeId }) => !trip?.routeId || !routeId || trip.routeId === routeId),
  E032: (input) => alertsOf(input).every(({ informedEntity }) => (informedEntity ?? []).length > 0),
  E033: (input) =>
    selectors(input).every(
      (selector) =>
        [selector.agencyId, selector.routeId, selector.trip?.tripId, selector.stopId].some(Boolean) ||
        has(selector, 'routeType'),
    ),
  // No agency is named.
  E034: (input) => selectors(input).every(({ agencyId }) => !agencyId),
  E035: (input) =>
    descriptors(input).every(
      ({ tripId, routeId }) => routeId == null || input.feed.trips.get(tripId ?? '')?.route === routeId,
    ),
  E036: (input) =>
    tripUpdates(input).every((update) =>
      everyPair(stopUpdates(update), (a, b) => a.stopSequence !== b.stopSequence),
    ),
  E037: (input) =>
    tripUpdates(input).every((update) => everyPair(stopUpdates(update), (a, b) => a.stopId !== b.stopId)),
  E038: (input) => headers(input).every(({ gtfsRealtimeVersion }) => gtfsRealtimeVersion === '2.0'),
  E039: (input) => entities(input).every(({ isDeleted }) => isDeleted !== true),
  E040: (input) =>
    tripUpdates(input)
      .flatMap(stopUpdates)
      .every((update) => has(update, 'stopSequence') || has(update, 'stopId')),
  E041: (input) => tripUpdates(input).every((update) => stopUpdates(update).length > 0),
  E042: (input) =>
    tripUpdates(input)
      .flatMap(stopUpdates)
      .every(
        ({ scheduleRelationship, arrival, departure }) =>
          scheduleRelationship !== STOP.NO_DATA || (arrival == null && departure == null),
      ),
  E043: (input) =>
    tripUpdates(input)
      .flatMap(stopUpdates)
      .every(
        ({ scheduleRelationship, arrival, departure }) =>
          scheduleRelationship === STOP.NO_DATA || arrival != null || departure != null,
      ),
  E044: (input) =>
    tripUpdates(input)
      .flatMap(stopUpdates)
      .every(({ arrival }) => arrival == null || has(arrival, 'time') || has(arrival, 'delay')),
  E045: (input) =>
    tripUpdates(input).every((update) =>
      stopUpdates(update).every(
        ({ stopId, stopSequence }) => stopAt(input.feed, update, stopSequence)?.stop === stopId,
      ),
    ),
  E047: (input) => {
    const tripsOf = new Map(vehicles(input).map(({ vehicle, trip }) => [vehicle?.id, trip?.tripId]))
    return tripUpdates(input).every(({ vehicle, trip }) => tripsOf.get(vehicle?.id) === trip?.tripId)
  },
  E048: (input) => headers(input).every((header) => has(header, 'timestamp')),
  E049: (input) => headers(input).every((header) => has(header, 'incrementality')),
  E050: (input) => times(input).every((time) => time <= input.nowS + 60),
  E051: (input) =>
    tripUpdates(input).every((update) =>
      stopUpdates(update).every(({ stopSequence }) => stopAt(input.feed, update, stopSequence) !== undefined),
    ),
  E052: (input) => {
    const ids = vehicles(input).map(({ vehicle }) => vehicle?.id)
    return new Set(ids).size === ids.length
  },
}

function stopAt(feed: GtfsFeed, { trip }: Update, sequence: number | null | undefined) {
  return feed.trips.get(trip?.tripId ?? '')?.stops.find((stop) => stop.sequence === sequence)
}

function bytesOf(message: FeedMessage | undefined): string {
  return message === undefined ? '' : Buffer.from(rt.FeedMessage.encode(message).finish()).toString('hex')
}

/** Numbers of the rules that are broken. */
export function brokenRules(input: RuleInput): readonly string[] {
  return Object.entries(RULES).flatMap(([rule, isKept]) => (isKept(input) ? [] : [rule]))
}

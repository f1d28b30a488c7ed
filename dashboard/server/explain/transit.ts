// Explains the next arrival of a route at a stop (domain C3, C6, C7): from which vehicle, where it was and when, what ways and stands take
// now; or, where none is on its way, the headway and why there is no more to tell.

import type { ArrivalsAnswer } from '../../../contract/api.ts'
import type { Explanation, ExplanationInput } from '../../../contract/explain.ts'
import { formatTime, HOUR, MINUTE, SECOND } from '../../../contract/time.ts'
import { formatGtfsTime } from '../../../domain/transit/gtfs-time.ts'
import { type ArrivalSource, arrivalsAt, type LiveArrival, liveArrivals } from '../arrivals.ts'
import type { Context } from '../context.ts'
import { wrongParameter } from '../refusal.ts'
import { arrivalSourceFor } from '../routes/transit.ts'
import { type Explainer, oneOf, type Question, readingsPath } from './explainer.ts'
import { explainHeadway } from './headway.ts'
import { RULES } from './rules.ts'

type Arrival = ArrivalsAnswer['arrivals'][number]

const VALUE = 'arrival'

export const transit: Explainer = {
  valuesOf: () => [],
  explain: (_context, device) => Promise.reject(new Error(`no value of ${device.id} is explained here`)),
  explainStop: async (context, stop, question) => {
    if (!context.transit.stops.some(({ id }) => id === stop)) return null
    if (question.value === 'headway') return explainHeadway(context, stop, question)
    return question.value === VALUE ? explainArrival(context, stop, question) : null
  },
}

/** Null when nothing comes to the stop within the hour. */
function explainArrival(context: Context, stop: string, question: Question): Explanation | null {
  const now = context.clock.now()
  if (now - question.at > MINUTE) throw wrongParameter('at', 'an arrival is explained as it is now')
  const source = arrivalSourceFor(context, question.audience, now)
  const arrival = arrivalsAt(source, stop).find(
    ({ route }) => question.route === null || route === question.route,
  )
  if (arrival === undefined) return null
  const name = nameOf(source.feed, stop) ?? stop
  const subject = { stop, route: arrival.route, name, value: VALUE }
  const live = liveArrivals(source, stop).find(({ vehicle }) => vehicle.id === arrival.vehicle)
  return {
    subject,
    time: formatTime(now),
    ...(live === undefined ? ofPlan(source, stop, arrival) : ofVehicle(source, live)),
  }
}

type Answer = Omit<Explanation, 'subject' | 'time'>

function ofVehicle({ feed, runs, now }: ArrivalSource, { vehicle, run, ahead }: LiveArrival): Answer {
  const { trip, place, start, delayS, ownPace } = run
  const stopsAhead = trip.stops.filter(
    ({ alongM, sequence }) => alongM > place.alongM && sequence <= ahead.stop.sequence,
  )
  return {
    value: formatTime(ahead.time),
    unit: 'time',
    rule: delayS === null ? RULES['arrival-live'] : RULES['arrival-delay'],
    inputs: [
      { name: 'vehicle', value: vehicle.id },
      { name: 'trip', value: trip.id },
      { name: 'run_start', value: `${start.date} ${formatGtfsTime(start.second)}` },
      { name: 'last_fix', value: formatTime(place.time), unit: 'time' },
      { name: 'fix_age', value: Math.round((now - place.time) / SECOND), unit: 's' },
      measure('matched_distance', place.alongM, 'm'),
      ...(vehicle.transit?.offsetM == null
        ? []
        : [measure('offset_from_route', vehicle.transit.offsetM, 'm')]),
      measure('distance_to_stop', ahead.stop.alongM - place.alongM, 'm'),
      { name: 'stops_until_then', value: stopsAhead.length, unit: 'count' },
      ...(delayS === null || ahead.scheduled === null
        ? []
        : [
            { name: 'delay', value: delayS, unit: 's' },
            { name: 'timetable', value: formatTime(ahead.scheduled), unit: 'time' },
          ]),
      ...(ownPace === null
        ? []
        : [
            ratio('route_pace', runs.travelTimes.pace(trip, now)),
            ratio('own_way_share', ownPace.run),
            ratio('own_stand_share', ownPace.dwell),
          ]),
      { name: 'earliest', value: formatTime(ahead.low), unit: 'time' },
      { name: 'latest', value: formatTime(ahead.high), unit: 'time' },
      ...(run.isWaiting ? [{ name: 'waits_at', value: nameOf(feed, trip.stops[0]?.stop) }] : []),
    ],
    completeness: oneOf(true),
    readings: readingsPath(vehicle.id, ['speed'], now - HOUR, now + MINUTE),
  }
}

function ofPlan({ runs, now }: ArrivalSource, stop: string, arrival: Arrival): Answer {
  const { basis, route, direction, headway_s, reporting, predicted, scheduled } = arrival
  const readings = `/api/v1/transit/routes/${encodeURIComponent(route)}/headways`
  if (basis === 'schedule') {
    return {
      value: scheduled ?? null,
      unit: 'time',
      rule: RULES['arrival-timetable'],
      inputs: [{ name: 'trip', value: arrival.trip }],
      completeness: oneOf(false),
      reason: 'no_vehicle_on_its_way',
      readings,
    }
  }
  const last = runs.departures(route, direction === 1 ? 1 : 0, stop, now).at(-1)
  return {
    value: predicted ?? null,
    unit: 'time',
    rule: RULES['arrival-headway'],
    inputs: [
      ...(headway_s === undefined ? [] : [{ name: 'headway', value: headway_s, unit: 's' }]),
      ...(last === undefined
        ? []
        : [
            { name: 'last_departure', value: formatTime(last.time), unit: 'time' },
            { name: 'vehicle', value: last.vehicle },
          ]),
      { name: 'vehicles_reporting', value: reporting ?? 0, unit: 'count' },
    ],
    completeness: oneOf(false),
    reason: (reporting ?? 0) === 0 ? 'no_vehicle_reporting' : 'no_vehicle_on_its_way',
    readings,
  }
}

function measure(name: string, value: number, unit: string): ExplanationInput {
  return { name, value: Math.round(value * 10) / 10, unit }
}

function ratio(name: string, value: number): ExplanationInput {
  return { name, value: Math.round(value * 100) / 100, unit: '1' }
}

function nameOf({ stops }: ArrivalSource['feed'], stop: string | undefined): string | null {
  return stop === undefined ? null : (stops.get(stop)?.name ?? stop)
}

// Rules of time zones, distances and transit (A9, C1 to C11) as the door offers them.

import { formatTime, parseTime, SECOND, type TimeMs } from '../../contract/time.ts'
import { bearingDeg, haversineM, type LatLon } from '../geo/geodesy.ts'
import { dayStart, isTimeZone, localDay, nextDate } from '../time-zone.ts'
import { predictArrivals } from '../transit/arrival.ts'
import { frequencyStarts, isFrequencyStart, timesOfRun } from '../transit/frequencies.ts'
import { formatGtfsTime, isServiceDate, parseGtfsTime, serviceTime } from '../transit/gtfs-time.ts'
import { headwayStatistics } from '../transit/headway.ts'
import { matchToShape, NO_PROGRESS, type Progress } from '../transit/match.ts'
import { occupancyOf } from '../transit/occupancy.ts'
import { isFuture, isStale, punctuality } from '../transit/punctuality.ts'
import { delaysOfStops } from '../transit/realtime-delays.ts'
import { servicesOn } from '../transit/service-days.ts'
import { projections, shapeLine } from '../transit/shape-line.ts'
import { interpolateStops } from '../transit/stop-times.ts'
import { type Rule, rule } from './rule.ts'
import {
  checked,
  count,
  countAboveZero,
  latitude,
  length,
  list,
  longitude,
  notNegative,
  number,
  type Of,
  object,
  oneOf,
  optional,
  orNull,
  positive,
  type Shape,
  text,
  textAs,
  tuple,
  whole,
} from './shape.ts'

const timezone = textAs('an IANA time zone is taken, such as Asia/Jakarta', (zone) =>
  isTimeZone(zone) ? zone : null,
)
/** Years that the platform's zones and its four digits are good for. */
const isKnownYear = (year: number): boolean => year >= 1_900 && year <= 9_998

const isKnownDate = (date: string): boolean => isServiceDate(date) && isKnownYear(Number(date.slice(0, 4)))

const localDate = textAs('a date of 1900 to 9998 is taken, such as 2026-11-24', (date) =>
  /^\d{4}-\d{2}-\d{2}$/.test(date) && isKnownDate(date.replaceAll('-', '')) ? date : null,
)
const serviceDate = textAs('a date of 1900 to 9998 is taken, such as 20261124', (date) =>
  isKnownDate(date) ? date : null,
)
const gtfsTime = textAs('a time of GTFS is taken, such as 24:10:00', parseGtfsTime)
const time: Shape<TimeMs> = textAs('a time of RFC 3339 with an offset is taken, of 1900 to 9998', (value) => {
  const parsed = parseTime(value)
  return parsed.ok && isKnownYear(Number(value.slice(0, 4))) ? parsed.time : null
})

/** A flag of a GTFS table, as number or as its text. */
const yesNo: Shape<boolean> = (value, member) => {
  const read = oneOf([0, 1, '0', '1'])(value, member)
  return read.ok ? { ok: true, value: Number(read.value) === 1 } : read
}

const calendarRow = object({
  service_id: text,
  monday: yesNo,
  tuesday: yesNo,
  wednesday: yesNo,
  thursday: yesNo,
  friday: yesNo,
  saturday: yesNo,
  sunday: yesNo,
  start_date: serviceDate,
  end_date: serviceDate,
})

const servicesInput = object({
  calendar: list(calendarRow),
  calendar_dates: list(
    object({ service_id: text, date: serviceDate, exception_type: oneOf([1, 2, '1', '2']) }),
  ),
  date: serviceDate,
})

function services({ calendar, calendar_dates, date }: Of<typeof servicesInput>): readonly string[] {
  const weeks = calendar.map((row) => ({
    service: row.service_id,
    weekdays: [row.monday, row.tuesday, row.wednesday, row.thursday, row.friday, row.saturday, row.sunday],
    start: row.start_date,
    end: row.end_date,
  }))
  const exceptions = calendar_dates.map((row) => ({
    service: row.service_id,
    date: row.date,
    change: Number(row.exception_type) === 1 ? ('added' as const) : ('removed' as const),
  }))
  return servicesOn({ weeks, exceptions }, date)
}

const repeat = { start_time: gtfsTime, end_time: gtfsTime, headway_secs: countAboveZero }
const two = object({ lat1: latitude, lon1: longitude, lat2: latitude, lon2: longitude })

const ends = ({ lat1, lon1, lat2, lon2 }: Of<typeof two>): readonly [LatLon, LatLon] => [
  { lat: lat1, lon: lon1 },
  { lat: lat2, lon: lon2 },
]

const shape = list(tuple(latitude, longitude), { least: 2 })

const lineOf = (points: Of<typeof shape>) => shapeLine(points.map(([lat, lon]) => ({ lat, lon })))

const matchInput = object({
  shape,
  points: list(tuple(latitude, longitude, number)),
  tolerance_m: notNegative,
  back_m: notNegative,
  vmax_ms: notNegative,
})

function progressOf(input: Of<typeof matchInput>): readonly (number | null)[] {
  const line = lineOf(input.shape)
  const matchRule = { toleranceM: input.tolerance_m, slackM: input.back_m, fastestMs: input.vmax_ms }
  let progress: Progress = NO_PROGRESS
  return input.points.map(([lat, lon, second]) => {
    const match = matchToShape(line, { lat, lon }, second * SECOND, progress, matchRule)
    progress = match.progress
    return match.matched ? progress.alongM : null
  })
}

const predictInput = object({
  stops: list(object({ dist: number, arr: number, dep: number, timepoint: optional(oneOf([0, 1])) }), {
    least: 1,
  }),
  along_m: number,
  time_s: number,
  min_dwell_s: notNegative,
  at_stop_m: notNegative,
})

function prediction(input: Of<typeof predictInput>) {
  const stops = input.stops.map(({ dist, arr, dep, timepoint }) => ({
    alongM: dist,
    arrivalS: arr,
    departureS: dep,
    timepoint: timepoint === 1,
  }))
  const fix = { alongM: input.along_m, timeS: input.time_s }
  const stopRule = { atStopM: input.at_stop_m, leastDwellS: input.min_dwell_s }
  const { delayS, arrivals } = predictArrivals(stops, fix, input.time_s, stopRule)
  return {
    delay_s: delayS,
    arrivals: arrivals.map(({ index, arrivalS }) => ({ dist: stops[index]?.alongM, arrival: arrivalS })),
  }
}

const delaysInput = object({
  stops: length,
  updates: list(
    object({
      stop_sequence: count,
      delay: optional(whole),
      relationship: optional(oneOf(['SCHEDULED', 'SKIPPED', 'NO_DATA'])),
    }),
  ),
})

const occupancyInput = object({
  passengers: optional(count),
  seats: optional(count),
  capacity: optional(count),
})

const stopsInRising = checked(list(object({ dist: orNull(number), time: orNull(gtfsTime) })), (stops) => {
  const falling = stops.findIndex(({ dist }, index) => {
    const before = stops[index - 1]?.dist ?? null
    return dist !== null && before !== null && dist < before
  })
  return falling < 0 ? null : { member: `[${falling}].dist`, rule: 'distances do not fall' }
})

export const transitRules = {
  local_day: rule(object({ date: localDate, timezone }), ({ date, timezone }) => ({
    from: formatTime(dayStart(date, timezone)),
    to: formatTime(dayStart(nextDate(date), timezone)),
  })),
  date_of: rule(object({ time, timezone }), ({ time, timezone }) => localDay(time, timezone)),
  service_days: rule(servicesInput, services),
  service_time: rule(object({ service_date: serviceDate, time: gtfsTime, timezone }), (input) =>
    formatTime(serviceTime(input.service_date, input.time, input.timezone)),
  ),
  frequency_starts: rule(object(repeat), ({ start_time, end_time, headway_secs }) =>
    frequencyStarts({ startS: start_time, endS: end_time, headwayS: headway_secs }).map(formatGtfsTime),
  ),
  frequency_times: rule(object({ start_time: gtfsTime, stop_times: list(gtfsTime) }), (input) =>
    timesOfRun(input.start_time, input.stop_times).map(formatGtfsTime),
  ),
  frequency_start_ok: rule(object({ ...repeat, trip_start: gtfsTime }), (input) =>
    isFrequencyStart(
      { startS: input.start_time, endS: input.end_time, headwayS: input.headway_secs },
      input.trip_start,
    ),
  ),
  interpolate_stops: rule(object({ stops: stopsInRising }), ({ stops }) =>
    interpolateStops(
      stops.map(({ dist, time }) => ({ arrivalS: time, departureS: time, distance: dist })),
    ).map((times) => (times === null ? null : formatGtfsTime(times.arrivalS))),
  ),
  haversine: rule(two, (places) => haversineM(...ends(places))),
  bearing: rule(two, (places) => bearingDeg(...ends(places))),
  project: rule(object({ shape, lat: latitude, lon: longitude }), ({ shape, lat, lon }) => {
    const nearest = projections(lineOf(shape), { lat, lon }).reduce((a, b) => (b.offsetM < a.offsetM ? b : a))
    return { along_m: nearest.alongM, offset_m: nearest.offsetM }
  }),
  match_progress: rule(matchInput, progressOf),
  predict: rule(predictInput, prediction),
  rt_delays: rule(delaysInput, ({ stops, updates }) =>
    delaysOfStops(
      Array.from({ length: stops }, (_, index) => index + 1),
      updates.map(({ stop_sequence, delay, relationship }) => ({
        stopSequence: stop_sequence,
        delayS: delay,
        relationship: relationship ?? 'SCHEDULED',
      })),
    ),
  ),
  headway: rule(
    object({ departures_s: list(number), scheduled_headway_s: positive }),
    ({ departures_s, scheduled_headway_s }) => {
      const statistics = headwayStatistics(departures_s, scheduled_headway_s)
      if (statistics === null) return null
      return {
        mean_s: statistics.meanS,
        cv: statistics.cv,
        awt_s: statistics.expectedWaitS,
        swt_s: statistics.scheduledWaitS,
        ewt_s: statistics.excessWaitS,
        bunched: statistics.bunched,
        gaps: statistics.gaps,
        los: statistics.grade,
      }
    },
    'fewer_than_3_departures',
  ),
  on_time: rule(object({ delays_s: list(number) }), ({ delays_s }) => {
    const { early, onTime, late, share } = punctuality(delays_s)
    return { early, on_time: onTime, late, share }
  }),
  stale: rule(object({ position_time: number, now: number }), ({ position_time, now }) => {
    const [position, clock] = [position_time * SECOND, now * SECOND]
    return { age_s: now - position_time, stale: isStale(position, clock), future: isFuture(position, clock) }
  }),
  occupancy: rule(occupancyInput, ({ passengers, seats, capacity }) =>
    passengers === null
      ? { status: 'NO_DATA_AVAILABLE', percentage: null }
      : occupancyOf({ passengers, seats, capacity }),
  ),
} as const satisfies Readonly<Record<string, Rule>>

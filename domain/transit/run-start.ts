// When a vehicle's run of a trip began, which names the run (GTFS-realtime TripDescriptor: start_date and start_time). A trip with a
// timetable begins when the timetable says, at the start that makes the vehicle least late or early; a trip that runs by headway has
// no other start than the one observed (domain C3).

import { MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { delayAt, scheduledSecond } from './arrival.ts'
import { frequencyStarts, hasTimetable, headwayAt } from './frequencies.ts'
import type { GtfsFeed, Trip } from './gtfs.ts'
import { type ServiceDate, type ServiceSecond, serviceSecondsAt, serviceTime } from './gtfs-time.ts'
import type { PlaceAtTime } from './stop-passes.ts'

export interface RunStart {
  readonly date: ServiceDate
  /** Of the service day; may be beyond 24 h. */
  readonly second: number
  readonly time: TimeMs
  /** False where it was observed, since the trip runs by headway. */
  readonly isScheduled: boolean
}

/** Of a vehicle that is at a place of the trip; null when the trip's timetable has no run on these days. */
export function runStart(feed: GtfsFeed, trip: Trip, place: PlaceAtTime): RunStart | null {
  return hasTimetable(trip.frequencies) ? scheduledStart(feed, trip, place) : observedStart(feed, trip, place)
}

/** Seconds of the service day at which a trip with a timetable starts. */
export function scheduledStarts(trip: Trip): readonly number[] {
  return trip.frequencies.length === 0 ? [trip.firstDepartureS] : trip.frequencies.flatMap(frequencyStarts)
}

function scheduledStart(feed: GtfsFeed, trip: Trip, { alongM, time }: PlaceAtTime): RunStart | null {
  const starts = serviceSecondsAt(time, feed.timezone)
    .filter(({ date }) => feed.servicesOn(date).has(trip.service))
    .flatMap(({ date, second }) =>
      scheduledStarts(trip).map((startS) => ({
        date,
        second: startS,
        lateS: Math.abs(delayAt(trip.stops, { alongM, timeS: second - startS })),
      })),
    )
  const [first, ...others] = starts
  if (first === undefined) return null
  const { date, second } = others.reduce((a, b) => (b.lateS < a.lateS ? b : a), first)
  return { date, second, time: serviceTime(date, second, feed.timezone), isScheduled: true }
}

/** To the minute: by the template, how long ago it left the first stop. */
function observedStart(feed: GtfsFeed, trip: Trip, { alongM, time }: PlaceAtTime): RunStart | null {
  const left = time - Math.max(0, scheduledSecond(trip.stops, alongM)) * SECOND
  const start = Math.floor(left / MINUTE) * MINUTE
  const days = serviceSecondsAt(start, feed.timezone)
  const runs = days.filter(({ date }) => feed.servicesOn(date).has(trip.service))
  const promised = runs.find(({ second }) => headwayAt(trip.frequencies, second) !== null)
  // A vehicle runs when it runs, even outside its hours: then it is of the day that has the service, or of today.
  const day: ServiceSecond | undefined = promised ?? runs[0] ?? days[0]
  if (day === undefined) return null
  return { date: day.date, second: Math.floor(day.second), time: start, isScheduled: false }
}

// Which services run on a day (domain C1): the weekdays of calendar.txt within its dates, then the day's own additions and
// removals of calendar_dates.txt. A service may live in the latter alone. Source: google/transit, Schedule Reference.

import { type FeedTables, readRows } from './feed-tables.ts'
import { type ServiceDate, weekdayOf } from './gtfs-time.ts'

export interface ServiceWeek {
  readonly service: string
  /** Whether it runs, Monday to Sunday. */
  readonly weekdays: readonly boolean[]
  /** First day, included. */
  readonly start: ServiceDate
  /** Last day, included. */
  readonly end: ServiceDate
}

export interface ServiceException {
  readonly service: string
  readonly date: ServiceDate
  readonly change: 'added' | 'removed'
}

export interface ServiceCalendar {
  readonly weeks: readonly ServiceWeek[]
  readonly exceptions: readonly ServiceException[]
}

/** Ids of the services that run on a service day, sorted. The night trips of the day before are that day's, not this one's. */
export function servicesOn({ weeks, exceptions }: ServiceCalendar, date: ServiceDate): readonly string[] {
  const weekday = weekdayOf(date)
  const running = new Set(
    weeks
      // Dates of this form are in the order of their text.
      .filter(({ start, end, weekdays }) => start <= date && date <= end && weekdays[weekday] === true)
      .map(({ service }) => service),
  )
  for (const exception of exceptions) {
    if (exception.date !== date) continue
    if (exception.change === 'added') running.add(exception.service)
    else running.delete(exception.service)
  }
  return [...running].sort()
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** calendar.txt and calendar_dates.txt; an exception of another type than 1 and 2 is none. */
export function readCalendar(tables: FeedTables): ServiceCalendar {
  return {
    weeks: readRows(tables, 'calendar.txt', ['service_id', 'start_date', 'end_date', ...WEEKDAYS]).map(
      (row) => ({
        service: row.service_id,
        weekdays: WEEKDAYS.map((day) => row[day] === '1'),
        start: row.start_date,
        end: row.end_date,
      }),
    ),
    exceptions: readRows(tables, 'calendar_dates.txt', ['service_id', 'date', 'exception_type']).flatMap(
      (row) => {
        if (row.exception_type !== '1' && row.exception_type !== '2') return []
        const change = row.exception_type === '1' ? 'added' : 'removed'
        return [{ service: row.service_id, date: row.date, change } as const]
      },
    ),
  }
}

import { describe, expect, it } from 'vitest'
import { readCalendar, servicesOn } from './service-days.ts'

// The calendar of vectors transit-service_days (GTFS reference, calendar.txt and calendar_dates.txt), as a feed holds it.
const calendar = readCalendar(
  new Map([
    [
      'calendar.txt',
      {
        header:
          'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date'.split(
            ',',
          ),
        rows: ['WK,1,1,1,1,1,0,0,20260101,20261231', 'WE,0,0,0,0,0,1,1,20260101,20261231'].map((line) =>
          line.split(','),
        ),
      },
    ],
    [
      'calendar_dates.txt',
      {
        header: ['service_id', 'date', 'exception_type'],
        rows: [
          ['WK', '20260817', '2'],
          ['WE', '20260817', '1'],
          ['SP', '20261231', '1'],
        ],
      },
    ],
  ]),
)

describe('services of a day', () => {
  it('run on their weekdays', () => {
    expect(servicesOn(calendar, '20261124')).toEqual(['WK'])
    expect(servicesOn(calendar, '20261129')).toEqual(['WE'])
  })

  it('run on the first and the last day, and not after it', () => {
    expect(servicesOn(calendar, '20260101')).toEqual(['WK'])
    expect(servicesOn(calendar, '20261231')).toEqual(['SP', 'WK'])
    expect(servicesOn(calendar, '20270104')).toEqual([])
  })

  it('are added and removed on a day, as on Independence Day', () => {
    expect(servicesOn(calendar, '20260817')).toEqual(['WE'])
  })

  it('may live in the additions alone', () => {
    expect(servicesOn(calendar, '20261231')).toContain('SP')
    expect(servicesOn({ weeks: [], exceptions: calendar.exceptions }, '20261231')).toEqual(['SP'])
  })

  it('are none on a text that is no date', () => {
    expect(servicesOn(calendar, '2026')).toEqual([])
  })
})

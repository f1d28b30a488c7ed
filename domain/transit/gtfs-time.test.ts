import { describe, expect, it } from 'vitest'
import { formatTime } from '../../contract/time.ts'
import {
  formatGtfsTime,
  isServiceDate,
  parseGtfsTime,
  serviceSecondsAt,
  serviceTime,
  weekdayOf,
} from './gtfs-time.ts'

const JAKARTA = 'Asia/Jakarta'
const NEW_YORK = 'America/New_York'

function timeOf(date: string, text: string, zone: string): string {
  return formatTime(serviceTime(date, parseGtfsTime(text) ?? Number.NaN, zone))
}

describe('a time of GTFS', () => {
  it('has one or two digits of hours, and hours beyond 24', () => {
    expect(parseGtfsTime('5:07:09')).toBe(18_429)
    expect(parseGtfsTime('05:07:09')).toBe(18_429)
    expect(parseGtfsTime('24:10:00')).toBe(87_000)
  })

  it.each(['', '5:7:09', '05:60:00', '05:00', '-1:00:00', '05:00:00 '])('is not %j', (text) => {
    expect(parseGtfsTime(text)).toBeNull()
  })

  it('is written with two digits of hours', () => {
    expect(formatGtfsTime(18_429)).toBe('05:07:09')
    expect(formatGtfsTime(87_000)).toBe('24:10:00')
  })
})

describe('the time of a second of the service day', () => {
  // Domain C2 and vectors transit-service_time-01 to 05.
  it.each([
    ['20261124', '23:59:30', JAKARTA, '2026-11-24T16:59:30.000Z'],
    ['20261124', '24:10:00', JAKARTA, '2026-11-24T17:10:00.000Z'],
    ['20261124', '25:35:00', JAKARTA, '2026-11-24T18:35:00.000Z'],
    ['20260310', '5:07:09', JAKARTA, '2026-03-09T22:07:09.000Z'],
    ['20260308', '08:00:00', NEW_YORK, '2026-03-08T12:00:00.000Z'],
  ])('on %s at %s in %s is %s', (date, text, zone, expected) => {
    expect(timeOf(date, text, zone)).toBe(expected)
  })

  it('counts from noon minus 12 h where the clock went back: 01:00 on the clock is second 0 (GTFS reference, Time)', () => {
    expect(timeOf('20261101', '00:00:00', NEW_YORK)).toBe('2026-11-01T05:00:00.000Z')
  })

  it('is none of a text that is no date', () => {
    expect(serviceTime('2026-11-24', 0, JAKARTA)).toBeNaN()
  })
})

describe('service days at a time', () => {
  it('are today and yesterday, whose night trips still run', () => {
    const tenPastMidnight = Date.parse('2026-11-24T17:10:00Z')
    expect(serviceSecondsAt(tenPastMidnight, JAKARTA)).toEqual([
      { date: '20261125', second: 600 },
      { date: '20261124', second: 87_000 },
    ])
  })

  it('pass over the first of January', () => {
    const seconds = serviceSecondsAt(Date.parse('2026-12-31T17:00:00Z'), JAKARTA)
    expect(seconds.map(({ date }) => date)).toEqual(['20270101', '20261231'])
  })

  it('include tomorrow in the hour before a day of which the clock skips one', () => {
    // 23:30 EST on 7 March is 30 minutes after noon EDT of the 8th minus 12 h.
    const seconds = serviceSecondsAt(Date.parse('2026-03-08T04:30:00Z'), NEW_YORK)
    expect(seconds[0]).toEqual({ date: '20260308', second: 1_800 })
  })

  it('do not include a day that has not begun by its own count', () => {
    // 00:30 EDT on 1 November lies before noon EST minus 12 h, 01:00 EDT: it is 24:30 of October's last day.
    const seconds = serviceSecondsAt(Date.parse('2026-11-01T04:30:00Z'), NEW_YORK)
    expect(seconds).toEqual([{ date: '20261031', second: 88_200 }])
  })
})

describe('a date of GTFS', () => {
  it('is a day that exists', () => {
    expect(isServiceDate('20240229')).toBe(true)
    expect(['20260229', '20261301', '2026-11-24', '2026112'].some(isServiceDate)).toBe(false)
  })

  it('has a weekday, Monday being 0', () => {
    expect(weekdayOf('20261124')).toBe(1)
    expect(weekdayOf('20261129')).toBe(6)
  })
})

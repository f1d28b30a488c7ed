import { describe, expect, it } from 'vitest'
import { dayStart, isTimeZone, localDay, nextDate, offsetMinutes } from './time-zone.ts'

const JAKARTA = 'Asia/Jakarta'
const utc = (text: string): number => Date.parse(text)

// Expected values: domain rule A9 and its vectors air-local_day and air-date_of (IANA time zone database).
describe('days of the village', () => {
  it('begin at 17:00 UTC of the day before in Jakarta', () => {
    expect(dayStart('2026-11-24', JAKARTA)).toBe(utc('2026-11-23T17:00:00Z'))
    expect(dayStart('2026-11-25', JAKARTA)).toBe(utc('2026-11-24T17:00:00Z'))
  })

  it('take the last millisecond before midnight as the day before', () => {
    expect(localDay(utc('2026-11-23T16:59:59.999Z'), JAKARTA)).toBe('2026-11-23')
    expect(localDay(utc('2026-11-23T17:00:00Z'), JAKARTA)).toBe('2026-11-24')
    expect(localDay(utc('2026-11-24T01:00:00Z'), JAKARTA)).toBe('2026-11-24')
  })

  it('last 23 hours where the clock goes forward', () => {
    expect(dayStart('2026-03-29', 'Europe/Berlin')).toBe(utc('2026-03-28T23:00:00Z'))
    expect(dayStart('2026-03-30', 'Europe/Berlin')).toBe(utc('2026-03-29T22:00:00Z'))
  })

  it('begin before UTC midnight even at UTC+14', () => {
    expect(dayStart('2026-11-24', 'Pacific/Kiritimati')).toBe(utc('2026-11-23T10:00:00Z'))
  })
})

describe('the offset of a zone', () => {
  it('is minutes ahead of UTC, half hours included', () => {
    expect(offsetMinutes(utc('2026-11-24T00:00:00Z'), JAKARTA)).toBe(420)
    expect(offsetMinutes(utc('2026-11-24T00:00:00Z'), 'Asia/Kolkata')).toBe(330)
    expect(offsetMinutes(utc('2026-07-01T00:00:00Z'), 'America/New_York')).toBe(-240)
  })

  it('is the same within a second', () => {
    expect(offsetMinutes(utc('2026-11-24T00:00:00.999Z'), JAKARTA)).toBe(420)
  })

  it('refuses a zone that does not exist', () => {
    expect(() => offsetMinutes(0, 'Asia/Nowhere')).toThrow(RangeError)
  })
})

// Expected values: the IANA time zone database.
describe('a day whose midnight the clock skips or repeats', () => {
  it('begins at one where the clock goes forward at midnight', () => {
    // Brazil, 2018-11-04: 00:00 -03 became 01:00 -02.
    expect(dayStart('2018-11-04', 'America/Sao_Paulo')).toBe(utc('2018-11-04T03:00:00Z'))
    // Lebanon, 2026-03-29: 00:00 +02 becomes 01:00 +03.
    expect(dayStart('2026-03-29', 'Asia/Beirut')).toBe(utc('2026-03-28T22:00:00Z'))
  })

  it('begins at the first midnight where the clock goes back over it', () => {
    // Cuba, 2026-11-01: 01:00 -04 becomes 00:00 -05.
    expect(dayStart('2026-11-01', 'America/Havana')).toBe(utc('2026-11-01T04:00:00Z'))
  })

  it('begins at its only midnight where the clock goes back to the evening before', () => {
    // Brazil, 2018-02-18: 00:00 -02 became 23:00 -03 of the 17th.
    expect(dayStart('2018-02-18', 'America/Sao_Paulo')).toBe(utc('2018-02-18T03:00:00Z'))
  })

  it('begins when the zone first shows its date, on every day of a year', () => {
    for (const zone of [
      'Asia/Jakarta',
      'Asia/Beirut',
      'America/Havana',
      'Australia/Lord_Howe',
      'America/St_Johns',
    ]) {
      for (let date = '2026-01-01'; date < '2027-01-01'; date = nextDate(date)) {
        const start = dayStart(date, zone)
        expect([zone, localDay(start, zone), localDay(start - 1, zone) < date]).toEqual([zone, date, true])
      }
    }
  })
})

describe('a date', () => {
  it('is followed by the next of the calendar', () => {
    expect([nextDate('2026-02-28'), nextDate('2028-02-28'), nextDate('2026-12-31')]).toEqual([
      '2026-03-01',
      '2028-02-29',
      '2027-01-01',
    ])
  })
})

describe('a name', () => {
  it('is that of a zone when the platform knows it', () => {
    expect(['Asia/Jakarta', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+7'].map(isTimeZone)).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(['', 'Asia/Jakata', '+07:00', 'Asia/../x'].map(isTimeZone)).toEqual([false, false, false, false])
  })
})

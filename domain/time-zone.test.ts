import { describe, expect, it } from 'vitest'
import { dayStart, localDay, offsetMinutes } from './time-zone.ts'

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

import { describe, expect, it, test } from 'vitest'
import { formatTime, parseDuration, parseTime } from './time.ts'

const NOON = Date.UTC(2026, 10, 24, 12, 0, 0)

describe('a time at the doors is RFC 3339 with an offset', () => {
  test.each([
    ['2026-11-24T12:00:00Z', NOON],
    ['2026-11-24T12:00:00.000Z', NOON],
    ['2026-11-24t12:00:00z', NOON],
    ['2026-11-24 12:00:00Z', NOON],
    ['2026-11-24T19:00:00+07:00', NOON],
    ['2026-11-24T06:30:00-05:30', NOON],
    ['2026-11-24T12:00:00.1234567Z', NOON + 123],
    ['2026-11-24T12:00:00.5Z', NOON + 500],
    // RFC 3339 section 5.7: a leap second is second 60, which is the next one's begin.
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1969-12-31T23:59:59.999Z', -1],
  ])('%s is taken', (text, time) => {
    expect(parseTime(text)).toEqual({ ok: true, time })
  })

  test.each([
    ['2026-11-24T12:00:00', 'offset missing'],
    ['yesterday', 'not RFC 3339'],
    ['', 'not RFC 3339'],
    ['2026-11-24', 'not RFC 3339'],
    ['2026-02-30T00:00:00Z', 'no such day'],
    ['2025-02-29T00:00:00Z', 'no such day'],
    ['2026-13-01T00:00:00Z', 'no such day'],
    ['2026-11-24T24:00:00Z', 'no such time of day'],
    ['2026-11-24T12:60:00Z', 'no such time of day'],
    ['2026-11-24T12:00:61Z', 'no such time of day'],
    ['2026-11-24T12:00:00+24:00', 'no such offset'],
  ])('%s is refused: %s', (text, detail) => {
    expect(parseTime(text)).toEqual({ ok: false, detail })
  })

  it('comes back as it went out', () => {
    for (const time of [0, NOON, NOON + 1, 253_402_300_799_999]) {
      expect(parseTime(formatTime(time))).toEqual({ ok: true, time })
    }
  })
})

describe('a span is a number and a unit', () => {
  test.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['30', null],
    ['d', null],
    ['-1d', null],
    ['1w', null],
    ['1 d', null],
  ])('%s is %s ms', (text, span) => {
    expect(parseDuration(text)).toBe(span)
  })
})

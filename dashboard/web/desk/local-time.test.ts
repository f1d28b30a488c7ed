import { describe, expect, it } from 'vitest'
import { linkedPeriod, localInput, monthPeriod, monthsUntil, timeOfInput } from './local-time.ts'

const utc = (text: string): number => Date.parse(`${text}:00Z`)

describe("the village's clock in a form", () => {
  // Asia/Jakarta is seven hours ahead of UTC, without summer time.
  it('goes there and back', () => {
    expect(localInput(utc('2026-11-24T08:30'), 'Asia/Jakarta')).toBe('2026-11-24T15:30')
    expect(timeOfInput('2026-11-24T15:30', 'Asia/Jakarta')).toBe(utc('2026-11-24T08:30'))
  })

  // Clocks in Berlin went forward on 29 March 2026 at 01:00 UTC.
  it('holds across a change of clocks', () => {
    for (const time of ['2026-03-29T00:30', '2026-03-29T01:30', '2026-03-29T12:00']) {
      expect(timeOfInput(localInput(utc(time), 'Europe/Berlin'), 'Europe/Berlin')).toBe(utc(time))
    }
  })

  it('is null for what is no time', () => {
    expect(timeOfInput('', 'Asia/Jakarta')).toBeNull()
    expect(timeOfInput('tomorrow', 'Asia/Jakarta')).toBeNull()
  })

  it('has months of the local date', () => {
    expect(monthPeriod('2026-12', 'Asia/Jakarta')).toEqual([utc('2026-11-30T17:00'), utc('2026-12-31T17:00')])
    expect(monthsUntil(utc('2026-01-31T18:00'), 'Asia/Jakarta', 3)).toEqual(['2026-02', '2026-01', '2025-12'])
  })

  it('reads a period of a link: local days with the last one whole, or times', () => {
    expect(linkedPeriod('2026-11-01', '2026-11-30', 'Asia/Jakarta')).toEqual(
      monthPeriod('2026-11', 'Asia/Jakarta'),
    )
    expect(linkedPeriod('2026-11-23T17:00:00Z', '2026-11-24', 'Asia/Jakarta')).toEqual([
      utc('2026-11-23T17:00'),
      utc('2026-11-24T17:00'),
    ])
    expect(linkedPeriod('2026-11-02', '2026-11-01', 'Asia/Jakarta')).toBeNull()
    expect(linkedPeriod('2026-02-30', '2026-03-01', 'Asia/Jakarta')).toBeNull()
    expect(linkedPeriod('2026-11-01', 'soon', 'Asia/Jakarta')).toBeNull()
  })
})

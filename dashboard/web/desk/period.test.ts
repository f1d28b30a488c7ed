import { describe, expect, it } from 'vitest'
import { followPeriod, periodOf, periodSettings } from './period.ts'

const utc = (text: string): number => Date.parse(`${text}:00Z`)
const ZONE = 'Asia/Jakarta'
const NOW = utc('2026-11-24T11:20')

describe('the period of a report', () => {
  it('is the last days, a month so far, or whole local days', () => {
    expect(periodOf('7d', NOW, ZONE)).toEqual([utc('2026-11-17T11:20'), NOW])
    expect(periodOf('2026-11', NOW, ZONE)).toEqual([utc('2026-10-31T17:00'), NOW])
    expect(periodOf('2026-11-03/2026-11-04', NOW, ZONE)).toEqual([
      utc('2026-11-02T17:00'),
      utc('2026-11-04T17:00'),
    ])
  })

  it('is never longer than the server computes, never to come, never empty', () => {
    for (const choice of [
      '2026-01-01/2026-11-24',
      '2027-01-01/2027-02-01',
      '2026-11-24/2026-11-24',
      'nonsense',
    ]) {
      const [from, to] = periodOf(choice, NOW, ZONE)
      expect([choice, to <= NOW, from < to, to - from <= 92 * 86_400_000]).toEqual([choice, true, true, true])
    }
  })

  it.each(['7d', '30d', '2026-11', '2026-11-03/2026-11-20', '2026-11-17T11:20:00Z/2026-11-24T11:20:00Z'])(
    'goes into an address and comes back: %s',
    (choice) => {
      expect(followPeriod(periodSettings(choice), ZONE)).toBe(choice)
    },
  )

  it('is not taken from an address that makes no sense', () => {
    for (const settings of [
      {},
      { from: 'x' },
      { from: '2026-11-20', to: '2026-11-03' },
      { from: '2026-13', to: '2026-13' },
    ])
      expect(followPeriod(settings, ZONE)).toBeNull()
  })
})

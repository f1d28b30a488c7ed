import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatTime, parseTime } from '../../contract/time.ts'
import { parseTimeQuickly } from './quick-time.ts'

it('a time read quickly is the time that is read with care', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (time) => {
      expect(parseTimeQuickly(formatTime(time))).toEqual({ ok: true, time })
      expect(parseTimeQuickly(formatTime(time))).toEqual({ ok: true, time })
    }),
  )
})

it('a text that looks like a time is judged as with care', () => {
  const digit = fc.constantFrom(...'0123456789:.TZ x')
  fc.assert(
    fc.property(fc.nat(23), digit, fc.nat(23), digit, (first, a, second, b) => {
      const letters = [...'2026-11-24T08:00:00.000Z']
      letters[first] = a
      letters[second] = b
      const text = letters.join('')
      expect(parseTimeQuickly(text)).toEqual(parseTime(text))
    }),
    { numRuns: 2_000 },
  )
})

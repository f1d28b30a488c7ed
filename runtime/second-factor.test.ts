import { describe, expect, it } from 'vitest'
import { SECOND } from '../contract/time.ts'
import { codeOf, enrolmentUri, matchingStep, newFactorSecret, stepAt } from './second-factor.ts'

/** `12345678901234567890`, the secret of RFC 6238, appendix B, in base32. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

describe('a code of the second factor', () => {
  // RFC 6238, appendix B, SHA-1: the last six of its eight digits.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %i s is %s', (seconds, code) => {
    expect(codeOf(SECRET, stepAt(seconds * SECOND))).toBe(code)
  })

  // RFC 4226, appendix D.
  it('of the first ten counts is that of the standard', () => {
    const codes = Array.from({ length: 10 }, (_, count) => codeOf(SECRET, count))
    expect(codes.join(' ')).toBe('755224 287082 359152 969429 338314 254676 287922 162583 399871 520489')
  })

  it('holds for its half minute and one on either side, and no longer', () => {
    const step = 1_000
    const taken = [-61, -60, -1, 0, 29, 30, 59, 60].map(
      (seconds) => matchingStep(SECRET, codeOf(SECRET, step), step * 30_000 + seconds * SECOND, 0) === step,
    )
    expect(taken).toEqual([false, false, true, true, true, true, true, false])
  })

  it('is none a second time, nor is an older one', () => {
    const now = 3_000 * SECOND
    expect(matchingStep(SECRET, codeOf(SECRET, 100), now, 100)).toBeNull()
    expect(matchingStep(SECRET, codeOf(SECRET, 99), now, 100)).toBeNull()
    expect(matchingStep(SECRET, codeOf(SECRET, 101), now, 100)).toBe(101)
  })

  it.each(['', '12345', '1234567', 'abcdef'])('is not %j', (code) => {
    expect(matchingStep(SECRET, code, 3_000 * SECOND, 0)).toBeNull()
  })
})

it('a secret has 160 random bits, and an app reads it from an address', () => {
  const [one, other] = [newFactorSecret(), newFactorSecret()]
  expect(one).toMatch(/^[A-Z2-7]{32}$/)
  expect(one).not.toBe(other)
  const uri = new URL(enrolmentUri('cideng', 'siti', one))
  expect([uri.protocol, uri.host, uri.searchParams.get('secret')]).toEqual(['otpauth:', 'totp', one])
})

import { describe, expect, it } from 'vitest'
import { verdictOf } from './verdict.ts'

// reference/ui 4, SLA report; domain B1.
describe('the verdict of a report', () => {
  it('is by the target, which is met when it is reached', () => {
    expect(verdictOf(0.99, 1, 99)).toBe('met')
    expect(verdictOf(0.989_99, 1, 99)).toBe('missed')
  })

  it('is none where less than nine tenths are known', () => {
    expect(verdictOf(1, 0.899, 99)).toBe('unsure')
    expect(verdictOf(0.5, 0.9, 99)).toBe('missed')
    expect(verdictOf(1, null, 99)).toBe('unsure')
  })
})

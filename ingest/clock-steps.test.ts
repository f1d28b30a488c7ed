import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../contract/time.ts'
import { BELIEVED_MS, ClockSteps } from './clock-steps.ts'

const START = Date.UTC(2026, 10, 24, 8)

/** A clock that is looked at once a second; `set` moves the wall clock alone. */
function watched() {
  const time = { now: START, monotonicMs: 5_000 }
  const steps = new ClockSteps({ now: () => time.now, monotonicMs: () => time.monotonicMs })
  return {
    time,
    set: (ms: number) => {
      time.now += ms
    },
    pass(ms: number) {
      const found = []
      for (let passed = 0; passed < ms; passed += SECOND) {
        time.now += SECOND
        time.monotonicMs += SECOND
        found.push(...steps.look())
      }
      return found
    },
  }
}

describe('a clock that is set', () => {
  it.each([
    ['an hour ahead', HOUR],
    ['an hour back', -HOUR],
    ['to 2038', Date.UTC(2038, 0, 1) - START],
    ['by little more than two seconds', 2_001],
  ])('%s and back a minute later is in doubt in between', (_what, ms) => {
    const { pass, set } = watched()
    expect(pass(MINUTE)).toEqual([])
    set(ms)
    const from = START + MINUTE + ms
    expect(pass(MINUTE)).toEqual([
      { type: 'set', doubt: { from, to: from + SECOND + BELIEVED_MS, isOpen: true, setMs: ms } },
    ])
    set(-ms)
    expect(pass(MINUTE)).toEqual([
      { type: 'settled', doubt: { from, to: from + MINUTE + SECOND, isOpen: false, setMs: ms } },
    ])
  })

  it('for good is believed after ten minutes', () => {
    const { pass, set, time } = watched()
    set(HOUR)
    const [, ...more] = pass(BELIEVED_MS + SECOND)
    expect(more).toEqual([
      { type: 'settled', doubt: { from: START + HOUR, to: time.now, isOpen: false, setMs: HOUR } },
    ])
    // From there on it is the clock that counts.
    set(-HOUR)
    expect(pass(SECOND)).toMatchObject([{ type: 'set' }])
  })

  it('again before it was believed ends one doubt and begins another', () => {
    const { pass, set } = watched()
    set(HOUR)
    pass(MINUTE)
    set(HOUR)
    expect(pass(SECOND).map(({ type, doubt }) => [type, doubt.from])).toEqual([
      ['settled', START + HOUR],
      ['set', START + 2 * HOUR + MINUTE],
    ])
  })

  it('by two seconds or less, as a clock is slewed, is in no doubt', () => {
    const { pass, set } = watched()
    for (let times = 0; times < 10; times += 1) {
      set(2_000)
      expect(pass(SECOND)).toEqual([])
    }
  })
})

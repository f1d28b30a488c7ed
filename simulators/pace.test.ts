import { describe, expect, it } from 'vitest'
import { openPace } from './pace.ts'

describe('simulated time', () => {
  it('at normal speed is the machine’s own, with its corrections', () => {
    const clock = { wall: 1_000, now: () => clock.wall, monotonicMs: () => 0 }
    const pace = openPace(clock, 1, 500)
    expect(pace.now()).toBe(1_000)
    clock.wall = 900
    expect(pace.now()).toBe(900)
  })

  it('at another speed runs from its begin, whatever is done to the machine’s clock', () => {
    const clock = { steady: 70, now: () => -1, monotonicMs: () => clock.steady }
    const pace = openPace(clock, 60, 10_000)
    expect(pace.now()).toBe(10_000)
    clock.steady = 1_070
    expect(pace.now()).toBe(70_000)
    const slow = openPace(clock, 0.5, 0)
    clock.steady = 1_075
    expect(slow.now()).toBe(2)
  })
})

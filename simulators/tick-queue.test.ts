import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TickQueue } from './tick-queue.ts'

describe('the queue of ticks', () => {
  it('gives what is due in the order of time, as a sorted array does', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('push' as const), time: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ type: fc.constant('pop' as const), time: fc.integer({ min: 0, max: 60 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new TickQueue<number>()
        const sorted: number[] = []
        for (const { type, time } of steps) {
          if (type === 'push') {
            queue.push(time, time)
            sorted.push(time)
            sorted.sort((a, b) => a - b)
          } else {
            const first = sorted[0]
            const isDue = first !== undefined && first <= time
            expect(queue.popUntil(time)).toEqual(isDue ? { time: first, item: first } : null)
            if (isDue) sorted.shift()
          }
        }
      }),
    )
  })

  it('keeps every item of those that are due at the same time', () => {
    const queue = new TickQueue<string>()
    for (const item of ['a', 'b', 'c']) queue.push(5, item)
    expect(queue.popUntil(4)).toBeNull()
    const taken = [queue.popUntil(5), queue.popUntil(5), queue.popUntil(5)].map((tick) => tick?.item)
    expect(taken.sort()).toEqual(['a', 'b', 'c'])
    expect(queue.popUntil(5)).toBeNull()
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdRanges } from './id-ranges.ts'

test('ranges hold just what a Set would', () => {
  const step = fc.record({ adds: fc.boolean(), from: fc.nat(30), length: fc.nat(6) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ranges = new IdRanges()
      const set = new Set<number>()
      for (const { adds, from, length } of steps) {
        if (adds) ranges.add(from, from + length)
        else ranges.remove(from, from + length)
        for (let id = from; id <= from + length; id += 1) {
          if (adds) set.add(id)
          else set.delete(id)
        }
        for (let id = 0; id < 40; id += 1) expect(ranges.has(id)).toBe(set.has(id))
        expect(ranges.least).toBe(set.size === 0 ? null : Math.min(...set))
      }
      ranges.clear()
      expect(ranges.least).toBeNull()
    }),
  )
})

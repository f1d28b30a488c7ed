// The short run of `npm run fuzz`; memory is judged in the long one alone, where it has settled.

import { expect, it } from 'vitest'
import { systemClock } from '../../contract/time.ts'
import { fuzz } from '../../faults/fuzz/fuzzer.ts'

it('five thousand packets and payloads that are almost right leave a village serving, and a right one unharmed', async () => {
  const plan = { cases: 5_000, seed: 311, clock: systemClock }
  const { packets, payloads, witnessed, faults } = await fuzz(plan)
  expect(faults).toEqual([])
  expect(packets + payloads).toBe(5_000)
  expect(witnessed).toBeGreaterThan(10)
})

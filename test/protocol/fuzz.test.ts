import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../contract/time.ts'
import { fuzz } from '../../faults/fuzz/fuzzer.ts'
import { startVillage, type TestVillage } from '../village.ts'

// The short run of `npm run fuzz`; memory is judged in the long one alone, where it has settled.
let village: TestVillage
beforeAll(async () => {
  village = await startVillage({ PANTAU_LIMIT_RATE: '0', PANTAU_LOG_LEVEL: 'error' })
})
afterAll(async () => village.dispose())

it('five thousand packets and payloads that are almost right leave a village serving, and a right one unharmed', async () => {
  const { packets, payloads, witnessed, faults } = await fuzz(village, {
    cases: 5_000,
    seed: 311,
    clock: systemClock,
  })
  expect(faults).toEqual([])
  expect(packets + payloads).toBe(5_000)
  expect(witnessed).toBeGreaterThan(10)
})

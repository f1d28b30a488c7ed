import { expect, it } from 'vitest'
import { untilDone } from './until-done.ts'

it('asks again until it has what it asked for, at growing intervals of at most a minute', async () => {
  const waits: number[] = []
  let attempts = 0
  await untilDone(
    async () => {
      attempts += 1
      return attempts === 7
    },
    async (ms) => {
      waits.push(ms / 1_000)
    },
  )
  expect(attempts).toBe(7)
  expect(waits).toEqual([5, 10, 20, 40, 60, 60])
})

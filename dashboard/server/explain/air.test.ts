// An index at another time, where the village's clock is half an hour off: its hours are the village's (domain A3, A9).

import { expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../../contract/time.ts'
import type { Context } from '../context.ts'
import { sampleDevice } from '../harness/village.ts'
import { air } from './air.ts'

/** 08:50 in Kolkata, where the last full hour ended at 08:00. */
const AT = Date.parse('2026-11-24T03:20:00.000Z')
const END = Date.parse('2026-11-24T02:30:00.000Z')

it('an index at another time ends with an hour of the village, where its clock is half an hour off', async () => {
  const hours = Array.from({ length: 24 }, (_, back) => END - (back + 1) * HOUR).reverse()
  const answers = {
    buckets: ({ fn }: { fn: string }) => ({
      series: [{ metric: 'pm2_5', points: hours.map((hour) => [hour, fn === 'count' ? 60 : 42]) }],
    }),
    flags: () => ({ flags: [] }),
  }
  // All that the explanation of an index asks of its context.
  const context = {
    feed: { call: async (method: 'buckets' | 'flags', argument: never) => answers[method](argument) },
    village: { village: { timezone: 'Asia/Kolkata' } },
  } as unknown as Context
  const device = sampleDevice({
    id: 's',
    kind: 'sensor',
    values: { pm2_5: { value: 42, time: AT - MINUTE } },
  })
  const question = {
    value: 'ispu',
    at: AT,
    isNow: false,
    from: null,
    route: null,
    audience: 'public',
  } as const
  const explanation = await air.explain(context, device, question)
  // 42 µg/m³ is 83 (domain A3, worked example).
  expect(explanation).toMatchObject({ value: 83, time: new Date(END).toISOString() })
  expect(explanation.completeness).toMatchObject({ known: 24, needed: 24 })
})

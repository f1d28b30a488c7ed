import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../contract/time.ts'
import { expectBuckets, Model, sorted } from './model.suite.ts'
import { batchOf, flagByHand, NOW, observation, rowsOf, type Suite } from './place.suite.ts'

export function readingsSuite(suite: Suite): void {
  describe('readings', () => {
    it('come back with value, unit and time exact, oldest first', async () => {
      await suite.store.write(
        batchOf([
          observation('env-1', NOW - 1, { pm2_5: 0.1 + 0.2, mystery: 1e308 }),
          observation('env-1', NOW - 1_001, { pm2_5: 12, mystery: 5e-324 }),
        ]),
      )
      expect(await suite.raw('env-1')).toEqual([
        {
          metric: 'pm2_5',
          unit: 'ug/m3',
          points: [
            [NOW - 1_001, 12],
            [NOW - 1, 0.30000000000000004],
          ],
        },
        {
          metric: 'mystery',
          unit: null,
          points: [
            [NOW - 1_001, 5e-324],
            [NOW - 1, 1e308],
          ],
        },
      ])
    })

    it('sent twice are stored once', async () => {
      const sent = [observation('env-1', NOW - 5, { pm2_5: 1, pm10: 2, mystery: 3 })]
      expect(await suite.store.write(batchOf(sent))).toMatchObject({ stored: 3, duplicates: 0, conflicts: 0 })
      expect(await suite.store.write(batchOf(sent))).toMatchObject({ stored: 0, duplicates: 3, conflicts: 0 })
      expect((await suite.raw('env-1')).map(({ points }) => points.length)).toEqual([1, 1, 1])
    })

    it('with another value count as a conflict, and the later arrival stands', async () => {
      await suite.store.write(batchOf([observation('env-1', NOW - 5, { pm2_5: 1, mystery: 3 })]))
      const result = await suite.store.write(
        batchOf([observation('env-1', NOW - 5, { pm2_5: 9, mystery: 3 })]),
      )
      expect(result).toMatchObject({
        stored: 0,
        duplicates: 1,
        conflicts: 1,
        conflictsByDevice: { 'env-1': 1 },
      })
      expect((await suite.raw('env-1')).map(({ points }) => points)).toEqual([[[NOW - 5, 9]], [[NOW - 5, 3]]])
    })

    it('that repeat themselves inside one batch are counted in order', async () => {
      await suite.store.write(batchOf([observation('env-1', NOW - 5, { pm2_5: 1 })]))
      const result = await suite.store.write(
        batchOf([1, 2, 2, 1].map((value) => observation('env-1', NOW - 5, { pm2_5: value }))),
      )
      // 1 again, then 2, 2 again, then 1.
      expect(result).toMatchObject({ stored: 0, duplicates: 2, conflicts: 2 })
      expect((await suite.raw('env-1'))[0]?.points).toEqual([[NOW - 5, 1]])
    })

    it('of one time in several messages add to one observation', async () => {
      await suite.store.write(batchOf([observation('env-1', NOW - 5, { pm2_5: 1 })]))
      const result = await suite.store.write(
        batchOf([observation('env-1', NOW - 5, { pm10: 2, mystery: 4 })]),
      )
      expect(result).toMatchObject({ stored: 2, duplicates: 0, conflicts: 0 })
      expect(await rowsOf(suite.store)).toEqual([
        { kind: 'sensor', device: 'env-1', time: NOW - 5, values: { pm2_5: 1, pm10: 2, mystery: 4 } },
      ])
    })

    it('may have any metric name that the contract allows', async () => {
      const names = [
        'time',
        'device',
        'constructor',
        'trip',
        'position_lat',
        'select',
        'direction',
        'count',
        'sum',
      ]
      const values = Object.fromEntries(names.map((name, index) => [name, index + 0.5]))
      await suite.store.write(batchOf([observation('env-1', NOW - 5, values)]))
      const series = await suite.raw('env-1')
      expect(Object.fromEntries(series.map(({ metric, points }) => [metric, points[0]?.[1]]))).toEqual(values)
      const means = await suite.store.buckets({
        device: 'env-1',
        from: NOW - HOUR,
        to: NOW,
        every: '1m',
        fn: 'mean',
      })
      expect(Object.fromEntries(means.map(({ metric, points }) => [metric, points[0]?.[1]]))).toEqual(values)
    })

    it('are flagged when out of range, without a time of their own, or by hand', async () => {
      await suite.store.write(
        batchOf([
          observation('env-1', NOW - 4, { humidity: 101 }),
          observation('env-1', NOW - 3, { humidity: 100 }, { timeIsArrival: true }),
          observation('env-1', NOW - 2, { humidity: 50 }),
          observation('env-1', NOW - 1, { humidity: 51 }),
        ]),
      )
      await suite.store.putFlag(
        flagByHand({ device: 'env-1', metric: 'humidity', from: NOW - 2, to: NOW - 1, flag: 'stuck' }),
      )
      expect((await suite.raw('env-1'))[0]?.points).toEqual([
        [NOW - 4, 101, 'range'],
        [NOW - 3, 100, 'arrival_time'],
        [NOW - 2, 50, 'stuck'],
        [NOW - 1, 51],
      ])
    })

    it('are asked for by metric and period, and paged without loss', async () => {
      const sent = Array.from({ length: 25 }, (_, index) =>
        observation(
          'env-1',
          NOW - 1_000 + index,
          index % 3 === 0 ? { pm10: index } : { pm2_5: index, mystery: -index },
        ),
      )
      await suite.store.write(batchOf(sent))
      const seen = new Map<string, number[]>()
      let from = NOW - 999
      for (let pages = 0; ; pages += 1) {
        const page = await suite.store.readings({
          device: 'env-1',
          metrics: ['pm2_5', 'mystery'],
          from,
          to: NOW - 979,
          limit: 4,
        })
        for (const { metric, points } of page.series) {
          expect(points.length).toBeLessThanOrEqual(4)
          seen.set(metric, [...(seen.get(metric) ?? []), ...points.map(([time]) => time - NOW + 1_000)])
        }
        if (page.next === undefined) break
        expect(pages).toBeLessThan(20)
        from = page.next
      }
      const expected = [1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20]
      expect([...seen]).toEqual([
        ['pm2_5', expected],
        ['mystery', expected],
      ])
      expect(await suite.store.readings({ device: 'nobody', from: 0, to: NOW, limit: 5 })).toEqual({
        series: [],
      })
    })

    it('agree with a model whatever comes, in whatever order and however often', {
      timeout: 300_000,
    }, async () => {
      let trial = 0
      await fc.assert(
        fc.asyncProperty(fc.array(batchArbitrary, { minLength: 1, maxLength: 6 }), async (batches) => {
          trial += 1
          const model = new Model()
          for (const { observations, upkeep } of batches) {
            // Devices of their own for each trial, so that one store serves all.
            const named = observations.map((sent) => ({ ...sent, device: `${sent.device}-${trial}` }))
            expect(await suite.store.write(batchOf(named))).toMatchObject(model.take(named))
            if (upkeep) await suite.store.checkpoint()
          }
          for (const device of model.devices()) {
            expect(sorted(await suite.raw(device))).toEqual(model.raw(device))
            for (const every of ['5m', '1h', '1d'] as const)
              await expectBuckets(suite.store, model, device, every)
          }
        }),
        { numRuns: suite.runs },
      )
    })
  })
}

const observationArbitrary = fc
  .record({
    device: fc.constantFrom('a', 'b'),
    // Few times, so that they meet; over three days and two hours of them.
    step: fc.integer({ min: 0, max: 11 }),
    values: fc.dictionary(
      fc.constantFrom('pm10', 'humidity', 'mystery', 'other_one'),
      // Eighths add up exactly; some lie outside the range of humidity.
      fc.integer({ min: -8, max: 1_000 }).map((eighths) => eighths / 8),
      { minKeys: 1, maxKeys: 3 },
    ),
  })
  .map(({ device, step, values }) =>
    observation(device, NOW - 3 * DAY + Math.floor(step / 4) * DAY + (step % 4) * 31 * MINUTE, { ...values }),
  )

const batchArbitrary = fc.record({
  observations: fc.array(observationArbitrary, { maxLength: 20 }),
  upkeep: fc.boolean(),
})

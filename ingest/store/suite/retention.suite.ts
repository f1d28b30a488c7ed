import { describe, expect, it } from 'vitest'
import type { TransferRow } from '../../../contract/feed.ts'
import { DAY, HOUR } from '../../../contract/time.ts'
import { batchOf, NOW, observation, rowsOf, type Suite } from './place.suite.ts'

export function retentionSuite(suite: Suite): void {
  describe('transfer', () => {
    const row = (index: number): TransferRow => ({
      kind: 'vehicle',
      device: `bus-${index % 3}`,
      time: NOW - 9 * DAY + index * 1_000,
      values: { speed: index / 7, ...(index % 2 === 0 ? { mystery: index } : {}) },
      position: { lat: -6.1, lon: 106.8 + index / 1e6, ...(index % 5 === 0 ? { accuracy: 4 } : {}) },
      ...(index % 4 === 0 ? { trip: 'a "t"\\rip, =1', route: '6A', direction: 1, occupancy: 'FULL' } : {}),
    })

    it('takes rows once, outside the counters, and gives them back as they came', async () => {
      const rows = Array.from({ length: 300 }, (_, index) => row(index))
      expect(await suite.store.importRows(rows)).toMatchObject({ stored: 450, duplicates: 0, conflicts: 0 })
      await suite.store.importRows(rows)
      await suite.store.write(batchOf([observation('env-1', NOW - 5, { pm10: 1 })]))
      expect(await suite.store.counters()).toMatchObject({
        observations: { received: 1 },
        readings: { stored: 1, duplicates: 0 },
      })
      expect(await suite.store.position()).toBeNull()
      expect(await rowsOf(suite.store, { kind: 'vehicle' })).toEqual(rows)
      expect(await rowsOf(suite.store, { device: 'bus-1' })).toEqual(
        rows.filter(({ device }) => device === 'bus-1'),
      )
      expect(await rowsOf(suite.store, { from: NOW - 9 * DAY + 1_000, to: NOW - 9 * DAY + 3_000 })).toEqual(
        rows.slice(1, 3),
      )
      expect(await rowsOf(suite.store, { device: 'nobody' })).toEqual([])
    })
  })

  describe('retention', () => {
    it('drops raw readings, keeps their hourly means, and counts nothing twice', async () => {
      const hour = NOW - 100 * HOUR
      await suite.store.write(
        batchOf(
          [10, 20].map((value, index) => observation('env-1', hour + index, { pm10: value, mystery: value })),
        ),
      )
      await suite.store.write(batchOf([observation('env-1', NOW - HOUR, { pm10: 1 })]))
      await suite.store.dropBefore(NOW - 50 * HOUR + 1, NOW - 500 * HOUR)
      expect((await suite.raw('env-1')).map(({ points }) => points)).toEqual([[[NOW - HOUR, 1]]])
      const read = async (fn: 'mean' | 'count'): Promise<unknown> =>
        (
          await suite.store.buckets({
            device: 'env-1',
            metrics: ['pm10'],
            from: NOW - 200 * HOUR,
            to: NOW,
            every: '1h',
            fn,
          })
        )[0]?.points
      expect(await read('mean')).toEqual([
        [hour, 15],
        [NOW - HOUR, 1],
      ])
      // Later than what is kept: it adds to the hour's row and goes with the next upkeep.
      await suite.store.write(batchOf([observation('env-1', hour + 7, { pm10: 30 })]))
      await suite.store.checkpoint()
      expect(await read('mean')).toEqual([
        [hour, 20],
        [NOW - HOUR, 1],
      ])
      expect(await read('count')).toEqual([
        [hour, 3],
        [NOW - HOUR, 1],
      ])
      await suite.store.dropBefore(NOW - 50 * HOUR, NOW - 60 * HOUR)
      expect(await read('mean')).toEqual([[NOW - HOUR, 1]])
    })

    it('forgets devices with all that is known of them', async () => {
      await suite.store.write(
        batchOf(
          [
            observation('env-1', NOW - 5 * HOUR, { pm10: 1, mystery: 1 }),
            observation('env-2', NOW - 5, { pm10: 2 }),
          ],
          {
            states: [{ device: 'env-1', kind: 'sensor', from: NOW - 5, state: 'up', cause: null }],
          },
        ),
      )
      await suite.store.checkpoint()
      await suite.store.forget(['env-1', 'nobody'])
      expect(await suite.raw('env-1')).toEqual([])
      expect(
        await suite.store.buckets({ device: 'env-1', from: 0, to: NOW, every: '1h', fn: 'mean' }),
      ).toEqual([])
      expect((await suite.store.latest(null, 0)).map(({ device }) => device)).toEqual(['env-2'])
      expect(await suite.store.states({ from: 0, to: NOW })).toEqual([])
      expect((await rowsOf(suite.store)).map(({ device }) => device)).toEqual(['env-2'])
      expect(
        await suite.store.write(batchOf([observation('env-1', NOW - 5 * HOUR, { pm10: 4 })])),
      ).toMatchObject({ stored: 1, conflicts: 0 })
    })
  })
}

import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../contract/observation.ts'
import { DAY, HOUR, MINUTE } from '../../../contract/time.ts'
import { startsOf } from './model.suite.ts'
import { batchOf, NOW, observation, type Suite } from './place.suite.ts'

export function bucketsSuite(suite: Suite): void {
  describe('buckets', () => {
    it('leave out what is not plausible, and buckets without data', async () => {
      await suite.store.write(
        batchOf([
          observation('env-1', NOW - 3 * HOUR, { humidity: 40, temperature: 86 }),
          observation('env-1', NOW - 3 * HOUR + 1, { humidity: 60 }),
          observation('env-1', NOW - 3 * HOUR + 2, { humidity: 101 }),
          observation('env-1', NOW - HOUR, { humidity: 7 }),
        ]),
      )
      const points = async (fn: 'mean' | 'min' | 'max' | 'count' | 'p50' | 'p95'): Promise<unknown> =>
        (await suite.store.buckets({ device: 'env-1', from: NOW - DAY, to: NOW, every: '1h', fn })).map(
          (series) => [
            series.metric,
            series.unit,
            series.points.map(([time, value]) => [(time - NOW) / HOUR, value]),
          ],
        )
      for (const upkeep of [false, true]) {
        if (upkeep) await suite.store.checkpoint()
        expect(await points('mean')).toEqual([
          [
            'humidity',
            '%RH',
            [
              [-3, 50],
              [-1, 7],
            ],
          ],
        ])
        expect(await points('min')).toEqual([
          [
            'humidity',
            '%RH',
            [
              [-3, 40],
              [-1, 7],
            ],
          ],
        ])
        expect(await points('max')).toEqual([
          [
            'humidity',
            '%RH',
            [
              [-3, 60],
              [-1, 7],
            ],
          ],
        ])
        expect(await points('count')).toEqual([
          [
            'humidity',
            '%RH',
            [
              [-3, 2],
              [-1, 1],
            ],
          ],
        ])
        expect(await points('p50')).toEqual([
          [
            'humidity',
            '%RH',
            [
              [-3, 50],
              [-1, 7],
            ],
          ],
        ])
        expect(await points('p95')).toEqual([
          [
            'humidity',
            '%RH',
            [
              [-3, 59],
              [-1, 7],
            ],
          ],
        ])
      }
    })

    it('interpolate quantiles as type 7 of Hyndman and Fan does', async () => {
      // R 4: quantile(c(1, 2, 3, 4, 10), c(.5, .95)) is 3 and 8.8; the median of 1 to 4 is 2.5.
      const at = (values: number[], start: number): Observation[] =>
        values.map((value, index) => observation('env-1', start + index, { wind_ms: value, mystery: value }))
      await suite.store.write(
        batchOf([...at([4, 1, 10, 3, 2], NOW - 2 * HOUR), ...at([4, 3, 2, 1], NOW - HOUR)]),
      )
      const read = async (fn: 'p50' | 'p95'): Promise<unknown> =>
        (await suite.store.buckets({ device: 'env-1', from: NOW - DAY, to: NOW, every: '15m', fn })).map(
          ({ points }) => points.map(([, value]) => Number(value.toFixed(12))),
        )
      expect(await read('p50')).toEqual([
        [3, 2.5],
        [3, 2.5],
      ])
      expect(await read('p95')).toEqual([
        [8.8, 3.85],
        [8.8, 3.85],
      ])
    })

    it('do not overflow', async () => {
      await suite.store.write(
        batchOf(
          [1e308, 1.5e308, 1.1e308].map((value, index) =>
            observation('env-1', NOW - HOUR + index, { huge: value }),
          ),
        ),
      )
      for (const every of ['1m', '1h', '1d'] as const) {
        const [series] = await suite.store.buckets({
          device: 'env-1',
          from: NOW - DAY,
          to: NOW,
          every,
          fn: 'mean',
        })
        expect((series?.points[0]?.[1] ?? 0) / 1.2e308).toBeCloseTo(1, 12)
      }
    })

    it('on the edge hold what lies in the period', async () => {
      await suite.store.write(
        batchOf(
          [0, 10, 20, 30, 40, 50].map((minute) =>
            observation('env-1', NOW - HOUR + minute * MINUTE, { pm10: minute }),
          ),
        ),
      )
      await suite.store.checkpoint()
      const read = async (from: number, to: number): Promise<unknown> =>
        (
          await suite.store.buckets({
            device: 'env-1',
            metrics: ['pm10'],
            from: NOW - HOUR + from * MINUTE,
            to: NOW - HOUR + to * MINUTE,
            every: '1h',
            fn: 'mean',
          })
        )[0]?.points
      expect(await read(0, 60)).toEqual([[NOW - HOUR, 25]])
      expect(await read(10, 60)).toEqual([[NOW - HOUR, 30]])
      expect(await read(0, 40)).toEqual([[NOW - HOUR, 15]])
      expect(await read(15, 35)).toEqual([[NOW - HOUR, 25]])
      expect(await read(11, 19)).toBeUndefined()
    })

    it('follow data that come late, and corrections, after their hour was made up', async () => {
      const hour = NOW - 30 * HOUR
      const read = async (): Promise<unknown> => {
        const period = { device: 'env-1', from: NOW - 3 * DAY, to: NOW }
        const [hourly] = await suite.store.buckets({ ...period, every: '1h', fn: 'mean' })
        const [daily] = await suite.store.buckets({ ...period, every: '1d', fn: 'count' })
        return [hourly?.points.map(([, value]) => value), daily?.points.map(([, value]) => value)]
      }
      await suite.store.write(batchOf([observation('env-1', hour + 1, { pm10: 10 })]))
      await suite.store.checkpoint()
      expect(await read()).toEqual([[10], [1]])
      await suite.store.write(batchOf([observation('env-1', hour + 2, { pm10: 30 })]))
      expect(await read()).toEqual([[20], [2]])
      await suite.store.checkpoint()
      expect(await read()).toEqual([[20], [2]])
      await suite.store.write(
        batchOf([observation('env-1', hour + 2, { pm10: 50 }), observation('env-1', hour + 1, { pm10: 10 })]),
      )
      expect(await read()).toEqual([[30], [2]])
      await suite.reopen()
      expect(await read()).toEqual([[30], [2]])
      await suite.store.checkpoint()
      expect(await read()).toEqual([[30], [2]])
    })

    it.each([
      ['Asia/Jakarta', '2026-11-20T00:00:00Z'],
      ['Asia/Kathmandu', '2026-11-20T00:00:00Z'],
      // Clocks forward on 8 March and back on 1 November 2026.
      ['America/New_York', '2026-03-07T00:00:00Z'],
      ['America/New_York', '2026-10-31T00:00:00Z'],
      // By half an hour: back on 5 April 2026.
      ['Australia/Lord_Howe', '2026-04-04T00:00:00Z'],
    ])('are cut by the clock of %s around %s', async (zone, start) => {
      await suite.move(zone)
      const from = Date.parse(start)
      const times = Array.from({ length: 300 }, (_, index) => from + index * 17 * MINUTE)
      suite.now = from + 10 * DAY
      const expected = {
        '1d': startsOf(times, '1d', zone),
        '1h': startsOf(times, '1h', zone),
        '15m': startsOf(times, '15m', zone),
      }
      await suite.store.write(
        batchOf(times.map((time, index) => observation('env-1', time, { pm10: index }))),
      )
      for (const upkeep of [false, true]) {
        if (upkeep) await suite.store.checkpoint()
        for (const [every, fn] of [
          ['1d', 'count'],
          ['1d', 'p50'],
          ['1h', 'mean'],
          ['1h', 'p95'],
          ['15m', 'max'],
        ] as const) {
          const [series] = await suite.store.buckets({ device: 'env-1', from, to: from + 4 * DAY, every, fn })
          expect(
            series?.points.map(([time]) => time),
            `${every} ${fn}`,
          ).toEqual(expected[every])
        }
      }
    })
  })
}

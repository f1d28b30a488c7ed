// What every store promises (`store.ts`), run against each engine. Expected values come from a plain model in memory, from
// Intl and from the definitions named beside them, never from an engine.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Every, Series, TransferRow } from '../../contract/feed.ts'
import { isOutOfRange } from '../../contract/metrics.ts'
import type { Observation, Quarantined } from '../../contract/observation.ts'
import { type Clock, DAY, HOUR, MINUTE } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import type { Store, WriteBatch } from './store.ts'

export interface SuitePlace {
  readonly folder: string
  readonly zone: string
  readonly clock: Clock
}

export interface SuiteEngine {
  readonly name: string
  /** Opens a store whose readings are kept apart from those of other folders. */
  readonly open: (place: SuitePlace) => Promise<Store>
  /** Properties are tried this often. */
  readonly runs: number
}

/** Tuesday 2026-11-24 08:00 in Jakarta. */
export const NOW = Date.parse('2026-11-24T01:00:00.000Z')

export function observation(
  device: string,
  time: number,
  values: Readonly<Record<string, number>>,
  more: Partial<Observation> = {},
): Observation {
  return { kind: 'sensor', device, time, arrival: Math.max(time, NOW), timeIsArrival: false, values, ...more }
}

export function batchOf(observations: readonly Observation[], more: Partial<WriteBatch> = {}): WriteBatch {
  return { observations, quarantined: [], states: [], position: null, ...more }
}

const quarantined = (reason: Quarantined['reason'], more: Partial<Quarantined> = {}): Quarantined => ({
  reason,
  detail: `${reason} for a test`,
  topic: 'pantau/cideng/sensor/env-1/reading',
  device: 'env-1',
  arrival: NOW,
  payload: '{"values":{}}',
  ...more,
})

export function storeSuite(engine: SuiteEngine): void {
  describe(`the store ${engine.name}`, () => {
    const folders: string[] = []
    const stores: Store[] = []
    let store: Store
    let folder: string
    let now = NOW
    const clock: Clock = { now: () => now, monotonicMs: () => now }

    async function open(zone = 'Asia/Jakarta', path?: string): Promise<Store> {
      folder = path ?? mkdtempSync(join(tmpdir(), 'pantau-store-'))
      folders.push(folder)
      const opened = await engine.open({ folder, zone, clock })
      stores.push(opened)
      return opened
    }

    async function reopen(): Promise<Store> {
      await store.close()
      stores.splice(stores.indexOf(store), 1)
      store = await open('Asia/Jakarta', folder)
      return store
    }

    const raw = async (device: string, from = 0, to = NOW + DAY): Promise<readonly Series[]> =>
      (await store.readings({ device, from, to, limit: 100_000 })).series

    beforeEach(async () => {
      now = NOW
      store = await open()
    })

    afterEach(async () => {
      for (const opened of stores.splice(0)) await opened.close()
      for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
    })

    describe('readings', () => {
      it('come back with value, unit and time exact, oldest first', async () => {
        await store.write(
          batchOf([
            observation('env-1', NOW - 1, { pm2_5: 0.1 + 0.2, mystery: 1e308 }),
            observation('env-1', NOW - 1_001, { pm2_5: 12, mystery: 5e-324 }),
          ]),
        )
        expect(await raw('env-1')).toEqual([
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
        expect(await store.write(batchOf(sent))).toMatchObject({ stored: 3, duplicates: 0, conflicts: 0 })
        expect(await store.write(batchOf(sent))).toMatchObject({ stored: 0, duplicates: 3, conflicts: 0 })
        expect((await raw('env-1')).map(({ points }) => points.length)).toEqual([1, 1, 1])
      })

      it('with another value count as a conflict, and the later arrival stands', async () => {
        await store.write(batchOf([observation('env-1', NOW - 5, { pm2_5: 1, mystery: 3 })]))
        const result = await store.write(batchOf([observation('env-1', NOW - 5, { pm2_5: 9, mystery: 3 })]))
        expect(result).toMatchObject({
          stored: 0,
          duplicates: 1,
          conflicts: 1,
          conflictsByDevice: { 'env-1': 1 },
        })
        expect((await raw('env-1')).map(({ points }) => points)).toEqual([[[NOW - 5, 9]], [[NOW - 5, 3]]])
      })

      it('that repeat themselves inside one batch are counted in order', async () => {
        await store.write(batchOf([observation('env-1', NOW - 5, { pm2_5: 1 })]))
        const result = await store.write(
          batchOf([1, 2, 2, 1].map((value) => observation('env-1', NOW - 5, { pm2_5: value }))),
        )
        // 1 again, then 2, 2 again, then 1.
        expect(result).toMatchObject({ stored: 0, duplicates: 2, conflicts: 2 })
        expect((await raw('env-1'))[0]?.points).toEqual([[NOW - 5, 1]])
      })

      it('of one time in several messages add to one observation', async () => {
        await store.write(batchOf([observation('env-1', NOW - 5, { pm2_5: 1 })]))
        const result = await store.write(batchOf([observation('env-1', NOW - 5, { pm10: 2, mystery: 4 })]))
        expect(result).toMatchObject({ stored: 2, duplicates: 0, conflicts: 0 })
        expect(await rowsOf(store)).toEqual([
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
        await store.write(batchOf([observation('env-1', NOW - 5, values)]))
        const series = await raw('env-1')
        expect(Object.fromEntries(series.map(({ metric, points }) => [metric, points[0]?.[1]]))).toEqual(
          values,
        )
        const means = await store.buckets({
          device: 'env-1',
          from: NOW - HOUR,
          to: NOW,
          every: '1m',
          fn: 'mean',
        })
        expect(Object.fromEntries(means.map(({ metric, points }) => [metric, points[0]?.[1]]))).toEqual(
          values,
        )
      })

      it('are flagged when out of range, without a time of their own, or by hand', async () => {
        await store.write(
          batchOf(
            [
              observation('env-1', NOW - 4, { humidity: 101 }),
              observation('env-1', NOW - 3, { humidity: 100 }, { timeIsArrival: true }),
              observation('env-1', NOW - 2, { humidity: 50 }),
              observation('env-1', NOW - 1, { humidity: 51 }),
            ],
            {
              flags: [
                {
                  device: 'env-1',
                  metric: 'humidity',
                  from: NOW - 2,
                  to: NOW - 1,
                  flag: 'stuck',
                  rule: 'stuck 1',
                },
              ],
            },
          ),
        )
        expect((await raw('env-1'))[0]?.points).toEqual([
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
        await store.write(batchOf(sent))
        const seen = new Map<string, number[]>()
        let from = NOW - 999
        for (let pages = 0; ; pages += 1) {
          const page = await store.readings({
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
        expect(await store.readings({ device: 'nobody', from: 0, to: NOW, limit: 5 })).toEqual({ series: [] })
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
              expect(await store.write(batchOf(named))).toMatchObject(model.take(named))
              if (upkeep) await store.checkpoint()
            }
            for (const device of model.devices()) {
              expect(sorted(await raw(device))).toEqual(model.raw(device))
              for (const every of ['5m', '1h', '1d'] as const)
                await expectBuckets(store, model, device, every)
            }
          }),
          { numRuns: engine.runs },
        )
      })
    })

    describe('buckets', () => {
      it('leave out what is not plausible, and buckets without data', async () => {
        await store.write(
          batchOf([
            observation('env-1', NOW - 3 * HOUR, { humidity: 40, temperature: 86 }),
            observation('env-1', NOW - 3 * HOUR + 1, { humidity: 60 }),
            observation('env-1', NOW - 3 * HOUR + 2, { humidity: 101 }),
            observation('env-1', NOW - HOUR, { humidity: 7 }),
          ]),
        )
        const points = async (fn: 'mean' | 'min' | 'max' | 'count' | 'p50' | 'p95'): Promise<unknown> =>
          (await store.buckets({ device: 'env-1', from: NOW - DAY, to: NOW, every: '1h', fn })).map(
            (series) => [
              series.metric,
              series.unit,
              series.points.map(([time, value]) => [(time - NOW) / HOUR, value]),
            ],
          )
        for (const upkeep of [false, true]) {
          if (upkeep) await store.checkpoint()
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
          values.map((value, index) =>
            observation('env-1', start + index, { wind_ms: value, mystery: value }),
          )
        await store.write(batchOf([...at([4, 1, 10, 3, 2], NOW - 2 * HOUR), ...at([4, 3, 2, 1], NOW - HOUR)]))
        const read = async (fn: 'p50' | 'p95'): Promise<unknown> =>
          (await store.buckets({ device: 'env-1', from: NOW - DAY, to: NOW, every: '15m', fn })).map(
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
        await store.write(
          batchOf(
            [1e308, 1.5e308, 1.1e308].map((value, index) =>
              observation('env-1', NOW - HOUR + index, { huge: value }),
            ),
          ),
        )
        for (const every of ['1m', '1h', '1d'] as const) {
          const [series] = await store.buckets({
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
        await store.write(
          batchOf(
            [0, 10, 20, 30, 40, 50].map((minute) =>
              observation('env-1', NOW - HOUR + minute * MINUTE, { pm10: minute }),
            ),
          ),
        )
        await store.checkpoint()
        const read = async (from: number, to: number): Promise<unknown> =>
          (
            await store.buckets({
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
          const [hourly] = await store.buckets({ ...period, every: '1h', fn: 'mean' })
          const [daily] = await store.buckets({ ...period, every: '1d', fn: 'count' })
          return [hourly?.points.map(([, value]) => value), daily?.points.map(([, value]) => value)]
        }
        await store.write(batchOf([observation('env-1', hour + 1, { pm10: 10 })]))
        await store.checkpoint()
        expect(await read()).toEqual([[10], [1]])
        await store.write(batchOf([observation('env-1', hour + 2, { pm10: 30 })]))
        expect(await read()).toEqual([[20], [2]])
        await store.checkpoint()
        expect(await read()).toEqual([[20], [2]])
        await store.write(
          batchOf([
            observation('env-1', hour + 2, { pm10: 50 }),
            observation('env-1', hour + 1, { pm10: 10 }),
          ]),
        )
        expect(await read()).toEqual([[30], [2]])
        await reopen()
        expect(await read()).toEqual([[30], [2]])
        await store.checkpoint()
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
        await store.close()
        stores.splice(0)
        store = await open(zone)
        const from = Date.parse(start)
        const times = Array.from({ length: 300 }, (_, index) => from + index * 17 * MINUTE)
        now = from + 10 * DAY
        const expected = {
          '1d': startsOf(times, '1d', zone),
          '1h': startsOf(times, '1h', zone),
          '15m': startsOf(times, '15m', zone),
        }
        await store.write(batchOf(times.map((time, index) => observation('env-1', time, { pm10: index }))))
        for (const upkeep of [false, true]) {
          if (upkeep) await store.checkpoint()
          for (const [every, fn] of [
            ['1d', 'count'],
            ['1d', 'p50'],
            ['1h', 'mean'],
            ['1h', 'p95'],
            ['15m', 'max'],
          ] as const) {
            const [series] = await store.buckets({ device: 'env-1', from, to: from + 4 * DAY, every, fn })
            expect(
              series?.points.map(([time]) => time),
              `${every} ${fn}`,
            ).toEqual(expected[every])
          }
        }
      })
    })

    describe('latest', () => {
      it('is known by device without its history, also after a restart', async () => {
        await store.write(
          batchOf([
            observation('env-1', NOW - 10, { pm2_5: 1.1, pm10: 7 }, { arrival: NOW - 9 }),
            observation('env-1', NOW - 20, { pm2_5: 99, temperature: 30 }, { arrival: NOW - 8 }),
            observation(
              'bus-1',
              NOW - 60_000,
              { speed: 5 },
              {
                kind: 'vehicle',
                arrival: NOW - 59_000,
                position: { lat: -6.17, lon: 106.8, bearing: 0 },
                trip: 't1',
                route: 'r1',
                direction: 0,
                occupancy: 'FULL',
              },
            ),
          ]),
        )
        await store.write(batchOf([observation('env-1', NOW - 10, { pm2_5: 2.2 }, { arrival: NOW - 7 })]))
        const env = {
          kind: 'sensor',
          device: 'env-1',
          lastArrival: NOW - 7,
          lastTime: NOW - 10,
          values: {
            pm2_5: { value: 2.2, time: NOW - 10 },
            pm10: { value: 7, time: NOW - 10 },
            temperature: { value: 30, time: NOW - 20 },
          },
          position: null,
          conflicts: 1,
        }
        const bus = {
          kind: 'vehicle',
          device: 'bus-1',
          lastArrival: NOW - 59_000,
          lastTime: NOW - 60_000,
          values: { speed: { value: 5, time: NOW - 60_000 } },
          position: {
            lat: -6.17,
            lon: 106.8,
            bearing: 0,
            time: NOW - 60_000,
            trip: 't1',
            route: 'r1',
            direction: 0,
            occupancy: 'FULL',
          },
          conflicts: 0,
        }
        for (const again of [false, true]) {
          if (again) await reopen()
          expect(await store.latest(null, 0)).toEqual(expect.arrayContaining([env, bus]))
          expect(await store.latest('vehicle', 0)).toEqual([bus])
          expect(await store.latest(null, NOW - 1_000)).toEqual([env])
        }
      })
    })

    describe('vehicles', () => {
      it('leave a track, oldest first', async () => {
        const place = (time: number, lat: number, trip?: string): Observation =>
          observation(
            'bus-1',
            time,
            { passengers: 3 },
            {
              kind: 'vehicle',
              position: { lat, lon: 106.8, speed: 0 },
              ...(trip === undefined ? {} : { trip }),
            },
          )
        await store.write(
          batchOf([place(NOW - 20, -6.2, 't1'), place(NOW - 30, -6.3), place(NOW - 10, -6.1, 't1')]),
        )
        // The metric came a second time, with another place: the later one stands.
        await store.write(batchOf([place(NOW - 20, -6.25, 't2')]))
        expect(await store.track('bus-1', NOW - 30, NOW - 10)).toEqual([
          { lat: -6.3, lon: 106.8, speed: 0, time: NOW - 30, trip: null },
          { lat: -6.25, lon: 106.8, speed: 0, time: NOW - 20, trip: 't2' },
        ])
        expect(await store.track('nobody', 0, NOW)).toEqual([])
      })
    })

    describe('the ledger', () => {
      it('keeps position, counters and notes with the batch', async () => {
        expect(await store.position()).toBeNull()
        expect(await store.counters()).toMatchObject({
          observations: { received: 0, taken: 0, quarantined: {} },
          readings: { stored: 0, duplicates: 0, conflicts: 0 },
          notes: {},
        })
        const sent = [
          observation('env-1', NOW - 2, { pm10: 1, pm2_5: 1 }),
          observation('env-1', NOW - 1, { pm10: 1 }),
        ]
        await store.write(
          batchOf(sent, {
            quarantined: [
              quarantined('time'),
              quarantined('time'),
              quarantined('not_json', { device: null }),
            ],
            counters: { retain_ignored: 2 },
            notes: { 'clock env-1': '12', gone: 'x' },
            position: { segment: 1, offset: 700 },
          }),
        )
        await store.write(
          batchOf(sent, {
            counters: { retain_ignored: 1 },
            notes: { gone: null },
            position: { segment: 2, offset: 3 },
          }),
        )
        await store.write(batchOf([]))
        for (const again of [false, true]) {
          if (again) await reopen()
          expect(await store.position()).toEqual({ segment: 2, offset: 3 })
          expect(await store.counters()).toMatchObject({
            observations: { received: 7, taken: 4, quarantined: { time: 2, not_json: 1 } },
            readings: { stored: 3, duplicates: 3, conflicts: 0 },
            notes: { retain_ignored: 3 },
          })
          expect(await store.notes()).toEqual({ 'clock env-1': '12' })
        }
      })

      it('shows what was set aside, newest first, by page and reason, for 30 days', async () => {
        await store.write(
          batchOf([], {
            quarantined: [
              quarantined('time', { payload: 'x'.repeat(9_000), arrival: NOW - 31 * DAY }),
              ...Array.from({ length: 5 }, (_, index) =>
                quarantined('time', { payload: `p${index}`, arrival: NOW - 9 + index }),
              ),
              quarantined('not_json', { device: null }),
            ],
          }),
        )
        const all = await store.quarantine({ limit: 100 })
        expect(all?.rows.length).toBe(7)
        expect(all?.rows.at(-1)?.payload.length).toBe(4_096)
        expect(all?.rows[0]).toEqual({
          id: all?.rows[0]?.id,
          time: NOW,
          reason: 'not_json',
          detail: 'not_json for a test',
          topic: 'pantau/cideng/sensor/env-1/reading',
          device: null,
          payload: '{"values":{}}',
        })
        const first = await store.quarantine({ reason: 'time', limit: 4 })
        expect(first?.rows.map(({ payload }) => payload)).toEqual(['p4', 'p3', 'p2', 'p1'])
        const second = await store.quarantine({ reason: 'time', limit: 4, cursor: first?.next ?? '' })
        expect(second?.rows.map(({ payload }) => payload.length)).toEqual([2, 4_096])
        expect(second?.next).toBeUndefined()
        expect(await store.quarantine({ limit: 4, cursor: 'x' })).toBeNull()
        await store.dropBefore(0, 0)
        expect((await store.quarantine({ limit: 100 }))?.rows.length).toBe(6)
        expect((await store.counters()).observations.quarantined).toEqual({ time: 6, not_json: 1 })
      })

      it('answers state spans that overlap a period', async () => {
        const span = (device: string, kind: Kind, from: number, to: number | null, state: 'up' | 'down') => ({
          device,
          kind,
          from: NOW + from,
          ...(to === null ? {} : { to: NOW + to }),
          state,
          cause: state === 'down' ? ('silence' as const) : null,
        })
        await store.write(
          batchOf([], {
            states: [
              span('hs-1', 'hotspot', -100, null, 'up'),
              span('hs-1', 'hotspot', -100, -50, 'up'),
              span('hs-1', 'hotspot', -50, null, 'down'),
            ],
          }),
        )
        await store.putStates([span('env-1', 'sensor', -70, null, 'up')])
        const first = { device: 'hs-1', from: NOW - 100, to: NOW - 50, state: 'up', cause: null }
        const second = { device: 'hs-1', from: NOW - 50, state: 'down', cause: 'silence' }
        const third = { device: 'env-1', from: NOW - 70, state: 'up', cause: null }
        expect(await store.states({ from: NOW - 200, to: NOW })).toEqual([first, third, second])
        expect(await store.states({ from: NOW - 50, to: NOW })).toEqual([third, second])
        expect(await store.states({ from: NOW - 200, to: NOW - 70 })).toEqual([first])
        expect(await store.states({ device: 'hs-1', from: NOW, to: NOW + 1 })).toEqual([second])
        expect(await store.states({ kind: 'sensor', from: NOW, to: NOW + 1 })).toEqual([third])
      })
    })

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
        expect(await store.importRows(rows)).toMatchObject({ stored: 450, duplicates: 0, conflicts: 0 })
        await store.importRows(rows)
        await store.write(batchOf([observation('env-1', NOW - 5, { pm10: 1 })]))
        expect(await store.counters()).toMatchObject({
          observations: { received: 1 },
          readings: { stored: 1, duplicates: 0 },
        })
        expect(await store.position()).toBeNull()
        expect(await rowsOf(store, { kind: 'vehicle' })).toEqual(rows)
        expect(await rowsOf(store, { device: 'bus-1' })).toEqual(
          rows.filter(({ device }) => device === 'bus-1'),
        )
        expect(await rowsOf(store, { from: NOW - 9 * DAY + 1_000, to: NOW - 9 * DAY + 3_000 })).toEqual(
          rows.slice(1, 3),
        )
        expect(await rowsOf(store, { device: 'nobody' })).toEqual([])
      })
    })

    describe('retention', () => {
      it('drops raw readings, keeps their hourly means, and counts nothing twice', async () => {
        const hour = NOW - 100 * HOUR
        await store.write(
          batchOf(
            [10, 20].map((value, index) =>
              observation('env-1', hour + index, { pm10: value, mystery: value }),
            ),
          ),
        )
        await store.write(batchOf([observation('env-1', NOW - HOUR, { pm10: 1 })]))
        await store.dropBefore(NOW - 50 * HOUR + 1, NOW - 500 * HOUR)
        expect((await raw('env-1')).map(({ points }) => points)).toEqual([[[NOW - HOUR, 1]]])
        const read = async (fn: 'mean' | 'count'): Promise<unknown> =>
          (
            await store.buckets({
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
        await store.write(batchOf([observation('env-1', hour + 7, { pm10: 30 })]))
        await store.checkpoint()
        expect(await read('mean')).toEqual([
          [hour, 20],
          [NOW - HOUR, 1],
        ])
        expect(await read('count')).toEqual([
          [hour, 3],
          [NOW - HOUR, 1],
        ])
        await store.dropBefore(NOW - 50 * HOUR, NOW - 60 * HOUR)
        expect(await read('mean')).toEqual([[NOW - HOUR, 1]])
      })

      it('forgets devices with all that is known of them', async () => {
        await store.write(
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
        await store.checkpoint()
        await store.forget(['env-1', 'nobody'])
        expect(await raw('env-1')).toEqual([])
        expect(await store.buckets({ device: 'env-1', from: 0, to: NOW, every: '1h', fn: 'mean' })).toEqual(
          [],
        )
        expect((await store.latest(null, 0)).map(({ device }) => device)).toEqual(['env-2'])
        expect(await store.states({ from: 0, to: NOW })).toEqual([])
        expect((await rowsOf(store)).map(({ device }) => device)).toEqual(['env-2'])
        expect(await store.write(batchOf([observation('env-1', NOW - 5 * HOUR, { pm10: 4 })]))).toMatchObject(
          { stored: 1, conflicts: 0 },
        )
      })
    })

    it('takes calls that overlap in their order, and is well', async () => {
      const results = await Promise.all(
        [1, 2, 3].map((value) =>
          store.write(
            batchOf([observation('env-1', NOW - 5, { pm10: value })], {
              position: { segment: 1, offset: value },
            }),
          ),
        ),
      )
      expect(results.map(({ stored, conflicts }) => [stored, conflicts])).toEqual([
        [1, 0],
        [0, 1],
        [0, 1],
      ])
      expect((await raw('env-1'))[0]?.points).toEqual([[NOW - 5, 3]])
      expect(await store.position()).toEqual({ segment: 1, offset: 3 })
      expect(await store.health()).toMatchObject({ ok: true })
    })
  })
}

async function rowsOf(
  store: Store,
  filter: { kind?: Kind; device?: string; from?: number; to?: number } = {},
): Promise<TransferRow[]> {
  const rows: TransferRow[] = []
  for await (const row of store.exportRows({ from: 0, to: NOW + DAY, ...filter })) rows.push(row)
  return rows
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

/** The contract's rule of identity, said plainly. */
class Model {
  readonly #values = new Map<string, Map<string, Map<number, number>>>()

  take(observations: readonly Observation[]): { stored: number; duplicates: number; conflicts: number } {
    const result = { stored: 0, duplicates: 0, conflicts: 0 }
    for (const { device, time, values } of observations) {
      for (const [metric, value] of Object.entries(values)) {
        const times = this.#of(device, metric)
        const before = times.get(time)
        if (before === undefined) result.stored += 1
        else if (before === value) result.duplicates += 1
        else result.conflicts += 1
        times.set(time, value)
      }
    }
    return result
  }

  #of(device: string, metric: string): Map<number, number> {
    const metrics = this.#values.get(device) ?? new Map<string, Map<number, number>>()
    const times = metrics.get(metric) ?? new Map<number, number>()
    this.#values.set(device, metrics.set(metric, times))
    return times
  }

  devices(): string[] {
    return [...this.#values.keys()]
  }

  raw(device: string): [string, (readonly [number, number, string?])[]][] {
    return this.#series(device).map(([metric, points]) => [
      metric,
      points.map(([time, value]) =>
        isOutOfRange('sensor', metric, value) ? [time, value, 'range'] : [time, value],
      ),
    ])
  }

  /** Values of each bucket, by its local hour or day in Jakarta (UTC+7, no daylight saving). */
  buckets(device: string, spanMs: number): [string, [number, number[]][]][] {
    const cut = (time: number): number => Math.floor((time + 7 * HOUR) / spanMs) * spanMs - 7 * HOUR
    return this.#series(device).flatMap(([metric, points]) => {
      const buckets = new Map<number, number[]>()
      for (const [time, value] of points) {
        if (isOutOfRange('sensor', metric, value)) continue
        buckets.set(cut(time), [...(buckets.get(cut(time)) ?? []), value])
      }
      return buckets.size === 0 ? [] : [[metric, [...buckets]] as [string, [number, number[]][]]]
    })
  }

  #series(device: string): [string, [number, number][]][] {
    return [...(this.#values.get(device) ?? [])]
      .map(([metric, times]): [string, [number, number][]] => [metric, [...times].sort(([a], [b]) => a - b)])
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

function sorted(series: readonly Series[]): [string, Series['points']][] {
  return series
    .map(({ metric, points }): [string, Series['points']] => [metric, points])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

async function expectBuckets(store: Store, model: Model, device: string, every: Every): Promise<void> {
  const spanMs = { '1m': MINUTE, '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': HOUR, '1d': DAY }[every]
  const expected = model.buckets(device, spanMs)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const functions = {
    mean: (values: readonly number[]) => sum(values) / values.length,
    min: (values: readonly number[]) => Math.min(...values),
    max: (values: readonly number[]) => Math.max(...values),
    count: (values: readonly number[]) => values.length,
  }
  for (const [fn, compute] of Object.entries(functions)) {
    const series = await store.buckets({
      device,
      from: NOW - 30 * DAY,
      to: NOW,
      every,
      fn: fn as keyof typeof functions,
    })
    expect(sorted(series), `${fn} ${every}`).toEqual(
      expected.map(([metric, buckets]) => [
        metric,
        buckets.map(([start, values]) => [start, compute(values)]),
      ]),
    )
  }
}

/**
 * Starts of the buckets that hold the times, by asking Intl for the local clock at each minute: a bucket starts where the
 * local date, hour or quarter, or the offset to UTC, becomes another one.
 */
function startsOf(times: readonly number[], every: '15m' | '1h' | '1d', zone: string): number[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'longOffset',
  })
  const names = new Map<number, string>()
  const nameOf = (minute: number): string => {
    const known = names.get(minute)
    if (known !== undefined) return known
    const name = nameAt(minute)
    names.set(minute, name)
    return name
  }
  const nameAt = (time: number): string => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
    const day = `${parts['year']}-${parts['month']}-${parts['day']}`
    if (every === '1d') return day
    const hour = `${day}T${parts['hour']} ${parts['timeZoneName']}`
    return every === '1h' ? hour : `${hour} ${Math.floor(Number(parts['minute']) / 15)}`
  }
  const starts = new Set<number>()
  for (const time of times) {
    let start = Math.floor(time / MINUTE) * MINUTE
    const name = nameOf(start)
    while (nameOf(start - MINUTE) === name) start -= MINUTE
    starts.add(start)
  }
  return [...starts]
}

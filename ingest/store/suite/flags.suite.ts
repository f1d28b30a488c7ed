// Flags beside readings, what they leave out of means, and the marks of hours to be judged.

import { describe, expect, it } from 'vitest'
import type { QualityFlag } from '../../../contract/feed.ts'
import { HOUR, MINUTE } from '../../../contract/time.ts'
import type { JudgedStretch } from '../store.ts'
import { batchOf, flagByHand, NOW, observation, type Suite } from './place.suite.ts'

/** The full hour before NOW. */
const HOUR_0 = NOW - HOUR

function tested(from: number, to: number, more: Partial<QualityFlag> = {}): QualityFlag {
  const at = { device: 'env-1', metric: 'pm2_5', from, to }
  return { ...flagByHand(at), id: `env-1.${from}.stuck`, flag: 'stuck', rule: 'stuck', version: '1', ...more }
}

function judged(flags: readonly QualityFlag[], more: Partial<JudgedStretch> = {}): JudgedStretch {
  const span = { from: HOUR_0, to: NOW }
  return {
    device: 'env-1',
    metrics: ['pm2_5'],
    versions: { stuck: '1' },
    ...span,
    flags,
    hours: [],
    at: NOW,
    ...more,
  }
}

export function flagsSuite(suite: Suite): void {
  describe('flags', () => {
    /** 10, 20, 30, 40 µg/m3 in the four quarters of the hour. */
    const writeHour = async (): Promise<void> => {
      const sent = [10, 20, 30, 40].map((pm2_5, index) =>
        observation('env-1', HOUR_0 + index * 15 * MINUTE, { pm2_5, pm10: 5 }),
      )
      await suite.store.write(batchOf(sent))
    }

    const bucket = async (
      every: '15m' | '1h' | '1d',
      fn: 'mean' | 'min' | 'max' | 'count' | 'p50',
      good = false,
    ): Promise<unknown> => {
      const series = await suite.store.buckets({ device: 'env-1', from: HOUR_0, to: NOW, every, fn, good })
      return series.map(({ metric, points }) => [metric, points.map(([, value]) => value)])
    }

    it('set by hand are left out of every mean, before and after hours are made, and come back when it is taken back', async () => {
      await writeHour()
      const flag = flagByHand({
        device: 'env-1',
        metric: 'pm2_5',
        from: HOUR_0 + 15 * MINUTE,
        to: HOUR_0 + 45 * MINUTE,
      })
      const look = async (): Promise<unknown[]> => [
        await bucket('1h', 'mean'),
        await bucket('1d', 'count'),
        await bucket('15m', 'mean'),
        await bucket('1h', 'p50'),
      ]
      const all = [
        [
          ['pm2_5', [25]],
          ['pm10', [5]],
        ],
        [
          ['pm2_5', [4]],
          ['pm10', [4]],
        ],
        [
          ['pm2_5', [10, 20, 30, 40]],
          ['pm10', [5, 5, 5, 5]],
        ],
        [
          ['pm2_5', [25]],
          ['pm10', [5]],
        ],
      ]
      const good = [
        [
          ['pm2_5', [25]],
          ['pm10', [5]],
        ],
        [
          ['pm2_5', [2]],
          ['pm10', [4]],
        ],
        [
          ['pm2_5', [10, 40]],
          ['pm10', [5, 5, 5, 5]],
        ],
        [
          ['pm2_5', [25]],
          ['pm10', [5]],
        ],
      ]
      const sorted = (answers: unknown[]): unknown =>
        answers.map((series) => [...(series as [string][])].sort())
      suite.now = NOW + MINUTE
      await suite.store.checkpoint()
      expect(sorted(await look())).toEqual(sorted(all))
      await suite.store.putFlag(flag)
      expect(sorted(await look())).toEqual(sorted(good))
      await suite.store.checkpoint()
      expect(sorted(await look())).toEqual(sorted(good))
      expect(await suite.store.retireFlag(flag.id, NOW)).toEqual(flag)
      await suite.store.checkpoint()
      expect(sorted(await look())).toEqual(sorted(all))
      expect(await suite.store.retireFlag(flag.id, NOW)).toBeNull()
    })

    it('by which a test calls readings bad leave them out where good ones are asked for, and there alone', async () => {
      await writeHour()
      suite.now = NOW + MINUTE
      await suite.store.judge(judged([tested(HOUR_0 + 15 * MINUTE, HOUR_0 + 45 * MINUTE)]))
      for (let times = 0; times < 2; times += 1) {
        expect(await bucket('1h', 'count')).toEqual(expect.arrayContaining([['pm2_5', [4]]]))
        expect(await bucket('1d', 'count', true)).toEqual(expect.arrayContaining([['pm2_5', [2]]]))
        expect(await bucket('15m', 'mean', true)).toEqual(expect.arrayContaining([['pm2_5', [10, 40]]]))
        expect(await bucket('1h', 'count', true)).toEqual(expect.arrayContaining([['pm10', [4]]]))
        await suite.store.checkpoint()
      }
    })

    it('by which a test calls readings bad are in no mean once the readings themselves are gone', async () => {
      await writeHour()
      suite.now = NOW + MINUTE
      await suite.store.judge(judged([tested(HOUR_0 + 15 * MINUTE, HOUR_0 + 45 * MINUTE)]))
      await suite.store.checkpoint()
      await suite.store.dropBefore(NOW, HOUR_0 - HOUR)
      expect(await suite.raw('env-1')).toEqual([])
      for (const good of [true, false]) {
        expect(await bucket('1h', 'count', good)).toEqual(
          expect.arrayContaining([
            ['pm2_5', [2]],
            ['pm10', [4]],
          ]),
        )
        expect(await bucket('1h', 'min', good)).toEqual(expect.arrayContaining([['pm2_5', [10]]]))
        expect(await bucket('1h', 'max', good)).toEqual(expect.arrayContaining([['pm2_5', [40]]]))
      }
    })

    it('that are bad all hour long leave no mean', async () => {
      await writeHour()
      suite.now = NOW + MINUTE
      await suite.store.putFlag(flagByHand({ device: 'env-1', metric: 'pm2_5', from: HOUR_0, to: NOW }))
      await suite.store.checkpoint()
      expect(await bucket('1h', 'mean')).toEqual([['pm10', [5]]])
    })

    it('that are suspect are shown and kept in means', async () => {
      await writeHour()
      const suspect = tested(HOUR_0, HOUR_0 + 1, { quality: 3 })
      expect(await suite.store.judge(judged([suspect]))).toEqual({
        set: 1,
        removed: 0,
        retired: 0,
        hours: [],
      })
      expect(await bucket('1h', 'count')).toEqual(expect.arrayContaining([['pm2_5', [4]]]))
      const pm = (await suite.raw('env-1')).find(({ metric }) => metric === 'pm2_5')
      expect(pm?.points[0]).toEqual([HOUR_0, 10, 'stuck'])
    })

    it('are put once however often they are judged, and go when they are no longer found', async () => {
      await writeHour()
      const found = tested(HOUR_0, HOUR_0 + MINUTE)
      expect(await suite.store.judge(judged([found]))).toEqual({
        set: 1,
        removed: 0,
        retired: 0,
        hours: [HOUR_0],
      })
      expect(await suite.store.judge(judged([{ ...found, made: NOW + 1 }]))).toMatchObject({
        set: 0,
        hours: [],
      })
      await suite.reopen()
      expect(await suite.store.flags({ from: 0, to: NOW, limit: 10 })).toEqual([found])
      expect(await suite.store.judge(judged([]))).toEqual({ set: 0, removed: 1, retired: 0, hours: [HOUR_0] })
      expect(await suite.store.flags({ from: 0, to: NOW, limit: 10, withRetired: true })).toEqual([])
    })

    it('of an older version of a rule are kept, out of force; those of people and of other tests are left alone', async () => {
      await writeHour()
      const old = tested(HOUR_0, HOUR_0 + MINUTE)
      const hand = flagByHand({ device: 'env-1', metric: 'pm2_5', from: HOUR_0, to: NOW })
      const other = tested(HOUR_0, HOUR_0 + 1, { id: 'other', rule: 'spike', flag: 'spike' })
      await suite.store.judge(judged([old, other], { versions: { stuck: '1', spike: '1' } }))
      await suite.store.putFlag(hand)
      const fresh = { ...old, version: '2' }
      expect(await suite.store.judge(judged([fresh], { versions: { stuck: '2' } }))).toMatchObject({
        set: 1,
        retired: 1,
      })
      const inForce = await suite.store.flags({ from: 0, to: NOW, limit: 10 })
      expect(inForce.map(({ rule, version }) => `${rule} ${version}`).sort()).toEqual([
        'hand sari',
        'spike 1',
        'stuck 2',
      ])
      expect(await suite.store.flags({ from: 0, to: NOW, limit: 10, withRetired: true })).toContainEqual(old)
    })

    it('are listed by device, metric and period, in pages', async () => {
      const flags = Array.from({ length: 7 }, (_, index) =>
        flagByHand({
          device: index === 6 ? 'env-2' : 'env-1',
          metric: index === 5 ? 'pm10' : 'pm2_5',
          from: HOUR_0 + Math.floor(index / 2) * MINUTE,
          to: HOUR_0 + 10 * MINUTE + index,
          id: `hand-${index}`,
        }),
      )
      for (const flag of flags) await suite.store.putFlag(flag)
      const seen: string[] = []
      let after: { from: number; id: string } | undefined
      for (;;) {
        const page = await suite.store.flags({
          from: 0,
          to: NOW,
          device: 'env-1',
          metric: 'pm2_5',
          limit: 2,
          ...(after === undefined ? {} : { after }),
        })
        seen.push(...page.map(({ id }) => id))
        const last = page.at(-1)
        if (last === undefined) break
        after = last
      }
      expect(seen).toEqual(['hand-0', 'hand-1', 'hand-2', 'hand-3', 'hand-4'])
      expect(await suite.store.flags({ from: HOUR_0 + HOUR, to: NOW + HOUR, limit: 5 })).toEqual([])
    })

    it('mark the hours that were written to until they are judged, through a restart', async () => {
      await writeHour()
      await suite.store.write(batchOf([observation('ap-1', NOW - 1, { up: 1 }, { kind: 'hotspot' })]))
      await suite.reopen()
      const marked = await suite.store.unjudged(10)
      expect(marked.map(({ device, hours }) => [device, hours.map(([hour]) => hour)])).toEqual([
        ['env-1', [HOUR_0]],
      ])
      expect([...(marked[0]?.metrics ?? [])].sort()).toEqual(['pm10', 'pm2_5'])
      // A reading that comes in while the hour is judged keeps the mark.
      await suite.store.write(batchOf([observation('env-1', HOUR_0 + 1, { pm2_5: 1 })]))
      await suite.store.judge(judged([], { hours: marked[0]?.hours ?? [] }))
      const again = await suite.store.unjudged(10)
      expect(again.map(({ device }) => device)).toEqual(['env-1'])
      await suite.store.judge(judged([], { hours: again[0]?.hours ?? [] }))
      expect(await suite.store.unjudged(10)).toEqual([])
      // The same readings again change nothing, so there is nothing to judge.
      await writeHour()
      expect(await suite.store.unjudged(10)).toEqual([])
      await suite.reopen()
      expect(await suite.store.unjudged(10)).toEqual([])
      expect(await suite.store.judgeAgain(HOUR_0, NOW)).toBe(1)
      expect(await suite.store.unjudged(10)).toHaveLength(1)
    })

    it('of readings that are no longer kept stand as they were judged', async () => {
      await writeHour()
      const found = tested(HOUR_0, HOUR_0 + MINUTE)
      await suite.store.judge(judged([found]))
      suite.now = NOW + HOUR
      await suite.store.dropBefore(NOW, HOUR_0 - HOUR)
      expect(await suite.store.judge(judged([]))).toMatchObject({ set: 0, removed: 0 })
      expect(await suite.store.flags({ from: 0, to: NOW, limit: 5 })).toEqual([found])
    })

    it('go with their device', async () => {
      await writeHour()
      await suite.store.putFlag(flagByHand({ device: 'env-1', metric: 'pm2_5', from: HOUR_0, to: NOW }))
      await suite.store.forget(['env-1'])
      expect(await suite.store.flags({ from: 0, to: NOW, limit: 5, withRetired: true })).toEqual([])
      expect(await suite.store.unjudged(10)).toEqual([])
    })
  })
}

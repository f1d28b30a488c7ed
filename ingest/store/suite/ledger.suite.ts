import { describe, expect, it } from 'vitest'
import type { Observation, Quarantined } from '../../../contract/observation.ts'
import { DAY } from '../../../contract/time.ts'
import type { Kind } from '../../../contract/topics.ts'
import { batchOf, NOW, observation, type Suite } from './place.suite.ts'

const quarantined = (reason: Quarantined['reason'], more: Partial<Quarantined> = {}): Quarantined => ({
  reason,
  detail: `${reason} for a test`,
  topic: 'pantau/cideng/sensor/env-1/reading',
  device: 'env-1',
  arrival: NOW,
  payload: '{"values":{}}',
  ...more,
})

export function ledgerSuite(suite: Suite): void {
  describe('latest', () => {
    it('is known by device without its history, also after a restart', async () => {
      await suite.store.write(
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
      await suite.store.write(batchOf([observation('env-1', NOW - 10, { pm2_5: 2.2 }, { arrival: NOW - 7 })]))
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
        if (again) await suite.reopen()
        expect(await suite.store.latest(null, 0)).toEqual(expect.arrayContaining([env, bus]))
        expect(await suite.store.latest('vehicle', 0)).toEqual([bus])
        expect(await suite.store.latest(null, NOW - 1_000)).toEqual([env])
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
      await suite.store.write(
        batchOf([place(NOW - 20, -6.2, 't1'), place(NOW - 30, -6.3), place(NOW - 10, -6.1, 't1')]),
      )
      // The metric came a second time, with another place: the later one stands.
      await suite.store.write(batchOf([place(NOW - 20, -6.25, 't2')]))
      expect(await suite.store.track('bus-1', NOW - 30, NOW - 10)).toEqual([
        { lat: -6.3, lon: 106.8, speed: 0, time: NOW - 30, trip: null },
        { lat: -6.25, lon: 106.8, speed: 0, time: NOW - 20, trip: 't2' },
      ])
      expect(await suite.store.track('nobody', 0, NOW)).toEqual([])
    })
  })

  describe('the ledger', () => {
    it('keeps position, counters and notes with the batch', async () => {
      expect(await suite.store.position()).toBeNull()
      expect(await suite.store.counters()).toMatchObject({
        observations: { received: 0, taken: 0, quarantined: {} },
        readings: { stored: 0, duplicates: 0, conflicts: 0 },
        notes: {},
      })
      const sent = [
        observation('env-1', NOW - 2, { pm10: 1, pm2_5: 1 }),
        observation('env-1', NOW - 1, { pm10: 1 }),
      ]
      await suite.store.write(
        batchOf(sent, {
          quarantined: [quarantined('time'), quarantined('time'), quarantined('not_json', { device: null })],
          counters: { retain_ignored: 2 },
          notes: { 'clock env-1': '12', gone: 'x' },
          position: { segment: 1, offset: 700 },
        }),
      )
      await suite.store.write(
        batchOf(sent, {
          counters: { retain_ignored: 1 },
          notes: { gone: null },
          position: { segment: 2, offset: 3 },
        }),
      )
      await suite.store.write(batchOf([]))
      for (const again of [false, true]) {
        if (again) await suite.reopen()
        expect(await suite.store.position()).toEqual({ segment: 2, offset: 3 })
        expect(await suite.store.counters()).toMatchObject({
          observations: { received: 7, taken: 4, quarantined: { time: 2, not_json: 1 } },
          readings: { stored: 3, duplicates: 3, conflicts: 0 },
          notes: { retain_ignored: 3 },
        })
        expect(await suite.store.notes()).toEqual({ 'clock env-1': '12' })
      }
    })

    it('shows what was set aside, newest first, by page and reason, for 30 days', async () => {
      await suite.store.write(
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
      const all = await suite.store.quarantine({ limit: 100 })
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
      const first = await suite.store.quarantine({ reason: 'time', limit: 4 })
      expect(first?.rows.map(({ payload }) => payload)).toEqual(['p4', 'p3', 'p2', 'p1'])
      const second = await suite.store.quarantine({ reason: 'time', limit: 4, cursor: first?.next ?? '' })
      expect(second?.rows.map(({ payload }) => payload.length)).toEqual([2, 4_096])
      expect(second?.next).toBeUndefined()
      expect(await suite.store.quarantine({ limit: 4, cursor: 'x' })).toBeNull()
      await suite.store.dropBefore(0, 0)
      expect((await suite.store.quarantine({ limit: 100 }))?.rows.length).toBe(6)
      expect((await suite.store.counters()).observations.quarantined).toEqual({ time: 6, not_json: 1 })
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
      await suite.store.write(
        batchOf([], {
          states: [
            span('hs-1', 'hotspot', -100, null, 'up'),
            span('hs-1', 'hotspot', -100, -50, 'up'),
            span('hs-1', 'hotspot', -50, null, 'down'),
          ],
        }),
      )
      await suite.store.putStates([span('env-1', 'sensor', -70, null, 'up')])
      const first = { device: 'hs-1', from: NOW - 100, to: NOW - 50, state: 'up', cause: null }
      const second = { device: 'hs-1', from: NOW - 50, state: 'down', cause: 'silence' }
      const third = { device: 'env-1', from: NOW - 70, state: 'up', cause: null }
      expect(await suite.store.states({ from: NOW - 200, to: NOW })).toEqual([first, third, second])
      expect(await suite.store.states({ from: NOW - 50, to: NOW })).toEqual([third, second])
      expect(await suite.store.states({ from: NOW - 200, to: NOW - 70 })).toEqual([first])
      expect(await suite.store.states({ device: 'hs-1', from: NOW, to: NOW + 1 })).toEqual([second])
      const among = (devices: readonly string[]) => suite.store.states({ devices, from: NOW - 50, to: NOW })
      expect(await among(['hs-1', 'nobody'])).toEqual([second])
      expect(await among([])).toEqual([])
      expect(await suite.store.states({ kind: 'sensor', from: NOW, to: NOW + 1 })).toEqual([third])
    })
  })
}

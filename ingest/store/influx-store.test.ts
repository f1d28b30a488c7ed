import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Observation } from '../../contract/observation.ts'
import { DAY, HOUR } from '../../contract/time.ts'
import { hasInfluxDb, type InfluxDb, startInfluxDb } from '../../test/influxdb.ts'
import { DuckDbEngine, WINDOW_MS } from './duckdb-engine.ts'
import { type Influx2, type RecordedAnswer, startInflux2, TOKEN } from './fixtures/influx2.ts'
import { InfluxStore } from './influx-store.ts'
import { influx1Server } from './influx1-server.ts'
import { influx2Server } from './influx2-server.ts'
import { storeSuite } from './store.suite.ts'
import { StoreAwayError, type WriteBatch } from './store.ts'
import { batchOf, NOW, observation, type SuitePlace } from './suite/place.suite.ts'

/** A database of its own for each folder. */
const databaseOf = (folder: string): string => `db_${createHash('md5').update(folder).digest('hex')}`

const ledgerOf = ({ folder, zone, clock }: SuitePlace): Promise<DuckDbEngine> =>
  DuckDbEngine.open({ path: join(folder, 'store', 'pantau.duckdb'), zone, windowMs: WINDOW_MS }, clock)

const villageOf = ({ zone }: SuitePlace): { id: string; timezone: string } => ({
  id: 'cideng',
  timezone: zone,
})

describe.skipIf(!hasInfluxDb())('with a real InfluxDB 1.x', () => {
  let influxDb: InfluxDb

  beforeAll(async () => {
    influxDb = await startInfluxDb()
  })

  afterAll(async () => {
    await influxDb.dispose()
  })

  storeSuite({
    name: 'influxdb1',
    runs: 8,
    open: async (place) =>
      new InfluxStore(
        influx1Server(`influxdb1://127.0.0.1:${influxDb.port}/${databaseOf(place.folder)}`),
        await ledgerOf(place),
        villageOf(place),
      ),
  })

  describe('and the doors of 2.x before it', () => {
    let influx2: Influx2
    const folders: string[] = []
    let now = NOW
    const clock = { now: () => now, monotonicMs: () => now }
    let store: InfluxStore

    function placed(): SuitePlace {
      const folder = mkdtempSync(join(tmpdir(), 'pantau-store-'))
      folders.push(folder)
      return { folder, zone: 'Asia/Jakarta', clock }
    }

    const open2 = async (place: SuitePlace, token = TOKEN): Promise<InfluxStore> =>
      new InfluxStore(
        influx2Server(`influxdb2://127.0.0.1:${influx2.port}/desa/${databaseOf(place.folder)}`, token),
        await ledgerOf(place),
        villageOf(place),
      )

    const values = async (device: string): Promise<readonly number[]> =>
      (await store.readings({ device, from: 0, to: NOW + DAY, limit: 1_000 })).series.flatMap(({ points }) =>
        points.map(([, value]) => value),
      )

    const sent = (count: number): Observation[] =>
      Array.from({ length: count }, (_, index) => observation(`env-${index}`, NOW - 5, { pm10: index }))

    beforeAll(async () => {
      influx2 = await startInflux2(influxDb.url)
    })

    beforeEach(async () => {
      now = NOW
      influx2.script.length = 0
      influx2.writes.length = 0
      influx2.refuse = () => null
      store = await open2(placed())
    })

    afterEach(async () => {
      await store.close()
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
    })

    afterAll(async () => {
      await influx2.close()
    })

    storeSuite({ name: 'influxdb2, recorded', runs: 3, open: (place) => open2(place) })

    it.each<[string, RecordedAnswer]>([
      ['429', { status: 429, body: { code: 'too many requests' }, headers: { 'retry-after': '30' } }],
      ['503', { status: 503, body: { code: 'unavailable', message: 'server busy' } }],
      [
        '500',
        { status: 500, body: { code: 'internal error', message: 'cache maximum memory size exceeded' } },
      ],
      ['401', { status: 401, body: { code: 'unauthorized', message: 'unauthorized access' } }],
      ['404', { status: 404, body: { code: 'not found', message: 'bucket "x" not found' } }],
      ['a cut connection', { status: 0, cut: 'untaken' }],
      ['a 204 that is lost', { status: 0, cut: 'taken' }],
    ])('after %s the batch comes again and is stored once', async (_, answer) => {
      influx2.script.push(answer)
      const batch = batchOf(sent(3), { position: { segment: 1, offset: 9 } })
      await expect(store.write(batch)).rejects.toThrow(StoreAwayError)
      expect(await store.health()).toMatchObject({ ok: false })
      expect(await store.position()).toBeNull()
      expect(await store.write(batch)).toMatchObject({ stored: 3, duplicates: 0, conflicts: 0 })
      expect(await store.health()).toMatchObject({ ok: true })
      expect(await store.position()).toEqual({ segment: 1, offset: 9 })
      expect((await store.counters()).readings).toEqual({ stored: 3, duplicates: 0, conflicts: 0 })
      expect(await values('env-2')).toEqual([2])
    })

    it.each([400, 422])('a point refused with %i is set aside, the others are stored', async (status) => {
      influx2.refuse = (lines) => (/device=env-(3|7) /.test(lines) ? 'field type conflict' : null)
      if (status === 400)
        influx2.script.push({ status, body: { code: 'invalid', message: 'unable to parse' } })
      const twice = [...sent(10), observation('env-3', NOW - 5, { pm2_5: 1 })]
      expect(await store.write(batchOf(twice, { position: { segment: 1, offset: 9 } }))).toMatchObject({
        stored: 8,
        refused: 3,
      })
      const { observations, readings } = await store.counters()
      expect(observations).toEqual({ received: 11, taken: 8, quarantined: { store_refused: 3 } })
      expect(readings.stored).toBe(8)
      const rows = (await store.quarantine({ limit: 10 }))?.rows ?? []
      expect(rows.map(({ reason, device, topic }) => [reason, device, topic])).toEqual([
        ['store_refused', 'env-7', 'pantau/cideng/sensor/env-7/reading'],
        ['store_refused', 'env-3', 'pantau/cideng/sensor/env-3/reading'],
      ])
      expect(rows[0]?.detail).toContain('field type conflict')
      expect((await store.latest(null, 0)).map(({ device }) => device)).not.toContain('env-3')
      expect(await store.position()).toEqual({ segment: 1, offset: 9 })
    })

    it('a wrong token is said in plain words', async () => {
      const wrong = await open2(placed(), 'wrong')
      await expect(wrong.write(batchOf(sent(1)))).rejects.toThrow(/refuses org, bucket or token/)
      await expect(wrong.checkpoint()).resolves.toBeUndefined()
      expect((await wrong.health()).detail).toMatch(/refuses/)
      await wrong.close()
    })

    it('repetitions are known for a day of arrivals, and stored once after it too', async () => {
      const batch = batchOf(sent(1))
      await store.write(batch)
      expect((await store.counters()).window_s).toBe(86_400)
      now = NOW + DAY
      await store.checkpoint()
      expect(await store.write(batch)).toMatchObject({ duplicates: 1 })
      now = NOW + DAY + 1
      await store.checkpoint()
      expect(await store.write(batch)).toMatchObject({ stored: 1, duplicates: 0 })
      expect(await values('env-0')).toEqual([0])
      const question = { device: 'env-0', from: NOW - HOUR, to: NOW, every: '1h', fn: 'count' } as const
      expect((await store.buckets(question))[0]?.points).toEqual([[NOW - HOUR, 1]])
    })

    it('a crash between the server and the ledger repeats the batch and changes nothing', async () => {
      await store.close()
      const place = placed()
      const ledger = await ledgerOf(place)
      const url = `influxdb2://127.0.0.1:${influx2.port}/desa/${databaseOf(place.folder)}`
      const dies = Object.assign(Object.create(ledger) as DuckDbEngine, {
        write: () => Promise.reject(new Error('killed here')),
      })
      const before = new InfluxStore(influx2Server(url, TOKEN), dies, villageOf(place))
      const first = batchOf([
        observation('env-0', NOW - 5, { pm10: 1 }),
        observation('env-0', NOW - 5, { pm10: 2 }),
      ])
      await expect(before.write(first)).rejects.toThrow('killed here')
      store = new InfluxStore(influx2Server(url, TOKEN), ledger, villageOf(place))
      expect(await store.write(first)).toMatchObject({ stored: 1, duplicates: 0, conflicts: 1 })
      expect(await values('env-0')).toEqual([2])
    })
  })

  it('a server that goes away loses nothing, and catches up', async () => {
    const own = await startInfluxDb()
    const folder = mkdtempSync(join(tmpdir(), 'pantau-store-'))
    const place: SuitePlace = {
      folder,
      zone: 'Asia/Jakarta',
      clock: { now: () => NOW, monotonicMs: () => NOW },
    }
    const store = new InfluxStore(
      influx1Server(`influxdb1://127.0.0.1:${own.port}/pantau`),
      await ledgerOf(place),
      villageOf(place),
    )
    const batch = (value: number): WriteBatch =>
      batchOf([observation('env-1', NOW - 100 + value, { pm10: value })], {
        position: { segment: 1, offset: value },
      })
    await store.write(batch(1))
    await own.kill()
    await expect(store.write(batch(2))).rejects.toThrow(StoreAwayError)
    await expect(store.readings({ device: 'env-1', from: 0, to: NOW, limit: 9 })).rejects.toThrow(
      StoreAwayError,
    )
    expect((await store.health()).ok).toBe(false)
    expect(await store.position()).toEqual({ segment: 1, offset: 1 })
    await own.start()
    await store.write(batch(2))
    const { series } = await store.readings({ device: 'env-1', from: 0, to: NOW, limit: 9 })
    expect(series[0]?.points.map(([, value]) => value)).toEqual([1, 2])
    expect(await store.counters()).toMatchObject({ readings: { stored: 2, duplicates: 0, conflicts: 0 } })
    await store.close()
    await own.dispose()
    rmSync(folder, { recursive: true, force: true })
  })

  it('points that it refuses for ever are set aside: a field of another type, too many devices', async () => {
    const own = await startInfluxDb({ INFLUXDB_DATA_MAX_VALUES_PER_TAG: '10' })
    const folder = mkdtempSync(join(tmpdir(), 'pantau-store-'))
    const place: SuitePlace = {
      folder,
      zone: 'Asia/Jakarta',
      clock: { now: () => NOW, monotonicMs: () => NOW },
    }
    const store = new InfluxStore(
      influx1Server(`influxdb1://127.0.0.1:${own.port}/pantau`),
      await ledgerOf(place),
      villageOf(place),
    )
    // The limit is looked at before a write, so the first one fills it.
    const ten = Array.from({ length: 10 }, (_, index) => observation(`env-${index}`, NOW - 5, { pm10: 1 }))
    await store.write(batchOf(ten))
    const text = await fetch(`${own.url}/write?db=pantau&precision=ms`, {
      method: 'POST',
      body: `sensor,device=env-0 mystery="text" ${NOW - 6}`,
    })
    expect(text.status).toBe(204)
    const sent = [
      observation('env-0', NOW - 4, { mystery: 1 }),
      ...Array.from({ length: 14 }, (_, index) => observation(`env-${index}`, NOW - 3, { pm10: index })),
    ]
    const result = await store.write(batchOf(sent, { position: { segment: 1, offset: 1 } }))
    expect(result).toMatchObject({ stored: 10, refused: 5 })
    const details = (await store.quarantine({ limit: 10 }))?.rows.map(({ detail }) => detail) ?? []
    expect(details.filter((detail) => detail.includes('field type conflict')).length).toBe(1)
    expect(details.filter((detail) => detail.includes('max-values-per-tag')).length).toBe(4)
    expect(await store.position()).toEqual({ segment: 1, offset: 1 })
    await store.close()
    await own.dispose()
    rmSync(folder, { recursive: true, force: true })
  })
})

describe('URLs of InfluxDB', () => {
  it.each([
    ['influxdb1://127.0.0.1:8086', 'it names no database'],
    ['influxdb1://127.0.0.1:8086/a/b', 'it names no database'],
    ['influxdb1://:::/db', 'it is no URL'],
  ])('%s is refused', (url, message) => {
    expect(() => influx1Server(url)).toThrow(message)
  })

  it.each(['influxdb2://127.0.0.1:8086/org', 'influxdb2://127.0.0.1/org/bucket/more', 'influxdb2://:::/a/b'])(
    '%s is refused',
    (url) => {
      expect(() => influx2Server(url, 'token')).toThrow('influxdb2://host:8086/ORG/BUCKET')
    },
  )

  it('of 2.x need a token', () => {
    expect(() => influx2Server('influxdb2://127.0.0.1/org/bucket', null)).toThrow('PANTAU_INFLUX_TOKEN')
  })
})

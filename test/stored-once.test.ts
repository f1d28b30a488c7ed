// 20,000 readings at QoS 1 by three devices, in batches and singles, out of order, one in ten twice: each is stored once with
// value, unit and time exact, in every store alike; means, CSV and counters agree with an independent computation.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { METRICS } from '../contract/metrics.ts'
import type { Kind } from '../contract/topics.ts'
import { hasInfluxDb, type InfluxDb, startInfluxDb } from './influxdb.ts'
import { randomOf } from './random.ts'
import { startVillage, type TestVillage, until } from './village.ts'

interface Sent {
  readonly time: number
  readonly values: Readonly<Record<string, number>>
}

interface Device {
  readonly id: string
  readonly kind: Kind
  readonly metrics: readonly string[]
  readonly sent: readonly Sent[]
}

interface Series {
  readonly metric: string
  readonly unit: string
  readonly points: readonly (readonly [number, number, string?])[]
}

interface Readings {
  readonly series: readonly Series[]
  readonly next?: string
}

const HOUR = 3_600_000
const OBSERVATIONS = 2_000
const random = randomOf(20_000)
/** The readings of the last two days, up to a moment that stays the same for both stores. */
const end = Math.floor(Date.now() / HOUR) * HOUR
const devices: readonly Device[] = [
  device('hs-test', 'hotspot', ['latency_ms', 'loss_pct', 'clients', 'dns_ms']),
  device('env-test', 'sensor', ['pm2_5', 'pm10', 'temperature', 'humidity']),
  device('bus-test', 'vehicle', ['speed', 'passengers']),
]

function device(id: string, kind: Kind, metrics: readonly string[]): Device {
  const times = new Set<number>()
  while (times.size < OBSERVATIONS) times.add(end - 1 - Math.floor(random() * 48 * HOUR))
  const sent = [...times].map((time) => ({
    time,
    values: Object.fromEntries(metrics.map((metric) => [metric, random() * 60])),
  }))
  return { id, kind, metrics, sent }
}

/** One in ten again, the whole shuffled, cut into singles and arrays of up to 400. */
function* payloads(device: Device): Generator<string> {
  const repeated = device.sent.filter((_, index) => index % 10 === 0)
  const all = [...device.sent, ...repeated].map((sent) => ({ order: random(), sent }))
  all.sort((a, b) => a.order - b.order)
  const observations = all.map(({ sent }, index) => ({
    // Both forms of a time that the contract takes.
    time: index % 2 === 0 ? new Date(sent.time).toISOString() : sent.time,
    values: sent.values,
    ...(device.kind === 'vehicle' ? { position: { lat: -6.17, lon: 106.807 } } : {}),
  }))
  for (let index = 0; index < observations.length; ) {
    const length = random() < 0.5 ? 1 : Math.ceil(random() * 400)
    const batch = observations.slice(index, index + length)
    yield JSON.stringify(length === 1 ? batch[0] : batch)
    index += length
  }
}

const READINGS = devices.reduce((sum, { sent, metrics }) => sum + sent.length * metrics.length, 0)

describe.each(hasInfluxDb() ? ['duckdb', 'influxdb1'] : ['duckdb'])('20,000 readings in %s', (store) => {
  let influxDb: InfluxDb | null = null
  let village: TestVillage
  let cookie = ''

  beforeAll(async () => {
    if (store === 'influxdb1') influxDb = await startInfluxDb()
    village = await startVillage(
      influxDb === null ? {} : { PANTAU_STORE: `influxdb1://127.0.0.1:${influxDb.port}/pantau` },
    )
    cookie = await village.signIn()
    await Promise.all(devices.map(publish))
    await until(async () => (await counters()).readings.stored >= READINGS)
    await until(async () => (await counters()).lag_ms === 0)
  })

  afterAll(async () => {
    await village?.dispose()
    await influxDb?.dispose()
  })

  async function publish(device: Device): Promise<void> {
    const credentials = await village.addDevice(device.id, device.kind, '--lat', '-6.17', '--lon', '106.807')
    const client = await village.connect(credentials)
    const topic = `${credentials.topicPrefix}/reading`
    await Promise.all([...payloads(device)].map((payload) => client.publishAsync(topic, payload, { qos: 1 })))
    await client.endAsync()
  }

  interface CountersAnswer {
    readonly messages: { readonly received: number; readonly acknowledged: number }
    readonly observations: { readonly received: number; readonly taken: number; readonly quarantined: object }
    readonly readings: { readonly stored: number; readonly duplicates: number; readonly conflicts: number }
    readonly lag_ms: number
  }

  const counters = (): Promise<CountersAnswer> => village.get<CountersAnswer>('/api/v1/counters', cookie)

  const query = (device: Device, more: string): string =>
    `/api/v1/devices/${device.id}/readings?metric=${device.metrics.join()}` +
    `&from=${new Date(end - 48 * HOUR).toISOString()}&to=${new Date(end).toISOString()}${more}`

  async function raw(device: Device): Promise<Map<string, Series['points'][number][]>> {
    const series = new Map<string, Series['points'][number][]>()
    for (let next: string | undefined = ''; next !== undefined; ) {
      const answer: Readings = await village.get(query(device, next === '' ? '' : `&cursor=${next}`), cookie)
      for (const { metric, points } of answer.series)
        series.set(metric, [...(series.get(metric) ?? []), ...points])
      next = answer.next
    }
    return series
  }

  it.each(devices)('$id: each is there once, value and time exact, oldest first', async (device) => {
    const series = await raw(device)
    const sent = [...device.sent].sort((a, b) => a.time - b.time)
    for (const metric of device.metrics) {
      // Random values make readings that the quality tests doubt: the flag lies beside the value, which is as it was sent.
      const points = (series.get(metric) ?? []).map(([time, value]) => [time, value])
      expect(points).toEqual(sent.map(({ time, values }) => [time, values[metric]]))
    }
  })

  it.each(devices)("$id: units are the contract's", async (device) => {
    const { series } = await village.get<Readings>(query(device, '&every=1d'), cookie)
    const known: Record<string, { unit: string }> = METRICS[device.kind]
    for (const { metric, unit } of series) expect(unit).toBe(known[metric]?.unit)
    expect(series.map(({ metric }) => metric).sort()).toEqual([...device.metrics].sort())
  })

  it.each(devices)('$id: hourly means equal an independent computation to 1e-9', async (device) => {
    const { series } = await village.get<Readings>(query(device, '&every=1h'), cookie)
    for (const metric of device.metrics) {
      const hours = new Map<number, number[]>()
      for (const { time, values } of device.sent) {
        // Jakarta is whole hours ahead of UTC, so its hours begin where UTC's do.
        const hour = Math.floor(time / HOUR) * HOUR
        hours.set(hour, [...(hours.get(hour) ?? []), values[metric] ?? Number.NaN])
      }
      const points = series.find((one) => one.metric === metric)?.points ?? []
      expect(points.map(([time]) => time)).toEqual([...hours.keys()].sort((a, b) => a - b))
      for (const [time, value] of points) {
        const values = hours.get(time) ?? []
        const mean = values.reduce((sum, one) => sum + one, 0) / values.length
        expect(Math.abs(value - mean)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(mean)))
      }
    }
  })

  it.each(devices)('$id: CSV equals JSON', async (device) => {
    const answer = await fetch(`${village.http}${query(device, '&format=csv')}`, { headers: { cookie } })
    expect(answer.headers.get('content-type')).toContain('text/csv')
    const [header = '', ...lines] = (await answer.text()).trim().split(/\r?\n/)
    const columns = header.split(',')
    const at = (name: string): number => columns.indexOf(name)
    const fromCsv = lines
      .map((line) => line.split(','))
      .map(
        (cells) =>
          [cells[at('metric')], Date.parse(cells[at('time')] ?? ''), Number(cells[at('value')])] as const,
      )
    const fromJson = [...(await raw(device))].flatMap(([metric, points]) =>
      points.map(([time, value]) => [metric, time, value] as const),
    )
    const sorted = (rows: typeof fromJson) =>
      [...rows].sort((a, b) => a[1] - b[1] || (a[0] ?? '').localeCompare(b[0] ?? ''))
    expect(sorted(fromCsv as typeof fromJson)).toEqual(sorted(fromJson))
  })

  it('counters add up', async () => {
    const { messages, observations, readings } = await counters()
    const sent = devices.reduce((sum, device) => sum + device.sent.length * 1.1, 0)
    const repeated = devices.reduce((sum, { sent, metrics }) => sum + (sent.length / 10) * metrics.length, 0)
    expect(observations).toMatchObject({ received: sent, taken: sent, quarantined: {} })
    expect(readings).toEqual({ stored: READINGS, duplicates: repeated, conflicts: 0 })
    expect(messages.acknowledged).toBe(messages.received)
  })
})

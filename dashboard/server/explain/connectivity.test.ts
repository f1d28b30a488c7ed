import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceFeature } from '../../../contract/api.ts'
import type { Explanation } from '../../../contract/explain.ts'
import type { StateSpan } from '../../../contract/feed.ts'
import { formatTime, HOUR, MINUTE, SECOND } from '../../../contract/time.ts'
import { sameOfAll } from '../harness/distributions.ts'
import { sampleDevice, startVillage, type Village } from '../harness/village.ts'

let village: Village
let now = 0
/** A moment before the village began. */
let begin = 0

beforeAll(async () => {
  begin = Date.now()
  const time = begin - 5 * SECOND
  village = await startVillage({
    devices: [
      sampleDevice({
        id: 'hs-1',
        kind: 'hotspot',
        since: begin - HOUR,
        lastSeen: time,
        values: {
          up: { value: 1, time },
          clients: { value: 3, time },
          latency_ms: { value: 21.5, time },
          rssi_dbm: { value: -61, time },
          loss_pct: { value: 0.5, time },
        },
      }),
      sampleDevice({
        id: 'hs-2',
        kind: 'hotspot',
        state: 'down',
        cause: 'silence',
        since: begin - 9 * MINUTE,
        lastSeen: begin - 10 * MINUTE,
      }),
      sampleDevice({ id: 'hs-4', kind: 'hotspot', values: { clients: { value: 12, time } } }),
      sampleDevice({ id: 'hs-3', kind: 'hotspot', state: 'unknown', cause: 'parent:hs-2' }),
    ],
  })
  now = village.now
  const spans: StateSpan[] = [
    { device: 'hs-1', from: now - 30 * HOUR, to: now - 4 * HOUR, state: 'up', cause: null },
    { device: 'hs-1', from: now - 4 * HOUR, to: now - 3 * HOUR, state: 'down', cause: 'last_will' },
    { device: 'hs-1', from: now - 3 * HOUR, state: 'up', cause: null },
  ]
  village.feed.handlers.states = ({ device }) => ({
    ok: true,
    value: { spans: spans.filter((span) => span.device === device) },
  })
  village.feed.handlers.distributions = sameOfAll([18, 22, 25, 31, 120])
  village.feed.handlers.readings = ({ metrics = [] }) => ({
    ok: true,
    value: {
      series: metrics.map((metric) => ({
        metric,
        unit: null,
        points: (metric === 'clients' ? [3] : [18, 22, 25, 31, 120]).map(
          (value) => [now - MINUTE, value] as const,
        ),
      })),
    },
  })
})
afterAll(async () => {
  await village.stop()
})

async function explained(query: string, isStaff = false): Promise<Explanation> {
  const headers = { authorization: `Bearer ${village.tokens.infrastructure}` }
  const answer = await fetch(`${village.url}/api/v1/explain?${query}`, isStaff ? { headers } : {})
  expect(answer.status).toBe(200)
  return (await answer.json()) as Explanation
}

const inputsOf = ({ inputs }: Explanation): Record<string, unknown> =>
  Object.fromEntries(inputs.map(({ name, value }) => [name, value]))

describe('the explanation', () => {
  it('of a silent hotspot tells its last sign, the first that did not come, and how long silence is borne', async () => {
    const explanation = await explained('device=hs-2&value=state')
    expect(explanation).toMatchObject({ value: 'down', subject: { device: 'hs-2', value: 'state' } })
    // Domain B2: every 60 s, three missed and 10 s of grace.
    expect(inputsOf(explanation)).toMatchObject({
      cause: 'silence',
      last_sign: formatTime(begin - 10 * MINUTE),
      first_missed: formatTime(begin - 9 * MINUTE),
      silent_too_long: formatTime(begin - 10 * MINUTE + 190 * SECOND),
      silence_limit: 190,
    })
  })

  it('of a hotspot below one that is down names it', async () => {
    expect(inputsOf(await explained('device=hs-3&value=state'))).toMatchObject({ parent_state: 'down' })
  })

  it('of a state in the past is of the span then', async () => {
    const explanation = await explained(`device=hs-1&value=state&at=${formatTime(now - 3.5 * HOUR)}`)
    expect(explanation.value).toBe('down')
    expect(inputsOf(explanation)).toMatchObject({ offline_message: formatTime(now - 4 * HOUR) })
  })

  it('of availability has the seconds it is made of, and how much is known', async () => {
    const explanation = await explained(`device=hs-1&value=availability&at=${formatTime(now)}`)
    expect(explanation.value).toBeCloseTo((100 * 23) / 24, 6)
    expect(inputsOf(explanation)).toMatchObject({ up_s: 82_800, down_s: 3_600, unknown_s: 0, outages: 1 })
    expect(explanation.completeness).toMatchObject({ share: 1 })
    const unknown = await explained('device=hs-3&value=availability')
    expect(unknown).toMatchObject({ value: null, reason: 'nothing_known' })
  })

  it('of the 95th percentile is of all readings, and leads to them', async () => {
    const explanation = await explained('device=hs-1&value=latency_p95_ms')
    // Domain B5.
    expect(explanation.value).toBeCloseTo(102.2, 9)
    expect(explanation.completeness).toMatchObject({ known: 5, needed: 1_440 })
    const readings = await fetch(village.url + explanation.readings)
    expect(readings.status).toBe(200)
  })

  it('of loss is of the latest report, and of a period the mean', async () => {
    expect((await explained('device=hs-1&value=loss_pct')).value).toBe(0.5)
    const period = `from=${formatTime(now - HOUR)}&at=${formatTime(now)}`
    const mean = (18 + 22 + 25 + 31 + 120) / 5
    expect((await explained(`device=hs-1&value=loss_pct&${period}`)).value).toBeCloseTo(mean, 9)
  })

  it('of a signal tells what it is good for', async () => {
    // Domain B11: -61 dBm is good.
    expect(inputsOf(await explained('device=hs-1&value=rssi_dbm'))).toMatchObject({ signal_grade: 'good' })
  })

  it('shows no count of people below five to the public', async () => {
    const answer = await fetch(`${village.url}/api/v1/explain?device=hs-1&value=clients`)
    expect(answer.status).toBe(404)
    expect((await explained('device=hs-1&value=clients', true)).value).toBe(3)
    // Of one that has more now the time when it had fewer.
    const then = `device=hs-4&value=clients&at=${formatTime(now)}`
    expect(await explained(then)).toMatchObject({ value: null, reason: 'few' })
    expect((await explained(then, true)).value).toBe(3)
  })

  it('tells staff why a device is worked on, and the public only that it is', async () => {
    const answer = await fetch(`${village.url}/api/v1/maintenance`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${village.tokens.infrastructure}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        devices: ['hs-1'],
        from: formatTime(now - HOUR),
        to: formatTime(now + HOUR),
        reason: 'ganti antena',
      }),
    })
    expect(answer.status).toBe(201)
    await expect
      .poll(async () => (await explained('device=hs-1&value=state')).value, { timeout: 4_000 })
      .toBe('maintenance')
    expect(inputsOf(await explained('device=hs-1&value=state'))).not.toHaveProperty('maintenance_reason')
    expect(inputsOf(await explained('device=hs-1&value=state', true))).toMatchObject({
      maintenance_reason: 'ganti antena',
      maintenance_to: formatTime(now + HOUR),
    })
  })

  it('is refused for a value that is none, a device that is none, and both or neither subject', async () => {
    const status = async (query: string): Promise<number> =>
      (await fetch(`${village.url}/api/v1/explain?${query}`)).status
    expect(await status('device=hs-1&value=charm')).toBe(404)
    expect(await status('device=hs-9&value=state')).toBe(404)
    expect(await status('device=hs-1&stop=s&value=state')).toBe(400)
    expect(await status('value=state')).toBe(400)
    const long = formatTime(now - 40 * 24 * HOUR)
    expect(await status(`device=hs-1&value=latency_p95_ms&from=${long}`)).toBe(400)
  })

  it('is linked from the device for every value that has one', async () => {
    const feature = (await (await fetch(`${village.url}/api/v1/devices/hs-1`)).json()) as DeviceFeature
    const links = Object.entries(feature.properties.explain ?? {}).filter(([, path]) =>
      path.startsWith('/api/v1/explain'),
    )
    expect(links.map(([name]) => name)).toEqual(
      expect.arrayContaining(['state', 'availability', 'latency_p95_ms', 'loss_pct', 'rssi_dbm']),
    )
    for (const [, path] of links) expect((await fetch(village.url + path)).status, path).toBe(200)
  })
})

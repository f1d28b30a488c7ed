import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SummaryAnswer } from '../../contract/api.ts'
import type { OutagesAnswer, UptimeAnswer } from '../../contract/api-staff.ts'
import type { DeviceState } from '../../contract/device-state.ts'
import type { StateSpan } from '../../contract/feed.ts'
import { formatTime, HOUR, MINUTE, SECOND } from '../../contract/time.ts'
import { startVillage, type Village } from './harness/village.ts'
import { uptimeOf } from './hotspot-uptime.ts'
import { outagesOf } from './outages.ts'

type Change = readonly [second: number, state: DeviceState]

function spansOf(changes: readonly Change[], device = 'hs-1'): readonly StateSpan[] {
  return changes.map(([second, state], index) => {
    const next = changes[index + 1]
    const to = next === undefined ? {} : { to: next[0] * SECOND }
    return { device, from: second * SECOND, ...to, state, cause: state === 'down' ? 'silence' : null }
  })
}

function uptimeInSeconds(
  changes: readonly Change[],
  maintenance: readonly (readonly [number, number])[],
  from: number,
  to: number,
) {
  const windows = maintenance.map(([a, b]) => [a * SECOND, b * SECOND] as const)
  return uptimeOf(spansOf(changes), windows, { from: from * SECOND, to: to * SECOND })
}

describe('uptime', () => {
  it('is as in the example of rule B1', () => {
    const changes: Change[] = [
      [0, 'up'],
      [1_800, 'down'],
      [2_400, 'up'],
      [3_600, 'unknown'],
      [4_200, 'up'],
    ]
    const uptime = uptimeInSeconds(changes, [[6_000, 6_600]], 0, 7_200)
    expect(uptime).toMatchObject({ up_s: 5_400, down_s: 600, unknown_s: 600, maintenance_s: 600 })
    expect(uptime).toMatchObject({ availability: 0.9, outages: 1, mtbf_s: 5_400, mttr_s: 600 })
    expect(uptime.knownShare).toBeCloseTo(0.909, 3)
  })

  it('counts degraded as up', () => {
    expect(uptimeInSeconds([[0, 'degraded']], [], 0, 10)).toMatchObject({ up_s: 10, availability: 1 })
  })
})

const VECTORS = '/work/shared/data/domain-vectors.json'
describe.skipIf(!existsSync(VECTORS))('the vectors of rule B1', () => {
  interface Vector {
    readonly id: string
    readonly fn: string
    readonly input: {
      readonly from: number
      readonly to: number
      readonly changes: readonly Change[]
      readonly maintenance: readonly (readonly [number, number])[]
    }
    readonly expect: Readonly<Record<string, number | null>>
  }
  const vectors = existsSync(VECTORS) ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as Vector[]) : []
  it.each(vectors.filter(({ fn }) => fn === 'availability'))('$id', ({ input, expect: expected }) => {
    const uptime = uptimeInSeconds(input.changes, input.maintenance, input.from, input.to)
    for (const [member, value] of Object.entries(expected)) {
      const got = uptime[member as keyof typeof uptime]
      if (value === null) expect(got, member).toBeNull()
      else expect(got, member).toBeCloseTo(value, 6)
    }
  })
})

describe('outages', () => {
  it('begin with down and end with up alone', () => {
    const spans = spansOf([
      [0, 'up'],
      [100, 'down'],
      [200, 'unknown'],
      [300, 'down'],
      [400, 'degraded'],
      [500, 'unknown'],
      [600, 'down'],
    ])
    expect(outagesOf(spans)).toEqual([
      { id: 'hs-1.100000', hotspot: 'hs-1', from: 100_000, to: 400_000, cause: 'silence' },
      { id: 'hs-1.600000', hotspot: 'hs-1', from: 600_000, cause: 'silence' },
    ])
  })
})

describe('over HTTP', () => {
  let village: Village
  let spans: StateSpan[]

  beforeAll(async () => {
    village = await startVillage()
    const { now } = village
    spans = [
      { device: 'hs-1', from: now - 30 * HOUR, to: now - 4 * HOUR, state: 'up', cause: null },
      { device: 'hs-1', from: now - 4 * HOUR, to: now - 3 * HOUR, state: 'down', cause: 'last_will' },
      { device: 'hs-1', from: now - 3 * HOUR, state: 'up', cause: null },
      { device: 'hs-2', from: now - 6 * HOUR, state: 'down', cause: 'silence' },
    ]
    village.feed.handlers.states = ({ device, from, to }) => ({
      ok: true,
      value: {
        spans: spans.filter(
          (span) =>
            (device === undefined || span.device === device) && span.from < to && (span.to ?? now + 1) > from,
        ),
      },
    })
    village.feed.handlers.readings = ({ metrics = [] }) => ({
      ok: true,
      value: {
        series: metrics.map((metric) => ({
          metric,
          unit: null,
          points: [18, 22, 25, 31, 120].map((value) => [now, value] as const),
        })),
      },
    })
  })
  afterAll(async () => {
    await village.stop()
  })

  const init = (method = 'GET', body?: object): RequestInit => ({
    method,
    headers: {
      authorization: `Bearer ${village.tokens.infrastructure}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  async function get<T>(path: string): Promise<T> {
    const answer = await fetch(`${village.url}/api/v1/${path}`, init())
    expect(answer.status).toBe(200)
    return (await answer.json()) as T
  }

  it('the summary adds up', async () => {
    const to = formatTime(village.now)
    const summary = await get<SummaryAnswer>(`connectivity/summary?to=${to}`)
    expect(summary).toMatchObject({ hotspots: 2, up: 1, down: 1, unknown: 0, degraded: 0, maintenance: 0 })
    // 23 h up and 1 h down of the one; 6 h down and 18 h unknown of the other.
    expect(summary.availability).toBeCloseTo(23 / 30, 9)
    expect(summary.knownShare).toBeCloseTo(30 / 48, 9)
  })

  it('uptime has a row a hotspot, with percentiles of all readings (domain B5)', async () => {
    const { hotspots } = await get<UptimeAnswer>(`connectivity/uptime?to=${formatTime(village.now)}`)
    expect(hotspots[0]).toMatchObject({ id: 'hs-1', up_s: 82_800, down_s: 3_600, outages: 1, mttr_s: 3_600 })
    expect(hotspots[0]?.latency_p50_ms).toBe(25)
    expect(hotspots[0]?.latency_p95_ms).toBeCloseTo(102.2, 9)
    expect(hotspots[1]).toMatchObject({ id: 'hs-2', availability: 0, unknown_s: 64_800 })
  })

  it('outages are listed, told apart by being open, and acknowledged', async () => {
    const { outages } = await get<OutagesAnswer>('connectivity/outages')
    expect(outages.map(({ hotspot, cause }) => [hotspot, cause])).toEqual([
      ['hs-2', 'silence'],
      ['hs-1', 'last_will'],
    ])
    const open = await get<OutagesAnswer>('connectivity/outages?open=true')
    expect(open.outages.map(({ hotspot }) => hotspot)).toEqual(['hs-2'])
    expect((await get<OutagesAnswer>('connectivity/outages?hotspot=hs-1')).outages).toHaveLength(1)
    const url = `${village.url}/api/v1/connectivity/outages/${open.outages[0]?.id}/acknowledge`
    const acknowledged = await fetch(url, init('POST', { note: 'teknisi di jalan' }))
    expect(await acknowledged.json()).toMatchObject({
      acknowledgedBy: 'infrastructure-person',
      note: 'teknisi di jalan',
    })
    expect((await fetch(url, init('POST'))).status).toBe(200)
    const again = await get<OutagesAnswer>('connectivity/outages?open=true')
    expect(again.outages[0]).toMatchObject({ acknowledgedBy: 'infrastructure-person' })
    const unknown = `${village.url}/api/v1/connectivity/outages/hs-9.1764000000000/acknowledge`
    expect((await fetch(unknown, init('POST'))).status).toBe(404)
  })

  it('states of a device are cut to the period', async () => {
    const from = formatTime(village.now - 5 * HOUR)
    const states = await get<{ spans: { from: string; to?: string; state: string }[] }>(
      `devices/hs-1/states?from=${from}&to=${formatTime(village.now)}`,
    )
    expect(states.spans.map(({ state }) => state)).toEqual(['up', 'down', 'up'])
    expect(states.spans[0]?.from).toBe(from)
    expect(states.spans[2]).not.toHaveProperty('to')
  })

  it('a window of maintenance takes its devices out at once, and gives them back', async () => {
    const url = `${village.url}/api/v1/maintenance`
    const state = async (): Promise<string> =>
      (await get<{ properties: { state: string } }>('devices/hs-2')).properties.state
    const backwards = {
      devices: ['hs-2'],
      from: formatTime(village.now),
      to: formatTime(village.now - MINUTE),
      reason: 'x',
    }
    expect((await fetch(url, init('POST', backwards))).status).toBe(400)
    const window = {
      devices: ['hs-2'],
      from: formatTime(village.now - HOUR),
      to: formatTime(village.now + HOUR),
      reason: 'ganti antena',
    }
    const made = (await (await fetch(url, init('POST', window))).json()) as { id: string; by: string }
    expect(made.by).toBe('infrastructure-person')
    await expect.poll(state, { timeout: 4_000 }).toBe('maintenance')
    const { hotspots } = await get<UptimeAnswer>(`connectivity/uptime?to=${formatTime(village.now)}`)
    expect(hotspots[1]).toMatchObject({ id: 'hs-2', maintenance_s: 3_600, down_s: 18_000 })
    expect((await fetch(`${url}/${made.id}`, init('DELETE'))).status).toBe(204)
    await expect.poll(state, { timeout: 4_000 }).toBe('down')
    expect((await fetch(`${url}/${made.id}`, init('DELETE'))).status).toBe(404)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ReadingsAnswer } from '../../contract/api.ts'
import type { FeedMethods, Point, Series } from '../../contract/feed.ts'
import { formatTime, HOUR, MINUTE } from '../../contract/time.ts'
import { startVillage, type Village } from './harness/village.ts'

let village: Village
beforeAll(async () => {
  village = await startVillage()
})
afterAll(async () => {
  await village.stop()
})

const staff = (): Record<string, string> => ({ authorization: `Bearer ${village.tokens.infrastructure}` })

async function readings(query: string, headers: Record<string, string> = {}): Promise<ReadingsAnswer> {
  const answer = await fetch(`${village.url}/api/v1/devices/${query}`, { headers })
  expect(answer.status).toBe(200)
  return (await answer.json()) as ReadingsAnswer
}

/** A store of 25,000 minutes with two metrics, that gives as many as it is asked for. */
function fill(metrics: readonly string[]): void {
  const all = Array.from({ length: 25_000 }, (_, minute) => village.now - (25_000 - minute) * MINUTE)
  village.feed.handlers.readings = ({ from, to, limit }: FeedMethods['readings']['argument']) => {
    const times = all.filter((time) => time >= from && time < to)
    const page = times.slice(0, limit)
    const next = times[limit]
    const series: Series[] = metrics.map((metric) => ({
      metric,
      unit: metric === 'clients' ? 'count' : 'ug/m3',
      points: page.map(
        (time, index): Point => (index % 7 === 0 ? [time, index % 12, 'range'] : [time, index % 12]),
      ),
    }))
    return { ok: true, value: { series, ...(next === undefined ? {} : { next }) } }
  }
}

beforeEach(() => {
  village.feed.calls.length = 0
})

describe('raw readings', () => {
  it('come at most 10,000 a metric, then the rest by cursor', async () => {
    fill(['pm2_5'])
    const from = formatTime(village.now - 25_000 * MINUTE)
    const to = formatTime(village.now)
    const lengths: number[] = []
    let cursor = ''
    for (let page = 0; page < 4; page += 1) {
      const answer = await readings(`air-1/readings?from=${from}&to=${to}${cursor}`)
      lengths.push(answer.series[0]?.points.length ?? 0)
      if (answer.next === undefined) break
      cursor = `&cursor=${answer.next}`
    }
    expect(lengths).toEqual([10_000, 10_000, 5_000])
  })

  it('as CSV are the same as in JSON, all of the period', async () => {
    fill(['pm10', 'pm2_5'])
    const period = `from=${formatTime(village.now - 24_000 * MINUTE)}&to=${formatTime(village.now)}`
    const expected: string[] = []
    let cursor = ''
    do {
      const answer = await readings(`air-1/readings?${period}${cursor}`)
      for (const { metric, unit, points } of answer.series) {
        for (const [time, value, flag] of points) {
          expected.push([formatTime(time), 'air-1', metric, value, unit, flag ?? ''].join(','))
        }
      }
      cursor = answer.next === undefined ? '' : `&cursor=${answer.next}`
    } while (cursor !== '')
    const csv = await fetch(`${village.url}/api/v1/devices/air-1/readings?${period}`, {
      headers: { accept: 'text/csv' },
    })
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/)
    const [header, ...rows] = (await csv.text()).trimEnd().split('\r\n')
    expect(header).toBe('time,device,metric,value,unit,flag')
    expect(rows).toHaveLength(48_000)
    expect(rows.toSorted()).toEqual(expected.toSorted())
    expect(rows).toEqual(rows.toSorted())
    const other = await fetch(`${village.url}/api/v1/devices/air-1/readings?${period}&format=csv`)
    expect((await other.text()).length).toBe(
      (header?.length ?? 0) + 2 + rows.reduce((sum, row) => sum + row.length + 2, 0),
    )
  })

  it('of a small count of people are left out for the public and said to be', async () => {
    fill(['clients'])
    const open = await readings('hs-1/readings')
    expect(open.few).toBe(true)
    expect(open.series[0]?.few).toBe(true)
    expect(open.series[0]?.points.every(([, value]) => value >= 5)).toBe(true)
    const known = await readings('hs-1/readings', staff())
    expect(known.few).toBeUndefined()
    expect(known.series[0]?.points.some(([, value]) => value < 5)).toBe(true)
    const csv = await (await fetch(`${village.url}/api/v1/devices/hs-1/readings?format=csv`)).text()
    expect(csv).not.toMatch(/,clients,[0-4],/)
  })

  it('of a vehicle reach back an hour for the public, and further for staff', async () => {
    fill(['speed'])
    const before = Date.parse((await readings('bus-1/readings')).from)
    expect(before).toBeGreaterThanOrEqual(village.now - HOUR)
    await readings(
      `bus-1/readings?from=${formatTime(village.now - 5 * HOUR)}&to=${formatTime(village.now - 2 * HOUR)}`,
    )
    const asked = village.feed.calls.map(({ argument }) => (argument as { from: number }).from)
    expect(asked.every((from) => from >= village.now - HOUR)).toBe(true)
    const known = await readings('bus-1/readings', staff())
    expect(Date.parse(known.from)).toBeLessThan(village.now - 23 * HOUR)
  })
})

describe('buckets', () => {
  it('are asked for by step and function, mean without one', async () => {
    village.feed.handlers.buckets = ({ every, fn }) => ({
      ok: true,
      value: {
        series: [{ metric: 'pm2_5', unit: 'ug/m3', points: [[0, every === '1h' && fn === 'mean' ? 1 : 2]] }],
      },
    })
    const answer = await readings('air-1/readings?every=1h&metric=pm2_5')
    expect(answer).toMatchObject({ every: '1h', fn: 'mean', series: [{ points: [[0, 1]] }] })
  })
})

describe('while ingest fails', () => {
  it.each([
    ['unknown_device', 404],
    ['store_away', 503],
    ['bad_argument', 400],
    ['failed', 500],
  ] as const)('%s is %i', async (code, status) => {
    village.feed.handlers.readings = () => ({ ok: false, code, message: 'so it is' })
    const answer = await fetch(`${village.url}/api/v1/devices/air-1/readings`)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/problem\+json/)
  })
})

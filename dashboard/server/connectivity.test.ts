import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HotspotStatesAnswer, SummaryAnswer } from '../../contract/api.ts'
import type { OutagesAnswer, UptimeAnswer } from '../../contract/api-staff.ts'
import type { StateSpan } from '../../contract/feed.ts'
import { formatTime, HOUR, MINUTE } from '../../contract/time.ts'
import { sameOfAll } from './harness/distributions.ts'
import { startVillage, type Village } from './harness/village.ts'

describe('connectivity over HTTP', () => {
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
    village.feed.handlers.states = ({ device, devices, from, to }) => ({
      ok: true,
      value: {
        spans: spans.filter(
          (span) =>
            (device === undefined || span.device === device) &&
            (devices === undefined || devices.includes(span.device)) &&
            span.from < to &&
            (span.to ?? now + 1) > from,
        ),
      },
    })
    village.feed.handlers.distributions = sameOfAll([18, 22, 25, 31, 120])
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
    // One that lasted at the end of the period has the end that came behind it.
    const middle = formatTime(village.now - 3.5 * HOUR)
    const cut = await get<OutagesAnswer>(`connectivity/outages?hotspot=hs-1&to=${middle}`)
    expect(cut.outages.map(({ to }) => to)).toEqual([formatTime(village.now - 3 * HOUR)])
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

  it('states of all hotspots come at once, page by page', async () => {
    const period = `from=${formatTime(village.now - 5 * HOUR)}&to=${formatTime(village.now)}`
    const all = await get<HotspotStatesAnswer>(`connectivity/states?${period}`)
    expect(all.hotspots.map(({ id, spans }) => [id, spans.map(({ state }) => state)])).toEqual([
      ['hs-1', ['up', 'down', 'up']],
      ['hs-2', ['down']],
    ])
    const first = await get<HotspotStatesAnswer>(`connectivity/states?${period}&limit=1`)
    const second = await get<HotspotStatesAnswer>(
      `connectivity/states?${period}&limit=1&cursor=${first.next}`,
    )
    expect([first, second].flatMap(({ hotspots }) => hotspots)).toEqual(all.hotspots)
    expect(second.next).toBeUndefined()
  })

  it('the report is there as CSV, a row a hotspot', async () => {
    const to = formatTime(village.now)
    const answer = await fetch(`${village.url}/api/v1/connectivity/uptime?to=${to}&format=csv`, init())
    expect(answer.headers.get('content-type')).toContain('text/csv')
    const [head = '', first = '', second = ''] = (await answer.text()).split('\r\n')
    const names = head.split(',')
    const of = (row: string, name: string): string | undefined => row.split(',')[names.indexOf(name)]
    expect([of(first, 'id'), of(first, 'down_s'), of(first, 'latency_p50_ms')]).toEqual([
      'hs-1',
      '3600',
      '25',
    ])
    expect([of(second, 'id'), of(second, 'availability'), of(second, 'to')]).toEqual(['hs-2', '0', to])
  })

  it('percentiles of a long period are those of all its readings, within the error that is said', async () => {
    const from = formatTime(village.now - 30 * 24 * HOUR)
    const { hotspots } = await get<UptimeAnswer>(
      `connectivity/uptime?from=${from}&to=${formatTime(village.now)}`,
    )
    // Every day has the same five readings.
    const { latency_p50_ms: p50, latency_error: error = 0, loss_pct: loss } = hotspots[0] ?? {}
    expect(error).toBeGreaterThan(0)
    expect(Math.abs((p50 ?? 0) - 25)).toBeLessThanOrEqual(25 * error)
    expect(loss).toBeCloseTo((18 + 22 + 25 + 31 + 120) / 5, 6)
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
    expect((await fetch(url, init('POST', { ...window, devices: ['nobody'] }))).status).toBe(400)
    const made = (await (await fetch(url, init('POST', window))).json()) as { id: string; by: string }
    expect(made.by).toBe('infrastructure-person')
    await expect.poll(state, { timeout: 4_000 }).toBe('maintenance')
    const { hotspots } = await get<UptimeAnswer>(`connectivity/uptime?to=${formatTime(village.now)}`)
    expect(hotspots[1]).toMatchObject({ id: 'hs-2', maintenance_s: 3_600, down_s: 18_000 })
    // All that tells of the hotspot tells the same.
    const states = await get<HotspotStatesAnswer>(`connectivity/states?to=${formatTime(village.now)}`)
    expect(states.hotspots[1]?.spans.map(({ state }) => state)).toEqual(['down', 'maintenance'])
    const own = await get<{ spans: unknown[] }>(`devices/hs-2/states?to=${formatTime(village.now)}`)
    expect(own.spans).toEqual(states.hotspots[1]?.spans)
    expect(await get<SummaryAnswer>('connectivity/summary')).toMatchObject({ maintenance: 1, down: 0 })
    // Ended, what lies behind stays; taken back, it was never there.
    const ended = await fetch(`${url}/${made.id}/end`, init('POST'))
    expect(((await ended.json()) as { from: string }).from).toBe(window.from)
    expect((await fetch(`${url}/${made.id}/end`, init('POST'))).status).toBe(404)
    const after = await get<UptimeAnswer>(`connectivity/uptime?to=${formatTime(village.now)}`)
    expect(after.hotspots[1]).toMatchObject({ maintenance_s: 3_600 })
    expect((await fetch(`${url}/${made.id}`, init('DELETE'))).status).toBe(204)
    await expect.poll(state, { timeout: 4_000 }).toBe('down')
    expect((await fetch(`${url}/${made.id}`, init('DELETE'))).status).toBe(404)
  })
})

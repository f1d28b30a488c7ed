// Flags, exceedances and explanations of stations through the real server, with an ingest that answers what a test gives it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Problem, StationsAnswer } from '../../contract/api.ts'
import type { ExceedancesAnswer, FlagAnswer, FlagsAnswer } from '../../contract/api-staff.ts'
import type { Explanation } from '../../contract/explain.ts'
import type { QualityFlag } from '../../contract/feed.ts'
import { DAY, formatTime, HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { QUALITY_RULES } from '../../domain/quality/rules.ts'
import { readAuditLog } from '../../runtime/audit.ts'
import { sampleDevice, startVillage, type Village } from './harness/village.ts'

let village: Village
let now = 0
const set = new Map<string, QualityFlag>()
/** The start of the hour that runs. */
let hour = 0

const PM25 = 42
/** ISPU of 42 µg/m³ (domain A3, worked example). */
const ISPU = 83

beforeAll(async () => {
  const begin = Date.now()
  hour = Math.floor(begin / HOUR) * HOUR
  const part = { metric: 'pm2_5', concentration: PM25, unit: 'ug/m3', averaging: '24h', value: ISPU }
  const index = {
    value: ISPU,
    category: 'Sedang',
    dominant: 'pm2_5',
    time: hour,
    completeness: 1,
    parts: [part],
  }
  village = await startVillage({
    devices: [
      sampleDevice({
        id: 'air-1',
        kind: 'sensor',
        name: '=Balai, "RW 1"',
        values: {
          pm2_5: { value: 40, time: begin - MINUTE },
          temperature: { value: 30, time: begin - MINUTE, flag: 'stuck' },
        },
        air: {
          ispu: { index: 'ispu', ...index },
          'us-aqi': { index: 'us-aqi', ...index },
          eaqi: { index: 'eaqi', ...index },
        },
      }),
    ],
  })
  now = village.now
  village.feed.handlers.flags = ({ device, metric, from, to, limit, after }) => ({
    ok: true,
    value: {
      flags: [...set.values()]
        .filter((flag) => flag.from < to && flag.to > from)
        .filter((flag) => device === undefined || flag.device === device)
        .filter((flag) => metric === undefined || flag.metric === metric)
        .sort((a, b) => a.from - b.from)
        .filter((flag) => after === undefined || flag.from > after.from)
        .slice(0, limit),
    },
  })
  village.feed.handlers.setFlag = ({ by, ...what }) => {
    const flag = { id: 'hand-1', ...what, quality: 4, rule: 'hand', version: by, made: now } as const
    set.set(flag.id, flag)
    return { ok: true, value: { flag } }
  }
  village.feed.handlers.unsetFlag = ({ id }) => {
    const flag = id.startsWith('hand-') ? (set.get(id) ?? null) : null
    if (flag !== null) set.delete(id)
    return { ok: true, value: { flag, byTest: !id.startsWith('hand-') } }
  }
  village.feed.handlers.buckets = ({ metrics = [], from, to, fn }) => ({
    ok: true,
    value: {
      series: metrics.map((metric) => ({ metric, unit: 'ug/m3', points: hoursIn(from, to, metric, fn) })),
    },
  })
})

afterAll(() => village.stop())

/** PM2.5 at 60 µg/m³ two days ago and before, 42 since; an hour without enough readings. */
function hoursIn(from: TimeMs, to: TimeMs, metric: string, fn: string): [TimeMs, number][] {
  const points: [TimeMs, number][] = []
  for (let at = Math.ceil(from / HOUR) * HOUR; at < to; at += HOUR) {
    const count = at === hour - 5 * HOUR ? 10 : 60
    const mean = metric === 'pm2_5' && at < hour - 2 * DAY ? 60 : PM25
    points.push([at, fn === 'count' ? count : mean])
  }
  return points
}

type Who = 'infrastructure' | 'environment' | 'admin' | null

async function ask(path: string, who: Who = 'environment', init: { method?: string; body?: unknown } = {}) {
  const { method = 'GET', body } = init
  return fetch(`${village.url}${path}`, {
    method,
    headers: {
      ...(who === null ? {} : { authorization: `Bearer ${village.tokens[who]}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function json<T>(path: string, who: Who = 'environment'): Promise<T> {
  const answer = await ask(path, who)
  expect(answer.status).toBe(200)
  return (await answer.json()) as T
}

describe('flags', () => {
  it('are for the role environment', async () => {
    for (const path of ['/api/v1/flags', '/api/v1/air/exceedances']) {
      expect((await ask(path, null)).status).toBe(401)
      expect((await ask(path, 'infrastructure')).status).toBe(403)
    }
    expect((await ask('/api/v1/flags', 'admin')).status).toBe(200)
  })

  it('are set by hand, listed, taken back once, and all of it is in the audit log', async () => {
    const about = {
      device: 'air-1',
      metric: 'pm2_5',
      from: formatTime(now - HOUR),
      to: formatTime(now - MINUTE),
      note: 'burnt rice',
    }
    const made = await ask('/api/v1/flags', 'environment', { method: 'POST', body: about })
    expect(made.status).toBe(201)
    const flag = (await made.json()) as FlagAnswer
    expect(flag).toEqual({
      id: 'hand-1',
      ...about,
      flag: 'manual',
      quality: 'bad',
      rule: { name: 'hand', version: '1' },
      by: 'environment-person',
      set: formatTime(now),
    })
    expect(await json<FlagsAnswer>('/api/v1/flags?device=air-1&metric=pm2_5')).toEqual({ flags: [flag] })
    expect((await json<FlagsAnswer>('/api/v1/flags?metric=pm10')).flags).toEqual([])
    expect((await ask('/api/v1/flags/hand-1', 'environment', { method: 'DELETE' })).status).toBe(204)
    expect((await ask('/api/v1/flags/hand-1', 'environment', { method: 'DELETE' })).status).toBe(404)
    const lines = readAuditLog(village.dataFolder).lines.filter(({ what }) => what.startsWith('flag.'))
    expect(lines.map(({ what, on, who, result }) => [what, on, who, result])).toEqual([
      ['flag.add', 'air-1', 'environment-person', 'done'],
      ['flag.remove', 'hand-1', 'environment-person', 'done'],
      ['flag.remove', 'hand-1', 'environment-person', 'refused'],
    ])
  })

  it('of a test are not taken back, and it is said why', async () => {
    const answer = await ask('/api/v1/flags/air-1.pm2_5.1.spike', 'environment', { method: 'DELETE' })
    expect(answer.status).toBe(404)
    expect(((await answer.json()) as Problem).detail).toContain('a flag of a test goes when')
  })

  it('come in pages', async () => {
    for (let index = 0; index < 5; index += 1) {
      const from = now - HOUR + index * MINUTE
      const flag = {
        device: 'air-1',
        metric: 'pm2_5',
        from,
        to: from + 1,
        flag: 'spike',
        quality: 3,
      } as const
      set.set(`t-${index}`, { ...flag, id: `t-${index}`, rule: 'spike', version: '1', note: null, made: now })
    }
    const seen: string[] = []
    for (let path: string | null = '/api/v1/flags?limit=2'; path !== null; ) {
      const page: FlagsAnswer = await json<FlagsAnswer>(path)
      seen.push(...page.flags.map(({ id }) => id))
      path = page.next === undefined ? null : `/api/v1/flags?limit=2&cursor=${page.next}`
    }
    expect(seen).toEqual(['t-0', 't-1', 't-2', 't-3', 't-4'])
    set.clear()
  })

  it.each([
    ['device', { device: 'nobody' }],
    ['metric', { metric: 'PM' }],
    ['from', { from: 'yesterday' }],
    ['to', { to: '2020-01-01T00:00:00Z' }],
    ['to', { from: '2020-01-01T00:00:00Z' }],
    ['flag', { flag: 'odd' }],
    ['note', { note: '\u202e' }],
  ])('refuse a wrong %s', async (parameter, wrong) => {
    const right = { device: 'air-1', metric: 'pm2_5', from: formatTime(now - HOUR), to: formatTime(now) }
    const answer = await ask('/api/v1/flags', 'environment', { method: 'POST', body: { ...right, ...wrong } })
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as Problem).parameter).toBe(parameter)
  })
})

describe('exceedances', () => {
  const query = (): string => `from=${formatTime(now - 5 * DAY)}&to=${formatTime(now)}`

  it('are days over the limit, with what was looked at', async () => {
    const answer = await json<ExceedancesAnswer>(`/api/v1/air/exceedances?${query()}&standard=pp22`)
    expect(answer.exceedances.length).toBeGreaterThanOrEqual(2)
    expect(answer.exceedances[0]).toMatchObject({
      station: 'air-1',
      metric: 'pm2_5',
      averaging: '24h',
      value: 60,
      unit: 'ug/m3',
      limit: 55,
      completeness: 1,
    })
    const [tally] = answer.tallies
    expect(tally).toMatchObject({ metric: 'pm2_5', windows: 5, valid: 5, over: answer.exceedances.length })
    const who = await json<ExceedancesAnswer>(`/api/v1/air/exceedances?${query()}&standard=who`)
    expect(who.exceedances).toHaveLength(5)
    const ispu = await json<ExceedancesAnswer>(`/api/v1/air/exceedances?${query()}&standard=ispu`)
    expect(ispu.exceedances[0]).toMatchObject({ unit: 'ISPU', category: 'Tidak Sehat', limit: 100 })
  })

  it('come in pages, and as CSV whole, with names that are no formulas', async () => {
    const first = await json<ExceedancesAnswer>(`/api/v1/air/exceedances?${query()}&standard=who&limit=3`)
    const next = encodeURIComponent(first.next ?? '')
    const path = `/api/v1/air/exceedances?${query()}&standard=who&limit=3&cursor=${next}`
    const second = await json<ExceedancesAnswer>(path)
    expect(first.exceedances.length + second.exceedances.length).toBe(5)
    const csv = await ask(`/api/v1/air/exceedances?${query()}&standard=who&format=csv`)
    expect(csv.headers.get('content-type')).toContain('text/csv')
    const lines = (await csv.text()).trimEnd().split('\r\n')
    expect(lines).toHaveLength(6)
    expect(lines[0]).toBe(
      'standard,station,name,metric,averaging,from,to,value,unit,limit,completeness,category,rule,rule_version',
    )
    expect(lines[1]).toContain('who,air-1,"\'=Balai, ""RW 1""",pm2_5,24h,')
  })

  it('refuse another standard, and a period that is too long', async () => {
    expect((await ask('/api/v1/air/exceedances?standard=epa')).status).toBe(400)
    expect((await ask('/api/v1/air/exceedances?from=2020-01-01T00:00:00Z')).status).toBe(400)
  })
})

describe('stations', () => {
  it('say by which rule the index is', async () => {
    const answer = await json<StationsAnswer>('/api/v1/air/stations', null)
    expect(answer.rule).toMatchObject({ name: 'ispu', version: 'P.14/2020' })
    expect(answer.stations.map(({ id, value }) => [id, value])).toEqual([['air-1', ISPU]])
  })
})

describe('explanations', () => {
  it('of an index give rule, source, the hours with their flags, and the raw readings', async () => {
    const from = hour - 3 * HOUR
    const flag = { device: 'air-1', metric: 'pm2_5', from, to: from + 1, flag: 'spike', quality: 3 } as const
    set.set('t', { ...flag, id: 't', rule: 'spike', version: '1', note: null, made: now })
    const explanation = await json<Explanation>('/api/v1/explain?device=air-1&value=ispu', null)
    expect(explanation).toMatchObject({
      subject: { device: 'air-1', value: 'ispu' },
      value: ISPU,
      time: formatTime(hour),
      rule: { name: 'ispu', version: 'P.14/2020' },
      completeness: { known: 23, needed: 24 },
      readings: `/api/v1/devices/air-1/readings?metric=pm2_5&from=${formatTime(hour - DAY)}&to=${formatTime(hour)}`,
    })
    expect(explanation.inputs).toContainEqual({ name: 'hours_needed', value: 18, unit: 'count' })
    const hours = explanation.inputs.filter(({ time }) => time !== undefined)
    expect(hours).toHaveLength(24)
    expect(hours.at(-3)).toEqual({
      name: 'pm2_5',
      value: PM25,
      unit: 'ug/m3',
      time: formatTime(from),
      flag: 'spike',
    })
    expect(hours.at(-5)).toMatchObject({ value: null, flag: 'incomplete' })
    set.clear()
  })

  it('of an index at another time are computed anew from the hours of then', async () => {
    const then = hour - 3 * DAY
    const explanation = await json<Explanation>(
      `/api/v1/explain?device=air-1&value=ispu&at=${formatTime(then)}`,
      null,
    )
    // 60 µg/m³ lies between the nodes (55.4, 100) and (150.4, 200): 100 + 100 * 4.6 / 95 = 104.8 (domain A3).
    expect(explanation).toMatchObject({ value: 105, time: formatTime(then) })
  })

  it('of a flagged reading name the test and its thresholds', async () => {
    const explanation = await json<Explanation>('/api/v1/explain?device=air-1&value=temperature', null)
    expect(explanation).toMatchObject({
      value: 30,
      unit: 'degC',
      rule: { name: 'quality-stuck', version: QUALITY_RULES.stuck.version },
    })
    expect(explanation.inputs).toContainEqual({ name: 'flag', value: 'stuck', flag: 'stuck' })
    expect(explanation.inputs).toContainEqual({ name: 'flat_suspect', value: 21_600, unit: 's' })
  })

  it('of a reading that was flagged by hand tell the public neither who nor why', async () => {
    const at = { device: 'air-1', metric: 'temperature', from: now - HOUR, to: now + HOUR } as const
    const hand = { id: 'hand-9', ...at, flag: 'stuck', quality: 4, rule: 'hand', version: 'sari' } as const
    set.set(hand.id, { ...hand, note: 'sate', made: now })
    const path = '/api/v1/explain?device=air-1&value=temperature'
    const open = await json<Explanation>(path, null)
    expect(open.rule).toMatchObject({ name: 'flag-by-hand', source: `Set on ${formatTime(now)} by staff` })
    expect((await json<Explanation>(path)).rule.source).toContain('sari: sate')
    set.clear()
  })

  it('have an address beside the device', async () => {
    const feature = await json<{ properties: { explain: Record<string, string> } }>(
      '/api/v1/devices/air-1',
      null,
    )
    expect(Object.keys(feature.properties.explain)).toEqual(
      expect.arrayContaining(['eaqi', 'ispu', 'pm2_5', 'state', 'temperature', 'us-aqi']),
    )
  })
})

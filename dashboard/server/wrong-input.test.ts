import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Problem } from '../../contract/api.ts'
import { startVillage, type Village } from './harness/village.ts'

let village: Village
beforeAll(async () => {
  village = await startVillage()
})
afterAll(async () => {
  await village.stop()
})

async function problem(path: string, init: RequestInit = {}): Promise<Problem & { headers: Headers }> {
  const answer = await fetch(village.url + path, init)
  expect(answer.headers.get('content-type'), path).toBe('application/problem+json; charset=utf-8')
  const body = (await answer.json()) as Problem
  expect(body.status).toBe(answer.status)
  return { ...body, headers: answer.headers }
}

const readings = '/api/v1/devices/air-1/readings'
const many = Array.from({ length: 101 }, (_, index) => `m${index}`).join(',')

describe('a wrong parameter (reliability 10, rows 41 to 47)', () => {
  it.each([
    ['/api/v1/devices?limit=0', 'limit'],
    ['/api/v1/devices?limit=-1', 'limit'],
    ['/api/v1/devices?limit=1001', 'limit'],
    ['/api/v1/devices?limit=abc', 'limit'],
    ['/api/v1/devices?limit=5&limit=6', 'limit'],
    [`${readings}?from=2026-11-24T08:00:00Z&to=2026-11-23T08:00:00Z`, 'from'],
    [`${readings}?from=abc`, 'from'],
    [`${readings}?from=2026-11-24T08:00:00`, 'from'],
    [`${readings}?to=2026-02-30T00:00:00Z`, 'to'],
    [`${readings}?from=1976-11-24T08:00:00Z`, 'from'],
    [`${readings}?every=7m`, 'every'],
    [`${readings}?every=1h&fn=median`, 'fn'],
    [`${readings}?every=1m&from=2020-11-24T08:00:00Z`, 'every'],
    ['/api/v1/devices?bbox=1,2,3', 'bbox'],
    ['/api/v1/devices?bbox=200,1,201,2', 'bbox'],
    ['/api/v1/devices?bbox=107,-7,106,-6', 'bbox'],
    ['/api/v1/devices?bbox=a,b,c,d', 'bbox'],
    ["/api/v1/devices/air-1/readings?metric=a';drop table readings;--", 'metric'],
    [`${readings}?metric=${many}`, 'metric'],
    ['/api/v1/devices?cursor=forged', 'cursor'],
    ['/api/v1/devices?cursor=aHMtMQ.AAAAAAAAAAAAAAAA', 'cursor'],
    ['/api/v1/devices?kind=drone', 'kind'],
    ['/api/v1/devices?state=asleep', 'state'],
    ['/api/v1/air/stations?index=aqi', 'index'],
  ])('%s is 400 and named', async (path, parameter) => {
    const { status, parameter: named, detail } = await problem(path)
    expect([status, named]).toEqual([400, parameter])
    expect(detail).toContain(parameter)
  })

  it('that is a cursor of another query is 400', async () => {
    const first = (await (await fetch(`${village.url}/api/v1/devices?limit=1`)).json()) as { next: string }
    const { status, parameter } = await problem(`/api/v1/devices?limit=1&kind=hotspot&cursor=${first.next}`)
    expect([status, parameter]).toEqual([400, 'cursor'])
  })

  it('is refused without asking ingest', () => {
    expect(village.feed.calls.filter(({ method }) => method === 'readings')).toEqual([])
  })
})

describe('a wrong address (row 48 and 52)', () => {
  it.each([
    ['/api/v1/devices/..%2f..%2fetc', 404],
    ['/api/v1/devices/%00', 404],
    [`/api/v1/devices/${'x'.repeat(64)}`, 404],
    [`/api/v1/devices/${'x'.repeat(3_000)}`, 414],
    ['/api/v1/devices/<script>', 404],
    ['/api/v1/nothing', 404],
    ['/village/..%2fregistry.json', 404],
    ['/village/%2e%2e/registry.json', 404],
    ['/registry.json', 404],
    ['/assets/..%2f..%2fregistry.json', 404],
    ['/api/v1/devices/%ff', 400],
  ])('%s is %i', async (path, status) => {
    const answer = await problem(path)
    expect(answer.status).toBe(status)
    expect(answer.detail).not.toMatch(/script|passwd/)
  })

  it('with a method that is not taken says which are', async () => {
    const { status, headers } = await problem('/api/v1/devices', { method: 'DELETE' })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('GET, HEAD')
  })
})

describe('a wrong body (rows 49 to 51, 56)', () => {
  const post = (body: string, type = 'application/json'): RequestInit => ({
    method: 'POST',
    body,
    headers: { 'content-type': type, authorization: `Bearer ${village.tokens.admin}` },
  })
  const devices = '/api/v1/admin/devices'

  it.each([
    ['{"__proto__":{"admin":true},"id":"a","kind":"sensor"}', 400, undefined],
    ['{"id":', 400, undefined],
    ['[]', 400, 'body'],
    ['{"id":"a"}', 400, 'kind'],
    ['{"id":"UPPER","kind":"sensor"}', 400, 'id'],
    ['{"id":"a","kind":"drone"}', 400, 'kind'],
    ['{"id":"a","kind":"sensor","lat":91,"lon":0}', 400, 'lat'],
    ['{"id":"a","kind":"sensor","lat":"1","lon":0}', 400, 'lat'],
    ['{"id":"a","kind":"sensor","colour":"red"}', 400, 'colour'],
    ['{"id":"a","kind":"sensor","name":"a\\u202eb"}', 400, 'name'],
  ])('%s is %i', async (body, status, parameter) => {
    const answer = await problem(devices, post(body))
    expect([answer.status, answer.parameter]).toEqual([status, parameter])
  })

  it('of more than 1 MiB is 413', async () => {
    const { status } = await problem(devices, post(JSON.stringify({ id: 'x'.repeat(1_048_576) })))
    expect(status).toBe(413)
  })

  it.each([
    'application/json garbage',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
  ])('of type %s is 415', async (type) => {
    expect((await problem(devices, post('{}', type))).status).toBe(415)
  })

  it.each([
    [{ name: 'a b', password: 'x' }, 'name'],
    [{ name: 'a'.repeat(1_000), password: 'x' }, 'name'],
    [{ name: 'a\u200fb', password: 'x' }, 'name'],
    [{ name: 'admin', password: '' }, 'password'],
    [{ name: 'admin', password: 'x'.repeat(1_025) }, 'password'],
    [{ name: 'admin', password: '\u00e9'.repeat(600) }, 'password'],
  ])('for a sign-in is 400 before any hashing', async (body, parameter) => {
    const { status, parameter: named } = await problem('/api/v1/session', post(JSON.stringify(body)))
    expect([status, named]).toEqual([400, parameter])
  })
})

describe('a format that a route has not (row 53)', () => {
  it('is 406 with what there is', async () => {
    const { status, detail } = await problem('/api/v1/devices', { headers: { accept: 'text/csv' } })
    expect(status).toBe(406)
    expect(detail).toContain('application/json')
  })
})

describe('a wrong role (row 55)', () => {
  it('is told the one that is needed', async () => {
    const { status, detail } = await problem('/api/v1/admin/devices', {
      method: 'POST',
      headers: { authorization: `Bearer ${village.tokens.environment}`, 'content-type': 'application/json' },
      body: '{"id":"a","kind":"sensor"}',
    })
    expect(status).toBe(403)
    expect(detail).toContain('infrastructure')
  })
})

describe('what is not HTTP', () => {
  async function raw(text: string): Promise<string> {
    return new Promise((done) => {
      const socket = connect(village.dashboard.port, '127.0.0.1', () => socket.write(text))
      let answer = ''
      socket.on('data', (bytes) => {
        answer += bytes.toString()
        socket.end()
      })
      socket.on('close', () => done(answer))
      socket.on('error', () => done(answer))
    })
  }

  it.each([
    ['MQTT', '\u0010\u000e\u0000\u0004MQTT'],
    [
      'two lengths',
      'POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    ],
    ['half a line', 'GET / HTTP/9.9\r\n\r\n'],
  ])('%s is refused as a problem', async (_name, text) => {
    expect(await raw(text)).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s)
  })

  it('leaves the dashboard serving', async () => {
    expect((await fetch(`${village.url}/healthz`)).status).toBe(200)
  })
})

describe('too many requests', () => {
  it('are 429 with Retry-After from the 601st on', async () => {
    const limited = await startVillage({ requestsPerMinute: 600 })
    try {
      // The harness has asked a few times already.
      for (let count = 0; count < 590; count += 1) {
        const answer = await fetch(`${limited.url}/api/v1/village`, {
          headers: { 'x-forwarded-for': `192.0.2.${count}` },
        })
        expect(answer.status).toBe(200)
        await answer.arrayBuffer()
      }
      const statuses: number[] = []
      let answer = await fetch(`${limited.url}/api/v1/village`)
      for (; answer.status === 200; answer = await fetch(`${limited.url}/api/v1/village`)) statuses.push(200)
      expect(statuses.length).toBeLessThan(10)
      expect(answer.status).toBe(429)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await fetch(`${limited.url}/`)).status).toBe(200)
    } finally {
      await limited.stop()
    }
  })
})

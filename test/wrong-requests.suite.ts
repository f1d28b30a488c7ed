// What programs and people ask wrongly of the dashboard: queries, bodies, watches, each with the answer that the contract and the
// catalogue of wrong input (reliability 10; its numbers are in the names) give it.

import { io } from 'socket.io-client'
import { describe, expect, it } from 'vitest'

const series = '/api/v1/devices/air-1/readings'
const hundredOne = Array.from({ length: 101 }, (_, index) => `m${index}`).join()

interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly parameter?: string
}

/** Tests against the village at `url`, as the admin of `cookie`; `air-1` is a sensor there. Both are asked when a test runs. */
export function wrongRequests(url: () => string, cookie: () => string): void {
  async function problem(
    path: string,
    init: RequestInit = {},
  ): Promise<Problem & { readonly headers: Headers }> {
    const answer = await fetch(`${url()}${path}`, init)
    const text = await answer.text()
    expect([path, answer.headers.get('content-type')]).toEqual([
      path,
      expect.stringContaining('application/problem+json'),
    ])
    const body = JSON.parse(text) as Problem
    expect(body.status).toBe(answer.status)
    return { ...body, headers: answer.headers }
  }

  describe('a query', () => {
    it.each([
      ['row 41', '/api/v1/devices?limit=0', 'limit'],
      ['row 41', '/api/v1/devices?limit=-1', 'limit'],
      ['row 41', '/api/v1/devices?limit=1001', 'limit'],
      ['row 41', '/api/v1/devices?limit=abc', 'limit'],
      ['row 42', `${series}?from=2026-11-24T08:00:00Z&to=2026-11-23T08:00:00Z`, 'from'],
      ['row 42', `${series}?from=abc`, 'from'],
      ['row 42', `${series}?from=1976-11-24T08:00:00Z`, 'from'],
      ['row 42', `${series}?to=2026-02-30T00:00:00Z`, 'to'],
      ['row 43', `${series}?every=7m`, 'every'],
      ['row 43', `${series}?every=1h&fn=median`, 'fn'],
      ['row 44', '/api/v1/devices?bbox=1,2,3', 'bbox'],
      ['row 44', '/api/v1/devices?bbox=200,1,201,2', 'bbox'],
      ['row 44', '/api/v1/devices?bbox=107,-7,106,-6', 'bbox'],
      ['row 45', `${series}?metric=a';drop table readings;--`, 'metric'],
      ['row 46', `${series}?metric=${hundredOne}`, 'metric'],
      ['row 47', '/api/v1/devices?cursor=forged', 'cursor'],
      ['a kind that there is not', '/api/v1/devices?kind=drone', 'kind'],
      ['a state that there is not', '/api/v1/devices?state=asleep', 'state'],
      ['an index that there is not', '/api/v1/air/stations?index=aqi', 'index'],
      ['a stop box of letters', '/api/v1/transit/stops?bbox=a,b,c,d', 'bbox'],
      [
        'a summary backwards',
        '/api/v1/connectivity/summary?from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z',
        'from',
      ],
    ])('%s: %s is 400 and names its parameter', async (_row, path, parameter) => {
      const answer = await problem(path)
      expect([answer.status, answer.parameter]).toEqual([400, parameter])
    })

    it.each([
      ['row 48', '/api/v1/devices/..%2f..%2fetc', 404],
      ['row 48', '/api/v1/devices/%00', 404],
      ['row 48', `/api/v1/devices/${'x'.repeat(64)}`, 404],
      ['row 48', '/api/v1/devices/<script>', 404],
      ['row 52', '/api/v1/nothing', 404],
      ['a device that there is not', '/api/v1/devices/none-1', 404],
      ['a stop that there is not', '/api/v1/transit/stops/none/arrivals', 404],
      ['without signing in', '/api/v1/counters', 401],
      ['without signing in', '/api/v1/quarantine', 401],
      ['without signing in', '/api/v1/audit', 401],
    ])('%s: %s is %i', async (_row, path, status) => {
      const answer = await problem(path)
      expect(answer.status).toBe(status)
      expect(JSON.stringify(answer)).not.toContain('<script')
    })

    it('row 52: with a method that is not taken is 405 and says which are', async () => {
      const { status, headers } = await problem('/api/v1/devices', { method: 'DELETE' })
      expect([status, headers.get('allow')]).toEqual([405, expect.stringContaining('GET')])
    })

    it('row 53: for CSV where there is none is 406', async () => {
      expect((await problem('/api/v1/devices', { headers: { accept: 'text/csv' } })).status).toBe(406)
    })

    it.each([
      ['tampered', 'pantau_session=AAAA'],
      ['empty', 'pantau_session='],
    ])('row 54: with a session cookie that is %s is 401', async (_what, wrong) => {
      expect((await problem('/api/v1/session', { headers: { cookie: wrong } })).status).toBe(401)
    })
  })

  describe('a body', () => {
    const post = (body: string, type = 'application/json'): RequestInit => ({
      method: 'POST',
      body,
      headers: { cookie: cookie(), 'content-type': type },
    })

    it.each([
      [
        'row 49: with __proto__',
        '{"__proto__":{"admin":true},"id":"a","kind":"sensor"}',
        'application/json',
        400,
      ],
      ['cut short', '{"id":', 'application/json', 400],
      ['row 50: of 1 MiB + 1', JSON.stringify({ id: 'x'.repeat(1_048_577) }), 'application/json', 413],
      ['row 51: as text', '{}', 'text/plain', 415],
      ['row 51: of a garbled type', '{}', 'application/json garbage', 415],
      ['of a kind that there is not', '{"id":"a","kind":"drone"}', 'application/json', 400],
      ['of an id in upper case', '{"id":"UPPER","kind":"sensor"}', 'application/json', 400],
    ])('%s is refused', async (_what, body, type, status) => {
      expect((await problem('/api/v1/admin/devices', post(body, type))).status).toBe(status)
    })

    it.each([
      ['a name with a blank', { name: 'a b', password: 'x' }, 'name'],
      ['a name of 1,000 letters', { name: 'a'.repeat(1_000), password: 'x' }, 'name'],
      ['a name with a right-to-left mark', { name: 'a\u200fb', password: 'x' }, 'name'],
      ['a password of 1,025 bytes', { name: 'admin', password: 'x'.repeat(1_025) }, 'password'],
    ])('row 56: for a sign-in by %s is 400', async (_what, body, parameter) => {
      const answer = await problem('/api/v1/session', post(JSON.stringify(body)))
      expect([answer.status, answer.parameter]).toEqual([400, parameter])
    })

    it('row 55: of the wrong role is 403 and names the role that is needed', async () => {
      const made = await fetch(`${url()}/api/v1/tokens`, post('{"name":"env","role":"environment"}'))
      const { token } = (await made.json()) as { token: string }
      const answer = await problem('/api/v1/admin/devices', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{"id":"a","kind":"sensor"}',
      })
      expect(answer.status).toBe(403)
      expect(answer.detail).toContain('infrastructure')
    })
  })

  describe('a watch', () => {
    it.each<[string, unknown]>([
      ['row 57: of 10,000 layers', { layers: Array.from({ length: 10_000 }, () => 'sensor') }],
      ['row 57: of a box of text', { layers: ['sensor'], bbox: ['a', 'b', 'c', 'd'] }],
      ['row 57: of 2 MB', { layers: ['x'.repeat(2_000_000)] }],
      ['row 57: with bytes attached', { layers: Buffer.from('sensor') }],
      ['of a layer that there is not', { layers: ['drone'] }],
    ])('%s is told so or ends the connection', async (_what, argument) => {
      const socket = io(`${url()}/live`, { transports: ['websocket'], reconnection: false })
      const answer = new Promise<string>((done) => {
        socket.once('error', () => done('refused'))
        socket.once('disconnect', () => done('refused'))
        socket.once('snapshot', () => done('taken'))
      })
      await new Promise<void>((done) => socket.once('connect', () => done()))
      socket.emit('watch', argument)
      expect(await answer).toBe('refused')
      socket.close()
    })

    it('row 58: asked a hundred times at once ends the connection', async () => {
      const socket = io(`${url()}/live`, { transports: ['websocket'], reconnection: false })
      await new Promise<void>((done) => socket.once('connect', () => done()))
      const ended = new Promise<void>((done) => socket.once('disconnect', () => done()))
      for (let index = 0; index < 100; index += 1) socket.emit('watch', {})
      await ended
    })
  })
}

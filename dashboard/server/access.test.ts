import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLES_TESTED, startVillage, type Village } from './harness/village.ts'
import { createSignInThrottle } from './sign-in-throttle.ts'

/** Contract section 4: who may use what. `own` is for this machine, which the tests are. */
const ROLES: Readonly<Record<string, 'public' | 'any' | 'own' | readonly string[]>> = {
  '/healthz get': 'public',
  '/readyz get': 'public',
  '/metrics get': 'own',
  '/api/v1/village get': 'public',
  '/api/v1/devices get': 'public',
  '/api/v1/devices/{id} get': 'public',
  '/api/v1/devices/{id}/states get': 'public',
  '/api/v1/devices/{id}/readings get': 'public',
  '/api/v1/air/stations get': 'public',
  '/api/v1/transit/routes get': 'public',
  '/api/v1/transit/routes/{id}/headways get': 'public',
  '/api/v1/transit/vehicles/{id}/arrivals get': 'public',
  '/api/v1/transit/stops get': 'public',
  '/api/v1/transit/vehicles get': 'public',
  '/api/v1/transit/stops/{id}/arrivals get': 'public',
  '/api/v1/transit/gtfs-rt/vehicle-positions.pb get': 'public',
  '/api/v1/transit/gtfs-rt/vehicle-positions.json get': 'public',
  '/api/v1/transit/gtfs-rt/trip-updates.pb get': 'public',
  '/api/v1/transit/gtfs-rt/trip-updates.json get': 'public',
  '/api/v1/transit/gtfs-rt/alerts.pb get': 'public',
  '/api/v1/transit/gtfs-rt/alerts.json get': 'public',
  '/api/v1/connectivity/summary get': 'public',
  '/api/v1/connectivity/states get': 'public',
  '/api/v1/explain get': 'public',
  '/api/v1/session post': 'public',
  '/api/v1/session get': 'any',
  '/api/v1/session delete': 'any',
  '/api/v1/tokens get': 'any',
  '/api/v1/tokens post': 'any',
  '/api/v1/tokens/{id} delete': 'any',
  '/api/v1/admin/devices get': ['infrastructure'],
  '/api/v1/admin/devices post': ['infrastructure'],
  '/api/v1/admin/devices/{id} patch': ['infrastructure'],
  '/api/v1/admin/devices/{id} delete': ['infrastructure'],
  '/api/v1/admin/devices/{id}/rotate post': ['infrastructure'],
  '/api/v1/connectivity/uptime get': ['infrastructure'],
  '/api/v1/connectivity/outages get': ['infrastructure'],
  '/api/v1/connectivity/outages/{id}/acknowledge post': ['infrastructure'],
  '/api/v1/maintenance get': ['infrastructure'],
  '/api/v1/maintenance post': ['infrastructure'],
  '/api/v1/maintenance/{id} delete': ['infrastructure'],
  '/api/v1/maintenance/{id}/end post': ['infrastructure'],
  '/api/v1/air/exceedances get': ['environment'],
  '/api/v1/flags get': ['environment'],
  '/api/v1/flags post': ['environment'],
  '/api/v1/flags/{id} delete': ['environment'],
  '/api/v1/counters get': ['infrastructure', 'environment'],
  '/api/v1/quarantine get': ['infrastructure', 'environment'],
  '/api/v1/system get': ['infrastructure', 'environment'],
  '/api/v1/audit get': [],
  '/api/v1/admin/users get': [],
  '/api/v1/admin/users post': [],
  '/api/v1/admin/users patch': [],
  '/api/v1/admin/users delete': [],
  '/api/v1/admin/users/{name} patch': [],
  '/api/v1/admin/users/{name} delete': [],
}

let village: Village
let operations: readonly string[]

beforeAll(async () => {
  village = await startVillage()
  const document = (await (await fetch(`${village.url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${path} ${method}`),
  )
})
afterAll(async () => {
  await village.stop()
})

async function ask(operation: string, headers: Record<string, string>): Promise<number> {
  const [path = '', method = ''] = operation.split(' ')
  const url = village.url + path.replace(/\{\w+\}/g, 'nobody')
  const answer = await fetch(url, { method: method.toUpperCase(), headers })
  await answer.arrayBuffer()
  return answer.status
}

describe('every route of the OpenAPI document', () => {
  it('is one whose access stands in the contract', () => {
    expect(operations.toSorted()).toEqual(Object.keys(ROLES).toSorted())
  })

  it('takes nobody but those it is for', async () => {
    for (const operation of operations) {
      const access = ROLES[operation]
      const isOpen = access === 'public' || access === 'own'
      const status = await ask(operation, {})
      expect(status === 401, `${operation} without sign-in: ${status}`).toBe(!isOpen)
      for (const role of ROLES_TESTED) {
        const may = isOpen || access === 'any' || role === 'admin' || access?.includes(role) === true
        const withRole = await ask(operation, { authorization: `Bearer ${village.tokens[role]}` })
        expect(withRole === 403, `${operation} as ${role}: ${withRole}`).toBe(!may)
        expect(withRole, `${operation} as ${role}`).not.toBe(401)
      }
    }
  })

  it.each([
    ['an unknown token', { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['a token in the wrong form', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
    ['an unknown session', { cookie: 'pantau_session=abcdefghijklmnop' }],
  ])('refuses %s by 401', async (_name, headers) => {
    for (const operation of operations) {
      if (ROLES[operation] === 'public' || ROLES[operation] === 'own') continue
      expect(await ask(operation, headers), operation).toBe(401)
    }
  })

  it('that changes something takes no request from a page of another site', async () => {
    for (const operation of operations) {
      if (operation.endsWith(' get')) continue
      const authorization = `Bearer ${village.tokens.admin}`
      expect(await ask(operation, { authorization, origin: 'https://evil.example' }), operation).toBe(403)
      expect(await ask(operation, { authorization, 'sec-fetch-site': 'cross-site' }), operation).toBe(403)
    }
  })

  it('opens its GET to all origins when it is public, and nothing else', async () => {
    for (const operation of operations) {
      const [path = '', method = ''] = operation.split(' ')
      const answer = await fetch(village.url + path.replace(/\{\w+\}/g, 'nobody'), {
        method: method.toUpperCase(),
        headers: { authorization: `Bearer ${village.tokens.admin}` },
      })
      await answer.arrayBuffer()
      const isOpen = ROLES[operation] === 'public' && method === 'get'
      expect(answer.headers.get('access-control-allow-origin'), operation).toBe(isOpen ? '*' : null)
    }
  })
})

describe('a browser that asks before a request from another origin', () => {
  it('is let in where the route is public', async () => {
    const ask = async (path: string): Promise<Response> =>
      fetch(village.url + path, { method: 'OPTIONS', headers: { origin: 'https://other.example' } })
    const open = await ask('/api/v1/devices')
    expect(open.status).toBe(204)
    expect(open.headers.get('access-control-allow-methods')).toBe('GET')
    expect((await ask('/api/v1/counters')).headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a refusal of somebody who is known', () => {
  it('is in the audit log', async () => {
    const { entries } = (await (
      await fetch(`${village.url}/api/v1/audit?limit=1000`, {
        headers: { authorization: `Bearer ${village.tokens.admin}` },
      })
    ).json()) as { entries: { who: string; what: string; result: string }[] }
    expect(entries).toContainEqual(
      expect.objectContaining({
        who: 'environment-person',
        what: 'POST /api/v1/admin/devices',
        result: 'refused',
      }),
    )
  })
})

describe('metrics', () => {
  it('are refused to what a proxy on this machine forwards', async () => {
    const answer = await fetch(`${village.url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } })
    expect(answer.status).toBe(401)
  })

  it.each([
    ['evil.example', 401],
    ['localhost.evil.example:8080', 401],
    ['127.0.0.1.evil.example', 401],
    ['localhost:8080', 200],
    ['[::1]:8080', 200],
  ])(
    'asked for under the name %j, which a stranger may point at this machine, are %i',
    async (host, status) => {
      const asked = new Promise<number | undefined>((done, fail) => {
        request(`${village.url}/metrics`, { headers: { host } }, (answer) => {
          answer.resume()
          done(answer.statusCode)
        })
          .on('error', fail)
          .end()
      })
      expect(await asked).toBe(status)
    },
  )
})

describe('the sign-in throttle', () => {
  const stranger = { name: 'admin', address: '192.0.2.1', knownBrowser: null }

  function throttleAt(start: number) {
    const time = { now: start }
    const clock = { now: () => time.now, monotonicMs: () => time.now }
    return { throttle: createSignInThrottle(clock), time }
  }

  it('refuses the sixth failure of a name from one address, for 15 minutes from the first', () => {
    const { throttle, time } = throttleAt(0)
    for (let failure = 1; failure <= 5; failure += 1) expect(throttle.failed(stranger)).toBeNull()
    expect(throttle.lockedMs(stranger)).toBeNull()
    expect(throttle.failed(stranger)).toBe(900_000)
    expect(throttle.lockedMs(stranger)).toBe(900_000)
    time.now = 900_000
    expect(throttle.lockedMs(stranger)).toBeNull()
  })

  it('refuses the 31st failure of an address, whatever the names', () => {
    const { throttle } = throttleAt(0)
    for (let failure = 1; failure <= 30; failure += 1) {
      expect(throttle.failed({ ...stranger, name: `name-${failure}` })).toBeNull()
    }
    expect(throttle.failed({ ...stranger, name: 'another' })).not.toBeNull()
  })

  it('refuses the 31st failure of a name, whatever the addresses, but not the browser that knows it', () => {
    const { throttle } = throttleAt(0)
    for (let failure = 1; failure <= 30; failure += 1) {
      expect(throttle.failed({ ...stranger, address: `192.0.2.${failure}` })).toBeNull()
    }
    expect(throttle.failed({ ...stranger, address: '198.51.100.1' })).not.toBeNull()
    const known = { ...stranger, knownBrowser: 'b1' }
    expect(throttle.lockedMs(known)).toBeNull()
    for (let failure = 1; failure <= 5; failure += 1) expect(throttle.failed(known)).toBeNull()
    expect(throttle.failed(known)).not.toBeNull()
  })
})

// Credentials that hold no more, on every route that wants one; changes that only those make who may, by no GET, each written down;
// and no route that forgot to say whom it is for.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../../contract/device-state.ts'
import { HOUR, systemClock } from '../../contract/time.ts'
import { removeAccount, resetPassword } from '../../runtime/accounts.ts'
import { readAuditLog } from '../../runtime/audit.ts'
import { changeRegistry, withAccount } from '../../runtime/registry.ts'
import { hashPassword, newToken, secretDigest } from '../../runtime/secrets.ts'
import { guardRoutes } from './access.ts'
import { startVillage, type Village } from './harness/village.ts'
import { createRateLimit } from './rate-limit.ts'

// One hash takes some 0.4 s, many times that on a busy machine.
const SLOW = 90_000
const PASSWORD = 'kata-sandi-untuk-uji'

let village: Village
let paths: Record<string, Record<string, { security?: unknown }>>
const time = { offset: 0 }

beforeAll(async () => {
  const clock = {
    now: () => systemClock.now() + time.offset,
    monotonicMs: () => systemClock.monotonicMs() + time.offset,
  }
  village = await startVillage({ clock })
  const document = (await (await fetch(`${village.url}/api/openapi.json`)).json()) as { paths: typeof paths }
  paths = document.paths
}, SLOW)
afterAll(async () => {
  await village.stop()
})

interface Operation {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly isGuarded: boolean
}

/** Every operation of the OpenAPI document, with an id that there is. */
function operations(): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      url: village.url + path.replace(/\{\w+\}/g, 'air-1'),
      isGuarded: security !== undefined,
    })),
  )
}

async function status({ method, url }: Operation, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(url, { method, headers })
  await answer.arrayBuffer()
  return answer.status
}

/** An account with a password, a session of it and a token. */
async function account(
  name: string,
  role: Role,
  passwordHash: string,
): Promise<Record<'session' | 'token', string>> {
  const token = newToken()
  const now = systemClock.now() + time.offset
  await changeRegistry(village.dataFolder, (registry) =>
    withAccount(registry, {
      name,
      role,
      passwordHash,
      createdAt: now,
      validFrom: now,
      tokens: [{ id: `t-${name}`, name: 'test', role, digest: secretDigest(token), createdAt: now }],
    }),
  )
  await expect
    .poll(async () => (await who({ authorization: `Bearer ${token}` })).status, { timeout: 10_000 })
    .toBe(200)
  return { session: await sessionOf(name), token }
}

async function sessionOf(name: string): Promise<string> {
  const answer = await fetch(`${village.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: PASSWORD }),
  })
  expect(answer.status).toBe(204)
  return /pantau_session=([^;]+)/.exec(answer.headers.getSetCookie().join())?.[1] ?? ''
}

const who = (headers: Record<string, string>): Promise<Response> =>
  fetch(`${village.url}/api/v1/session`, { headers })

const asSession = (id: string): Record<string, string> => ({ cookie: `pantau_session=${id}` })

/** Names of guarded operations that this credential gets anything but 401 of. */
async function openTo(headers: Record<string, string>): Promise<string[]> {
  const open: string[] = []
  for (const operation of operations()) {
    const isOwn = operation.url.endsWith('/metrics')
    if (operation.isGuarded && !isOwn && (await status(operation, headers)) !== 401) open.push(operation.name)
  }
  return open
}

describe('a credential that holds no more opens no guarded route', () => {
  let hash = ''
  beforeAll(async () => {
    hash = await hashPassword(PASSWORD)
  }, SLOW)

  it(
    'a session and a token of an account that was removed',
    async () => {
      const gone = await account('pergi', 'admin', hash)
      expect((await who(asSession(gone.session))).status).toBe(200)
      await removeAccount(village.dataFolder, 'pergi')
      await expect
        .poll(async () => (await who(asSession(gone.session))).status, { timeout: 10_000 })
        .toBe(401)
      expect(await openTo(asSession(gone.session))).toEqual([])
      expect(await openTo({ authorization: `Bearer ${gone.token}` })).toEqual([])
    },
    SLOW,
  )

  it(
    'a session of an account whose role was taken; its token has no more than the role that is left',
    async () => {
      const { session, token } = await account('turun', 'admin', hash)
      const answer = await fetch(`${village.url}/api/v1/admin/users/turun`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${village.tokens.admin}`, 'content-type': 'application/json' },
        body: '{"role":"environment"}',
      })
      expect(answer.status).toBe(200)
      expect(await openTo(asSession(session))).toEqual([])
      expect(await openTo({ authorization: `Bearer ${token}` })).toEqual([])
    },
    SLOW,
  )

  it(
    'a session of an account whose password was given anew',
    async () => {
      const { session } = await account('lupa', 'admin', hash)
      await resetPassword(village.dataFolder, 'lupa', systemClock.now() + time.offset)
      await expect.poll(async () => (await who(asSession(session))).status, { timeout: 10_000 }).toBe(401)
      expect(await openTo(asSession(session))).toEqual([])
    },
    SLOW,
  )

  it(
    'a session that has expired, and the cookie is taken back',
    async () => {
      const { session } = await account('lama', 'admin', hash)
      time.offset += 13 * HOUR
      const answer = await who(asSession(session))
      expect([answer.status, answer.headers.getSetCookie().join()]).toEqual([
        401,
        expect.stringMatching(/pantau_session=; Path=\/; Max-Age=0/),
      ])
      expect(await openTo(asSession(session))).toEqual([])
      time.offset -= 13 * HOUR
    },
    SLOW,
  )

  it(
    'a session id that somebody else chose: signing in gives another, and the one before is not taken up',
    async () => {
      await account('tetap', 'environment', hash)
      const planted = newToken()
      const answer = await fetch(`${village.url}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...asSession(planted) },
        body: JSON.stringify({ name: 'tetap', password: PASSWORD }),
      })
      const given = /pantau_session=([^;]+)/.exec(answer.headers.getSetCookie().join())?.[1] ?? ''
      expect(given).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(given).not.toBe(planted)
      expect((await who(asSession(planted))).status).toBe(401)
      expect(await sessionOf('tetap')).not.toBe(given)
    },
    SLOW,
  )

  it.each([
    ['a token in the query', '?token='],
    ['a token in the query, by its usual name', '?access_token='],
  ])('%s', async (_what, query) => {
    const url = `${village.url}/api/v1/counters${query}${village.tokens.admin}`
    expect((await fetch(url)).status).toBe(401)
  })
})

/** What is in the data folder, by name; the audit trail and what is only about the asking apart. */
function stateOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    names.map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  )
}

/** Methods of ingest that change something. */
const CHANGING = /^(forget|registryChanged|setFlag|unsetFlag|judgeAgain)$/

describe('a GET or HEAD', () => {
  it('changes nothing, on any route, for nobody and for an admin', async () => {
    const before = stateOf(village.dataFolder)
    village.feed.calls.length = 0
    for (const operation of operations().filter(({ method }) => method === 'GET')) {
      for (const method of ['GET', 'HEAD']) {
        await status({ ...operation, method }, {})
        await status({ ...operation, method }, { authorization: `Bearer ${village.tokens.admin}` })
      }
    }
    expect(stateOf(village.dataFolder)).toEqual(before)
    expect(village.feed.calls.map(({ method }) => method).filter((method) => CHANGING.test(method))).toEqual(
      [],
    )
  })
})

/** What the audit trail calls each change. A new route that changes something stands here, or this fails. */
const AUDITED: Readonly<Record<string, string>> = {
  'POST /api/v1/session': 'session.begin',
  'DELETE /api/v1/session': 'session.end',
  'POST /api/v1/tokens': 'token.make',
  'DELETE /api/v1/tokens/{id}': 'token.end',
  'POST /api/v1/admin/devices': 'device.add',
  'PATCH /api/v1/admin/devices/{id}': 'device.change',
  'DELETE /api/v1/admin/devices/{id}': 'device.remove',
  'POST /api/v1/admin/devices/{id}/rotate': 'device.rotate',
  'POST /api/v1/admin/users': 'user.add',
  'PATCH /api/v1/admin/users': 'user.change',
  'PATCH /api/v1/admin/users/{name}': 'user.change',
  'DELETE /api/v1/admin/users': 'user.remove',
  'DELETE /api/v1/admin/users/{name}': 'user.remove',
  'POST /api/v1/maintenance': 'maintenance.add',
  'POST /api/v1/maintenance/{id}/end': 'maintenance.end',
  'DELETE /api/v1/maintenance/{id}': 'maintenance.remove',
  'POST /api/v1/connectivity/outages/{id}/acknowledge': 'outage.acknowledge',
  'POST /api/v1/flags': 'flag.add',
  'DELETE /api/v1/flags/{id}': 'flag.remove',
}

describe('what staff change', () => {
  it('has a name in the audit trail, on every route that is no GET', () => {
    const changing = operations().filter(({ method }) => method !== 'GET')
    expect(changing.map(({ name }) => name).filter((name) => !Object.hasOwn(AUDITED, name))).toEqual([])
    expect(
      Object.keys(AUDITED).filter((name) => !changing.some((operation) => operation.name === name)),
    ).toEqual([])
  })

  it('is written under that name in the sources of its route', () => {
    const sources = readdirSync(join(import.meta.dirname, 'routes'))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(import.meta.dirname, 'routes', file), 'utf8'))
      .join('\n')
    for (const what of Object.values(AUDITED)) expect(sources).toContain(`what: '${what}'`)
  })

  it('is written with who, from where and on what, done or refused', async () => {
    const ask = (method: string, path: string, body?: object): Promise<Response> =>
      fetch(village.url + path, {
        method,
        headers: {
          authorization: `Bearer ${village.tokens.admin}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    await ask('POST', '/api/v1/admin/devices', { id: 'air-7', kind: 'sensor' })
    await ask('POST', '/api/v1/admin/devices', { id: 'air-7', kind: 'sensor' })
    await ask('POST', '/api/v1/admin/devices/air-7/rotate')
    await ask('DELETE', '/api/v1/admin/devices/air-7')
    await ask('POST', '/api/v1/maintenance', {
      devices: 'all',
      from: '2026-11-24T00:00:00Z',
      to: '2026-11-24T01:00:00Z',
      reason: 'tes',
    })
    const { lines, whole } = readAuditLog(village.dataFolder)
    expect(whole).toBe(true)
    const from = { who: 'admin-person', from: '127.0.0.1' }
    for (const line of [
      { what: 'device.add', on: 'air-7', result: 'done' },
      { what: 'device.add', on: 'air-7', result: 'refused' },
      { what: 'device.rotate', on: 'air-7', result: 'done' },
      { what: 'device.remove', on: 'air-7', result: 'done' },
      { what: 'maintenance.add', on: 'all', result: 'done', detail: 'tes' },
    ]) {
      expect(lines).toContainEqual(expect.objectContaining({ ...from, ...line }))
    }
  })
})

describe('a route that does not say whom it is for', () => {
  it('keeps the dashboard from starting', () => {
    const app = Fastify()
    guardRoutes(app, {
      sessions: { find: () => null } as never,
      registry: () => ({ version: 1, everReal: false, devices: [], accounts: [] }),
      rateLimit: createRateLimit(systemClock),
      secure: false,
      onDenied: async () => undefined,
    })
    expect(() => app.get('/api/v1/forgotten', async () => 'open')).toThrow(
      /route .*GET.* \/api\/v1\/forgotten declares no access/,
    )
    expect(() => app.get('/api/v1/said', { config: { access: 'public' } }, async () => 'open')).not.toThrow()
  })
})

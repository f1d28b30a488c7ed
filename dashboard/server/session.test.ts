import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, systemClock } from '../../contract/time.ts'
import { dropSecondFactor, requireSecondFactor, resetPassword } from '../../runtime/accounts.ts'
import { readAuditLog } from '../../runtime/audit.ts'
import { codeOf, stepAt } from '../../runtime/second-factor.ts'
import { givePassword, startVillage, type Village } from './harness/village.ts'

// One hash takes some 0.4 s, so these tests sign in as rarely as they can.
const SLOW = 60_000

let village: Village
let password: string
const time = { offset: 0 }

beforeAll(async () => {
  const now = (): number => systemClock.now() + time.offset
  village = await startVillage({ clock: { now, monotonicMs: () => systemClock.monotonicMs() + time.offset } })
  password = await givePassword(village, 'siti', 'environment')
}, SLOW)
afterAll(async () => {
  await village.stop()
})

interface Browser {
  cookies: Map<string, string>
}

async function signIn(
  name: string,
  secret: string,
  browser: Browser = { cookies: new Map() },
  code?: string,
): Promise<Response> {
  const answer = await fetch(`${village.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: cookieHeader(browser) },
    body: JSON.stringify({ name, password: secret, code }),
  })
  for (const line of answer.headers.getSetCookie()) {
    const [pair = ''] = line.split(';')
    browser.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  }
  return answer
}

function cookieHeader({ cookies }: Browser): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}

async function who(browser: Browser): Promise<Response> {
  return fetch(`${village.url}/api/v1/session`, { headers: { cookie: cookieHeader(browser) } })
}

async function signedInBrowser(): Promise<Browser> {
  const browser: Browser = { cookies: new Map() }
  expect((await signIn('siti', password, browser)).status).toBe(204)
  return browser
}

describe('a session', () => {
  it(
    'begins with the right password, by a cookie that no script reads and no other site sends',
    async () => {
      const answer = await signIn('siti', password)
      expect(answer.status).toBe(204)
      const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('pantau_session='))
      expect(cookie).toMatch(/; SameSite=Strict; HttpOnly$/)
    },
    SLOW,
  )

  it(
    'says who one is, and ends by signing out',
    async () => {
      const browser = await signedInBrowser()
      expect(await (await who(browser)).json()).toMatchObject({
        name: 'siti',
        role: 'environment',
        by: 'session',
      })
      const out = await fetch(`${village.url}/api/v1/session`, {
        method: 'DELETE',
        headers: { cookie: cookieHeader(browser) },
      })
      expect(out.status).toBe(204)
      expect(out.headers.getSetCookie().join()).toMatch(/pantau_session=; Path=\/; Max-Age=0/)
      const after = await who(browser)
      expect(after.status).toBe(401)
      expect(after.headers.getSetCookie().join()).toMatch(/pantau_session=; /)
    },
    SLOW,
  )

  it(
    'is kept as digest, and survives a look at the file',
    async () => {
      const browser = await signedInBrowser()
      const text = readFileSync(join(village.dataFolder, 'sessions.json'), 'utf8')
      expect(text).not.toContain(browser.cookies.get('pantau_session'))
      expect(text).toContain('siti')
    },
    SLOW,
  )

  it(
    'ends after 12 hours without use, and after 7 days with it',
    async () => {
      const idle = await signedInBrowser()
      const used = await signedInBrowser()
      try {
        time.offset += 11 * HOUR
        expect((await who(used)).status).toBe(200)
        time.offset += 2 * HOUR
        expect((await who(idle)).status).toBe(401)
        for (let step = 0; step < 15; step += 1) {
          expect((await who(used)).status).toBe(200)
          time.offset += 10 * HOUR + 20 * MINUTE
        }
        expect(time.offset).toBeGreaterThan(7 * DAY - 11 * HOUR)
        time.offset += 11 * HOUR
        expect((await who(used)).status).toBe(401)
      } finally {
        time.offset = 0
      }
    },
    SLOW,
  )

  it(
    'is void once the password is another',
    async () => {
      const browser = await signedInBrowser()
      password = (await resetPassword(village.dataFolder, 'siti', systemClock.now())).password
      await expect.poll(async () => (await who(browser)).status, { timeout: 5_000 }).toBe(401)
    },
    SLOW,
  )
})

describe('a second factor', () => {
  it(
    'is asked for once it is set, takes each code once, and is let go of again',
    async () => {
      const secret = await givePassword(village, 'wati', 'infrastructure')
      const enrolment = await requireSecondFactor(village.dataFolder, 'cideng', 'wati', village.now)
      const codeNow = () => codeOf(enrolment.secret, stepAt(systemClock.now() + time.offset))

      const asked = await signIn('wati', secret)
      expect(asked.status).toBe(401)
      expect(await asked.json()).toMatchObject({ parameter: 'code' })
      expect(asked.headers.getSetCookie()).toEqual([])
      expect(readFileSync(join(village.dataFolder, 'audit.jsonl'), 'utf8')).toContain('"no code"')
      const guessed = await signIn('wati', secret, undefined, codeNow() === '000000' ? '000001' : '000000')
      expect(guessed.status).toBe(401)
      expect(await guessed.json()).not.toHaveProperty('parameter')

      const code = codeNow()
      expect((await signIn('wati', 'wrong', undefined, code)).status).toBe(401)
      expect((await signIn('wati', secret, undefined, code)).status).toBe(204)
      expect((await signIn('wati', secret, undefined, code)).status).toBe(401)
      time.offset += MINUTE
      expect((await signIn('wati', secret, undefined, codeNow())).status).toBe(204)

      await dropSecondFactor(village.dataFolder, 'wati')
      await expect.poll(async () => (await signIn('wati', secret)).status, { timeout: 10_000 }).toBe(204)
      time.offset -= MINUTE
    },
    SLOW,
  )
})

describe('guessing a password', () => {
  it(
    'is answered alike for a wrong name and a wrong password',
    async () => {
      const [wrongName, wrongPassword] = [await signIn('nobody', 'x'), await signIn('siti', 'x')]
      expect([wrongName.status, wrongPassword.status]).toEqual([401, 401])
      expect(await wrongName.text()).toBe(await wrongPassword.text())
    },
    SLOW,
  )

  it(
    'costs a hash for a name that there is not, as for one that there is: nine at once are too many',
    async () => {
      const answers = await Promise.all(
        Array.from({ length: 9 }, async (_, index) => signIn(`nobody-${index}`, 'x')),
      )
      const details = await Promise.all(answers.map((answer) => answer.text()))
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array(8).fill(401), 429])
      expect(details.join()).toContain('many are signing in at once')
    },
    SLOW,
  )

  it(
    'is refused at the sixth failure by 429, but a browser that has signed in before is not locked out',
    async () => {
      const known = await signedInBrowser()
      const statuses: number[] = []
      for (let attempt = 0; attempt < 6; attempt += 1) {
        const answer = await signIn('siti', 'wrong')
        statuses.push(answer.status)
        if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      }
      expect(statuses.at(-1)).toBe(429)
      expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5)
      expect((await signIn('siti', password)).status).toBe(429)
      expect((await who(known)).status).toBe(200)
      expect((await signIn('siti', password, known)).status).toBe(204)
      const forged: Browser = {
        cookies: new Map([...known.cookies].map(([name]) => [name, 'forged.signature'])),
      }
      expect((await signIn('siti', password, forged)).status).toBe(429)
    },
    SLOW,
  )
})

describe('the audit log', () => {
  it('has every sign-in and refusal, unbroken, and no password', () => {
    const { lines, whole } = readAuditLog(village.dataFolder)
    expect(whole).toBe(true)
    expect(
      lines.filter(({ what, result }) => what === 'session.begin' && result === 'refused').length,
    ).toBeGreaterThan(5)
    expect(JSON.stringify(lines)).not.toContain(password)
  })

  it('shows that a line was changed', () => {
    const path = join(village.dataFolder, 'audit.jsonl')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('"result":"refused"', '"result":"done"'))
    expect(readAuditLog(village.dataFolder).whole).toBe(false)
    writeFileSync(path, text)
    expect(readAuditLog(village.dataFolder).whole).toBe(true)
  })
})

describe('a token', () => {
  it('works until it is ended, with a role at most its owner’s', async () => {
    const make = async (role: string): Promise<Response> =>
      fetch(`${village.url}/api/v1/tokens`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${village.tokens.environment}`,
        },
        body: JSON.stringify({ name: 'report', role }),
      })
    expect((await make('infrastructure')).status).toBe(403)
    const made = (await (await make('environment')).json()) as { id: string; token: string }
    const headers = { authorization: `Bearer ${made.token}` }
    const asked = await fetch(`${village.url}/api/v1/session`, { headers })
    expect(await asked.json()).toMatchObject({ role: 'environment', by: 'token' })
    const list = await (await fetch(`${village.url}/api/v1/tokens`, { headers })).text()
    expect(list).toContain(made.id)
    expect(list).not.toContain(made.token)
    const ended = await fetch(`${village.url}/api/v1/tokens/${made.id}`, { method: 'DELETE', headers })
    expect(ended.status).toBe(204)
    expect((await fetch(`${village.url}/api/v1/session`, { headers })).status).toBe(401)
  })
})

describe('devices and accounts', () => {
  const asAdmin = (method: string, body?: object): RequestInit => ({
    method,
    headers: {
      authorization: `Bearer ${village.tokens.admin}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

  it('are added, changed, given new credentials and removed', async () => {
    const url = `${village.url}/api/v1/admin/devices`
    const added = await fetch(url, asAdmin('POST', { id: 'air-9', kind: 'sensor', lat: -6.1, lon: 106.8 }))
    expect(added.status).toBe(201)
    expect(await added.json()).toMatchObject({
      id: 'air-9',
      kind: 'sensor',
      username: 'air-9',
      topicPrefix: 'pantau/cideng/sensor/air-9',
    })
    expect((await fetch(url, asAdmin('POST', { id: 'air-9', kind: 'sensor' }))).status).toBe(409)
    const changed = await fetch(`${url}/air-9`, asAdmin('PATCH', { name: 'Kantor' }))
    expect(await changed.json()).toMatchObject({ name: 'Kantor', position: { lat: -6.1, lon: 106.8 } })
    const rotated = await fetch(`${url}/air-9/rotate`, asAdmin('POST'))
    expect(rotated.status).toBe(200)
    expect((await fetch(`${url}/air-9`, asAdmin('DELETE'))).status).toBe(204)
    expect((await fetch(`${url}/air-9`, asAdmin('DELETE'))).status).toBe(404)
    expect((await fetch(`${url}/air-9/rotate`, asAdmin('POST'))).status).toBe(404)
  })

  it(
    'keep the last admin',
    async () => {
      const url = `${village.url}/api/v1/admin/users`
      expect((await fetch(url, asAdmin('PATCH', { name: 'admin-person', role: 'environment' }))).status).toBe(
        409,
      )
      expect((await fetch(`${url}/admin-person`, asAdmin('DELETE'))).status).toBe(400)
      const made = await fetch(url, asAdmin('POST', { name: 'budi', role: 'infrastructure' }))
      expect(made.status).toBe(201)
      expect(await (await fetch(`${url}/budi`, asAdmin('PATCH', { role: 'environment' }))).json()).toEqual({
        name: 'budi',
        role: 'environment',
      })
      expect((await fetch(url, asAdmin('DELETE', { name: 'budi' }))).status).toBe(204)
      expect((await fetch(`${url}/budi`, asAdmin('DELETE'))).status).toBe(404)
    },
    SLOW,
  )
})

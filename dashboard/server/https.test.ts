import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givePassword, startVillage, type Village } from './harness/village.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describe.skipIf(!hasOpenssl)('with a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-tls-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  let village: Village

  beforeAll(async () => {
    const made = [
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-days',
      '1',
      '-keyout',
      key,
      '-out',
      cert,
    ]
    expect(spawnSync('openssl', ['req', '-x509', ...made]).status).toBe(0)
    village = await startVillage({ environment: { PANTAU_TLS_CERT: cert, PANTAU_TLS_KEY: key } })
  })
  afterAll(async () => {
    await village.stop()
    rmSync(folder, { recursive: true })
  })

  async function ask(
    path: string,
    options: RequestOptions = {},
    body = '',
  ): Promise<Record<string, unknown>> {
    return new Promise((done, fail) => {
      const asked = request(village.url + path, { ...options, rejectUnauthorized: false }, (answer) => {
        answer.resume()
        answer.on('end', () => done({ ...answer.headers, status: answer.statusCode }))
      })
      asked.on('error', fail)
      asked.end(body)
    })
  }

  it('the dashboard is served over HTTPS and says to stay there', async () => {
    expect(village.url).toMatch(/^https:/)
    const headers = await ask('/')
    expect(headers['status']).toBe(200)
    expect(headers['strict-transport-security']).toMatch(/max-age=\d{7,}/)
  })

  it('the cookie of a session goes over HTTPS alone', async () => {
    const password = await givePassword(village, 'dewi', 'environment')
    const headers = { 'content-type': 'application/json' }
    const answer = await ask(
      '/api/v1/session',
      { method: 'POST', headers },
      JSON.stringify({ name: 'dewi', password }),
    )
    expect(answer['status']).toBe(204)
    for (const cookie of answer['set-cookie'] as string[]) expect(cookie).toMatch(/; Secure$/)
  }, 20_000)
})

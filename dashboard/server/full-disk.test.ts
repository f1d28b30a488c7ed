// A disk that takes nothing more: staff still get in to see why, and what they do is in the log of the process.

import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givePassword, startVillage, type Village } from './harness/village.ts'

// One hash takes some 0.4 s, many times that on a busy machine.
const SLOW = 60_000

let village: Village
let password = ''
const logged: string[] = []

beforeAll(async () => {
  const stream = new PassThrough()
  stream.on('data', (chunk) => logged.push(String(chunk)))
  village = await startVillage({ logger: pino(stream) })
  password = await givePassword(village, 'siti', 'infrastructure')
  // Folders in place of the files refuse every write, to root as well.
  for (const name of ['audit.jsonl', 'sessions.json']) {
    rmSync(join(village.dataFolder, name), { force: true })
    mkdirSync(join(village.dataFolder, name, 'x'), { recursive: true })
  }
}, SLOW)
afterAll(async () => {
  await village.stop()
})

describe('with a disk that takes nothing', () => {
  it(
    'staff sign in and out, the log has what the trail lacks, and the session is written when there is room',
    async () => {
      const url = `${village.url}/api/v1/session`
      const signedIn = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'siti', password }),
      })
      expect(signedIn.status).toBe(204)
      const cookie = /pantau_session=[^;]+/.exec(signedIn.headers.getSetCookie().join())?.[0] ?? ''
      expect((await fetch(url, { headers: { cookie } })).status).toBe(200)
      expect(logged.join()).toMatch(
        /"who":"siti".*"what":"session.begin".*the audit trail could not be written/,
      )
      expect(logged.join()).not.toContain(password)
      rmSync(join(village.dataFolder, 'sessions.json'), { recursive: true })
      expect((await fetch(url, { headers: { cookie } })).status).toBe(200)
      expect(statSync(join(village.dataFolder, 'sessions.json')).isFile()).toBe(true)
      expect((await fetch(url, { method: 'DELETE', headers: { cookie } })).status).toBe(204)
      expect((await fetch(url, { headers: { cookie } })).status).toBe(401)
    },
    SLOW,
  )
})

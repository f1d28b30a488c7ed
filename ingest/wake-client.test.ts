// The wake socket against a broker's end of it that dies in every way.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../contract/time.ts'
import type { BrokerStatus, WakeLine } from '../contract/wake.ts'
import { openWakeClient, type WakeClient } from './wake-client.ts'

let folder = ''
let server: Server | null = null
const sockets: Socket[] = []
let client: WakeClient | null = null
let said: string[] = []
let heard = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-wake-'))
  said = []
  heard = ''
})

afterEach(async () => {
  client?.close()
  await shut()
  rmSync(folder, { recursive: true, force: true })
})

const path = (): string => join(folder, 'wake.sock')

function broker(since: number): BrokerStatus {
  const counts = { clients: 0, received: 0, acknowledged: 0, refused: {}, logBytes: 5, logSegments: 1 }
  return { since, ...counts, accepting: true, detail: 'listening' }
}

function line(more: Partial<WakeLine> = {}): string {
  return `${JSON.stringify({ end: { segment: 1, offset: 20 }, time: 1, ...more })}\n`
}

function listen(greeting: string): Promise<void> {
  server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (text) => {
      heard += String(text)
    })
    socket.write(greeting)
  })
  const opened = server
  return new Promise((done) => opened.listen(path(), done))
}

async function shut(): Promise<void> {
  const closing = server
  server = null
  if (closing === null) return
  const closed = new Promise((done) => closing.close(done))
  for (const socket of sockets.splice(0)) socket.destroy()
  await closed
}

function open(): WakeClient {
  client = openWakeClient({
    path: path(),
    clock: systemClock,
    onEnd: ({ offset }) => said.push(`end ${offset}`),
    onThere: ({ since }) => said.push(`there ${since}`),
    onAway: () => said.push('away'),
  })
  return client
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000 && !holds(); tries += 1) await sleep(10)
  expect(holds()).toBe(true)
}

it('it is told how far the log is, and tells how far the store is', async () => {
  await listen(line({ broker: broker(7) }))
  const wake = open()
  await until(() => wake.status() !== null)
  sockets[0]?.write(line({ end: { segment: 1, offset: 99 } }))
  await until(() => said.includes('end 99'))
  expect(said).toEqual(['there 7', 'end 20', 'end 99'])
  wake.tellStored({ segment: 1, offset: 99 })
  await until(() => heard === '{"stored":{"segment":1,"offset":99}}\n')
})

it('a broker that dies, even in the middle of a line, is away until another is there', async () => {
  await listen(line({ broker: broker(7) }))
  const wake = open()
  await until(() => wake.status() !== null)
  await new Promise((done) => sockets[0]?.write('{"end":{"segm', done))
  await shut()
  await until(() => said.includes('away'))
  expect(wake.status()).toBeNull()
  expect(wake.lastStatus()?.since).toBe(7)
  // Nobody listens; the file of the socket may be there all the same.
  await sleep(500)
  await listen(line({ broker: broker(8) }))
  await until(() => said.includes('there 8'))
  expect(said).toEqual(['there 7', 'end 20', 'away', 'there 8', 'end 20'])
})

it('a broker that never comes is away too', { timeout: 20_000 }, async () => {
  open()
  await until(() => said.length > 0)
  expect(said).toEqual(['away'])
  await listen(line({ broker: broker(9) }))
  await until(() => said.includes('there 9'))
})

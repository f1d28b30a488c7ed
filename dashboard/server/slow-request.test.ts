// Slow-loris: clients that send a request a letter at a time. Each is closed when its time is up, and nobody waits for them.

import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVillage, type Village } from './harness/village.ts'

const SOCKETS = 200

let village: Village
beforeAll(async () => {
  village = await startVillage({
    patience: { headersMs: 500, requestMs: 1_000, idleMs: 700, lookEveryMs: 100 },
  })
})
afterAll(async () => {
  await village.stop()
})

interface SlowClient {
  readonly socket: Socket
  isClosed: boolean
  answer: string
}

/** Sends `head`, then a letter each 100 ms for as long as it is let. */
function slowClient(head: string): SlowClient {
  const socket = connect(village.dashboard.port, '127.0.0.1')
  const client: SlowClient = { socket, isClosed: false, answer: '' }
  const drip = setInterval(() => socket.write('x'), 100)
  socket.on('connect', () => socket.write(head))
  socket.on('data', (bytes) => {
    client.answer += String(bytes)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    clearInterval(drip)
    client.isClosed = true
  })
  return client
}

describe('200 clients that do not come to an end', () => {
  it.each([
    ['of their headers', 'GET / HTTP/1.1\r\nhost: x\r\nx-slow: '],
    [
      'of their body',
      'POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n',
    ],
    [
      'of a body of unknown length',
      'POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n',
    ],
  ])('%s are closed, and others are served meanwhile', async (_what, head) => {
    const clients = Array.from({ length: SOCKETS }, () => slowClient(head))
    while (clients.some(({ isClosed }) => !isClosed)) {
      expect((await fetch(`${village.url}/healthz`)).status).toBe(200)
      await sleep(50)
    }
    expect(clients.every(({ answer }) => answer === '' || /^HTTP\/1\.1 (408|400) /.test(answer))).toBe(true)
  })

  it('even without a first letter are closed', async () => {
    const clients = Array.from({ length: SOCKETS }, () => {
      const socket = connect(village.dashboard.port, '127.0.0.1').resume()
      socket.on('error', () => undefined)
      return new Promise((done) => socket.once('close', done))
    })
    await Promise.all(clients)
    expect((await fetch(`${village.url}/healthz`)).status).toBe(200)
  })
})

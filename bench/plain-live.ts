// The straightforward live server that `bench fanout` compares with: each second an `emit` for each socket. The first line of standard
// input is what it sends; prints its port. It begins at the second line, once all are there: with thousands it has no time left for more.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { Server } from 'socket.io'
import type { LiveDelta } from '../contract/live.ts'
import { formatTime, systemClock } from '../contract/time.ts'

if (process.argv[1]?.endsWith('plain-live.js') === true) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const delta = JSON.parse(String((await lines.next()).value)) as LiveDelta
  const http = createServer()
  const live = new Server(http).of('/live')
  live.on('connection', (socket) => socket.on('watch', () => socket.emit('snapshot', delta)))
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  process.stdout.write(`${(http.address() as AddressInfo).port}\n`)
  await lines.next()
  setInterval(() => {
    const now = { ...delta, time: formatTime(systemClock.now()) }
    for (const socket of live.sockets.values()) socket.emit('delta', now)
  }, 1_000)
}

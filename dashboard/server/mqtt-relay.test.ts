import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { listenOnSocket } from '../../runtime/sockets.ts'
import { startVillage, type Village } from './harness/village.ts'

let village: Village
let broker: Server
const connections: { socket: Socket; bytes: Buffer }[] = []

beforeAll(async () => {
  village = await startVillage()
  broker = createServer((socket) => {
    const connection = { socket, bytes: Buffer.alloc(0) }
    connections.push(connection)
    socket.on('data', (bytes) => {
      connection.bytes = Buffer.concat([connection.bytes, bytes])
    })
    socket.on('error', () => socket.destroy())
  })
  await listenOnSocket(broker, village.dataFolder, 'mqtt')
})
afterAll(async () => {
  for (const { socket } of connections) socket.destroy()
  broker.close()
  await village.stop()
})

function open(options: { origin?: string; protocol?: string; path?: string } = {}): WebSocket {
  const { origin, protocol = 'mqtt', path = '/mqtt' } = options
  const url = village.url.replace('http', 'ws') + path
  return new WebSocket(url, protocol === '' ? [] : [protocol], origin === undefined ? {} : { origin })
}

async function opened(socket: WebSocket): Promise<WebSocket> {
  await new Promise((done, fail) => {
    socket.once('open', done)
    socket.once('error', fail)
  })
  return socket
}

const closed = async (socket: WebSocket): Promise<number> =>
  new Promise((done) => socket.once('close', (code) => done(code)))

describe('MQTT over WebSocket', () => {
  it('passes bytes both ways, behind one line of the PROXY protocol', async () => {
    const socket = await opened(open({ origin: village.url }))
    const before = connections.length
    expect(socket.protocol).toBe('mqtt')
    socket.send(Buffer.from([0x10, 0x02, 0x00]))
    socket.send(Buffer.from([0x04]))
    await expect.poll(() => connections[before]?.bytes.length ?? 0).toBeGreaterThan(20)
    const [line = '', rest = ''] = connections[before]?.bytes.toString('latin1').split('\r\n') ?? []
    expect(line).toMatch(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+$/)
    expect(Number(line.split(' ')[5])).toBe(village.dashboard.port)
    await expect.poll(() => Buffer.from(rest, 'latin1').length > 0).toBe(true)
    const answer = new Promise<Buffer>((done) => socket.once('message', (data) => done(data as Buffer)))
    connections[before]?.socket.write(Buffer.from([0x20, 0x02, 0x00, 0x00]))
    expect(await answer).toEqual(Buffer.from([0x20, 0x02, 0x00, 0x00]))
    connections[before]?.socket.end()
    expect(await closed(socket)).toBe(1_000)
  })

  it('that the broker closes in the middle of what a browser sends is closed at once', async () => {
    const socket = await opened(open({ origin: village.url }))
    const before = connections.length
    socket.send(Buffer.from([0x10]))
    await expect.poll(() => connections.length).toBeGreaterThan(before)
    const code = closed(socket)
    const sending = setInterval(() => socket.send(Buffer.alloc(65_536)), 1)
    connections[before]?.socket.destroy()
    expect(await code).toBe(1_000)
    clearInterval(sending)
  })

  it('carries a megabyte unchanged', async () => {
    const socket = await opened(open())
    const before = connections.length
    const bytes = Buffer.alloc(1_048_576, 7)
    socket.send(bytes)
    await expect
      .poll(() => connections[before]?.bytes.length ?? 0, { timeout: 5_000 })
      .toBeGreaterThan(bytes.length)
    const got = connections[before]?.bytes ?? Buffer.alloc(0)
    expect(got.subarray(got.indexOf('\r\n') + 2).equals(bytes)).toBe(true)
    socket.close()
  })

  it('refuses a page of another site by 403', async () => {
    await expect(opened(open({ origin: 'https://evil.example' }))).rejects.toThrow('403')
  })

  it('refuses another subprotocol, and another path', async () => {
    await expect(opened(open({ protocol: '' }))).rejects.toThrow('400')
    await expect(opened(open({ protocol: 'chat' }))).rejects.toThrow('400')
    await expect(opened(open({ path: '/elsewhere' }))).rejects.toThrow('404')
  })

  it('ends at text, and at a message above 1 MiB', async () => {
    const text = await opened(open())
    text.send('hello')
    expect(await closed(text)).toBe(1_003)
    const huge = await opened(open())
    huge.on('error', () => undefined)
    huge.send(Buffer.alloc(1_048_576 + 17))
    expect(await closed(huge)).toBe(1_009)
  })

  it('opens no connection to the broker before the first byte', async () => {
    const before = connections.length
    const socket = await opened(open())
    expect(connections.length).toBe(before)
    socket.close()
  })
})

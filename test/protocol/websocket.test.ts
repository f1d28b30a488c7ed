// MQTT 3.1.1, chapter 6: MQTT over WebSocket, through the dashboard to the broker. Each title carries the clauses that it stands for.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connectPacket, PINGREQ, publishPacket } from '../../broker/test/raw-client.ts'
import { type Credentials, startVillage, type TestVillage, until } from '../village.ts'

let village: TestVillage
let device: Credentials
beforeAll(async () => {
  village = await startVillage()
  device = await village.addDevice('ws-1', 'sensor')
  // The registry is noticed within a second.
  await until(async () => (await answer(await open())).equals(Buffer.from([0x20, 2, 0, 0])))
})
afterAll(async () => village.dispose())

interface Asked {
  readonly protocols?: readonly string[]
  readonly origin?: string
}

/** Rejects with the status when it is refused. */
async function open({ protocols = ['mqtt'], origin }: Asked = {}): Promise<WebSocket> {
  const socket = new WebSocket(
    `${village.http.replace('http', 'ws')}/mqtt`,
    [...protocols],
    origin === undefined ? {} : { origin },
  )
  await new Promise((done, fail) => {
    socket.once('open', done)
    socket.once('error', fail)
  })
  return socket
}

const connect = (): Buffer =>
  connectPacket({
    clientId: `${device.username}:${Math.floor(performance.now() * 1_000)}`,
    username: device.username,
    password: device.password,
  })

/** All that comes back within a while of what is sent. */
async function answer(
  socket: WebSocket,
  frames: readonly Uint8Array[] = [connect()],
  bytes = 4,
): Promise<Buffer> {
  const got: Buffer[] = []
  socket.on('message', (data: Buffer) => got.push(data))
  for (const frame of frames) socket.send(frame)
  await until(() => Buffer.concat(got).length >= bytes || socket.readyState === WebSocket.CLOSED, 5_000)
  return Buffer.concat(got)
}

async function closed(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined)
  return new Promise((done) => socket.once('close', done))
}

describe('MQTT over WebSocket', () => {
  it('[MQTT-6.0.0-1] in a text frame closes', async () => {
    const socket = await open()
    socket.send('MQTT')
    expect(await closed(socket)).toBe(1_003)
  })

  it('[MQTT-6.0.0-2] is cut into frames in any way: many packets in one, and one in many', async () => {
    const packets = Buffer.concat([
      connect(),
      publishPacket(`${device.topicPrefix}/event`, '{"event":"boot"}', { id: 5 }),
      PINGREQ,
    ])
    const expected = Buffer.from([0x20, 2, 0, 0, 0x40, 2, 0, 5, 0xd0, 0])
    expect(sorted(await answer(await open(), [packets], expected.length))).toEqual(sorted(expected))
    const bytes = Array.from(packets, (byte) => Buffer.from([byte]))
    expect(sorted(await answer(await open(), bytes, expected.length))).toEqual(sorted(expected))
  })

  // PINGRESP may come before the PUBACK that waits for the disk.
  const sorted = (bytes: Buffer): number[] => [...bytes].sort((a, b) => a - b)

  it('[MQTT-6.0.0-3] [MQTT-6.0.0-4] names the subprotocol mqtt, or is refused', async () => {
    expect((await open()).protocol).toBe('mqtt')
    expect((await open({ protocols: ['chat', 'mqtt'] })).protocol).toBe('mqtt')
    await expect(open({ protocols: [] })).rejects.toThrow('400')
    await expect(open({ protocols: ['chat'] })).rejects.toThrow('400')
  })

  it('is for pages of this site and for what is no page', async () => {
    expect((await open({ origin: village.http })).protocol).toBe('mqtt')
    await expect(open({ origin: 'https://evil.example' })).rejects.toThrow('403')
    await expect(open({ origin: 'null' })).rejects.toThrow('403')
  })

  it('CVE-2026-25627 NanoMQ: a packet that promises more than its frame holds closes, and the village serves on', async () => {
    const socket = await open()
    socket.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4, 0x4d]))
    await closed(socket)
    const signedIn = await open()
    await answer(signedIn)
    signedIn.send(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 4, 0x4d]))
    await closed(signedIn)
    expect(await answer(await open())).toEqual(Buffer.from([0x20, 2, 0, 0]))
  })

  it('CVE-2026-48779 ws: ten thousand frames of a byte, and one above 1 MiB, take nothing down', async () => {
    const socket = await open()
    for (let count = 0; count < 10_000; count += 1) socket.send(Buffer.from([0x10]))
    await until(() => socket.bufferedAmount === 0)
    socket.terminate()
    const large = await open()
    large.send(Buffer.alloc(1_048_576 + 17))
    expect(await closed(large)).toBe(1_009)
    expect(await answer(await open())).toEqual(Buffer.from([0x20, 2, 0, 0]))
  })
})

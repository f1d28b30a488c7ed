// An MQTT client of bytes: it sends what it is told, right or wrong, and keeps what comes back.

import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RawPacket {
  /** 1 to 14 [MQTT 3.1.1, table 2.1]. */
  readonly type: number
  /** The lower four bits of the fixed header. */
  readonly flags: number
  readonly body: Buffer
}

export class RawClient {
  readonly socket: Socket
  readonly packets: RawPacket[] = []
  isClosed = false
  #bytes = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', () => undefined)
    socket.once('close', () => {
      this.isClosed = true
    })
  }

  static async open(where: NetConnectOpts): Promise<RawClient> {
    const socket = connect(where)
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  send(...packets: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(packets))
  }

  /** The next packet of that type that has not been asked for; null when the connection closes first or none comes in time. */
  async next(type: number, withinMs = 5_000): Promise<RawPacket | null> {
    for (let waitedMs = 0; waitedMs < withinMs; waitedMs += 5) {
      const index = this.packets.findIndex((packet) => packet.type === type)
      if (index >= 0) return this.packets.splice(index, 1)[0] ?? null
      if (this.isClosed) return null
      await sleep(5)
    }
    return null
  }

  /** Whether the server closes within the time. */
  async closes(withinMs = 5_000): Promise<boolean> {
    for (let waitedMs = 0; waitedMs < withinMs && !this.isClosed; waitedMs += 5) await sleep(5)
    return this.isClosed
  }

  end(): void {
    this.socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    for (;;) {
      let length = 0
      let at = 1
      for (let shift = 0; ; shift += 7, at += 1) {
        const byte = this.#bytes[at]
        if (byte === undefined) return
        length += (byte & 0x7f) * 2 ** shift
        if (byte < 0x80) break
      }
      const end = at + 1 + length
      if (this.#bytes.length < end) return
      const first = this.#bytes[0] ?? 0
      this.packets.push({ type: first >> 4, flags: first & 15, body: this.#bytes.subarray(at + 1, end) })
      this.#bytes = this.#bytes.subarray(end)
    }
  }
}

export const CONNACK = 2
export const PUBLISH = 3
export const PUBACK = 4
export const PUBREC = 5
export const PUBREL = 6
export const PUBCOMP = 7
export const SUBACK = 9
export const UNSUBACK = 11
export const PINGRESP = 13

/** A length and bytes [MQTT 3.1.1, 1.5.3]. */
export const text = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

export const number = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])

/** Fixed header and body; `length` lies about the body's when it is given. */
export function packet(first: number, body: Uint8Array, length = body.length): Buffer {
  const header = [first]
  for (let left = length; ; left = Math.floor(left / 128)) {
    header.push((left % 128) + (left >= 128 ? 128 : 0))
    if (left < 128) return Buffer.concat([Buffer.from(header), body])
  }
}

export interface RawConnect {
  readonly clientId: string | Uint8Array
  readonly username?: string | Uint8Array
  readonly password?: string | Uint8Array
  readonly keepalive?: number
  readonly clean?: boolean
  readonly level?: number
  readonly will?: {
    readonly topic: string | Uint8Array
    readonly payload: string
    readonly qos?: number
    readonly retain?: boolean
  }
}

export function connectPacket(options: RawConnect): Buffer {
  const { clientId, username, password, keepalive = 60, clean = true, level = 4, will } = options
  const flags =
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40) |
    (will?.retain === true ? 0x20 : 0) |
    ((will?.qos ?? 0) << 3) |
    (will === undefined ? 0 : 0x04) |
    (clean ? 0x02 : 0)
  return packet(
    0x10,
    Buffer.concat([
      text(level === 3 ? 'MQIsdp' : 'MQTT'),
      Buffer.from([level, flags]),
      number(keepalive),
      ...(level === 5 ? [Buffer.from([0])] : []),
      text(clientId),
      ...(will === undefined ? [] : [text(will.topic), text(will.payload)]),
      ...(username === undefined ? [] : [text(username)]),
      ...(password === undefined ? [] : [text(password)]),
    ]),
  )
}

export function publishPacket(
  topic: string | Uint8Array,
  payload: string | Uint8Array,
  { qos = 1, id = 1, retain = false, dup = false } = {},
): Buffer {
  const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
  return packet(first, Buffer.concat([text(topic), ...(qos > 0 ? [number(id)] : []), Buffer.from(payload)]))
}

export function subscribePacket(filters: readonly (string | Uint8Array)[], { id = 1, qos = 1 } = {}): Buffer {
  const asked = filters.map((filter) => Buffer.concat([text(filter), Buffer.from([qos])]))
  return packet(0x82, Buffer.concat([number(id), ...asked]))
}

export function unsubscribePacket(filters: readonly (string | Uint8Array)[], { id = 1 } = {}): Buffer {
  return packet(0xa2, Buffer.concat([number(id), ...filters.map(text)]))
}

export function pubackPacket(id: number): Buffer {
  return packet(0x40, number(id))
}

export function pubrecPacket(id: number): Buffer {
  return packet(0x50, number(id))
}

export function pubcompPacket(id: number): Buffer {
  return packet(0x70, number(id))
}

export function pubrelPacket(id: number): Buffer {
  return packet(0x62, number(id))
}

export const PINGREQ = Buffer.from([0xc0, 0])
export const DISCONNECT = Buffer.from([0xe0, 0])

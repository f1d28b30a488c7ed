// What the clause tests share: one broker of its own a file, with two devices and a member of staff, and clients of bytes.

import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { DeviceCredentials } from '../../runtime/devices.ts'
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  RawClient,
  type RawConnect,
  SUBACK,
  subscribePacket,
} from '../test/raw-client.ts'
import { startTestBroker, type TestBroker } from '../test/running-broker.ts'
import { until } from '../test/until.ts'

export interface ClauseBroker {
  readonly broker: TestBroker
  readonly device: DeviceCredentials
  readonly staff: { readonly name: string; readonly token: string }
  /** A connection that has said nothing yet. */
  open(): Promise<RawClient>
  /** A device `p-1` that was let in; the answer is checked. */
  signedIn(more?: Partial<RawConnect>): Promise<RawClient>
  /** The same, and what its CONNACK says. */
  answered(more?: Partial<RawConnect>): Promise<{ client: RawClient; connack: Buffer | null }>
  /** Staff who are subscribed to the filters. */
  reader(filters?: readonly string[], qos?: number): Promise<RawClient>
  connect(more?: Partial<RawConnect>): Buffer
  /** The broker serves on: a device is let in and its PINGREQ answered. */
  serves(): Promise<void>
}

/** To be called at the top of a test file. */
export function clauseBroker(): ClauseBroker {
  let broker: TestBroker
  let device: DeviceCredentials
  let staff: { name: string; token: string }
  const clients: RawClient[] = []

  beforeAll(async () => {
    broker = await startTestBroker()
    device = await broker.device('p-1')
    await broker.device('p-2')
    staff = await broker.staff('ani', 'environment')
    // A registry is noticed within a second.
    await until(async () => (await answered(asStaff())).connack?.[1] === 0)
  })
  afterAll(async () => broker.dispose())
  afterEach(() => {
    for (const client of clients.splice(0)) client.end()
  })

  const asStaff = (): Partial<RawConnect> => ({
    clientId: staff.name,
    username: staff.name,
    password: staff.token,
  })
  const connect = (more: Partial<RawConnect> = {}): Buffer =>
    connectPacket({ clientId: 'p-1', username: 'p-1', password: device.password, ...more })

  async function open(): Promise<RawClient> {
    const client = await RawClient.open({ port: broker.port })
    clients.push(client)
    return client
  }

  async function answered(
    more?: Partial<RawConnect>,
  ): Promise<{ client: RawClient; connack: Buffer | null }> {
    const client = await open()
    client.send(connect(more))
    return { client, connack: (await client.next(CONNACK))?.body ?? null }
  }

  async function signedIn(more?: Partial<RawConnect>): Promise<RawClient> {
    const { client, connack } = await answered(more)
    expect(connack?.[1]).toBe(0)
    return client
  }

  return {
    get broker() {
      return broker
    },
    get device() {
      return device
    },
    get staff() {
      return staff
    },
    open,
    signedIn,
    answered,
    connect,
    async reader(filters = ['pantau/cideng/#'], qos = 2) {
      const client = await signedIn(asStaff())
      client.send(subscribePacket(filters, { qos }))
      expect(await client.next(SUBACK)).not.toBeNull()
      return client
    },
    async serves() {
      const client = await signedIn({ clientId: 'p-1:well' })
      client.send(PINGREQ)
      expect(await client.next(PINGRESP)).not.toBeNull()
      client.send(DISCONNECT)
    },
  }
}

export const topic = (channel: string, id = 'p-1'): string => `pantau/cideng/sensor/${id}/${channel}`

/** Retained messages come behind the SUBACK; what does not come within this long is not sent. */
export const NOTHING_MS = 150

export interface Published {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
  readonly dup: boolean
  readonly id: number | null
}

/** What a PUBLISH says. */
export function readPublish({ flags, body }: { readonly flags: number; readonly body: Buffer }): Published {
  const qos = (flags >> 1) & 3
  const end = 2 + body.readUInt16BE(0)
  return {
    topic: body.toString('utf8', 2, end),
    payload: body.toString('utf8', qos === 0 ? end : end + 2),
    qos,
    retain: (flags & 1) === 1,
    dup: (flags & 8) === 8,
    id: qos === 0 ? null : body.readUInt16BE(end),
  }
}

// MQTT 3.1.1, 3.1.2.4, 4.1 and 4.4: sessions, with the broker killed in between as well. Each title carries the clauses that it stands for.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../../runtime/devices.ts'
import { writeFileAtomic } from '../../runtime/files.ts'
import { randomOf } from '../../test/random.ts'
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  number,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  packet,
  pubackPacket,
  publishPacket,
  pubrelPacket,
  RawClient,
  SUBACK,
  subscribePacket,
  unsubscribePacket,
} from '../test/raw-client.ts'
import { type KillableBroker, startKillableBroker } from '../test/running-broker.ts'
import { until } from '../test/until.ts'
import { NOTHING_MS, type Published, readPublish } from './clause-broker.ts'

let broker: KillableBroker
let device: DeviceCredentials
let count = 0
const configs: Record<string, object> = {}

beforeAll(async () => {
  broker = await startKillableBroker()
  device = await broker.device('s-1')
  await until(async () => (await connack({ clientId: 's-1', clean: true }))[1] === 0)
})
afterAll(async () => broker.dispose())

const topic = (channel: string): string => `${device.topicPrefix}/${channel}`

interface Asked {
  readonly clientId: string
  readonly clean?: boolean
}

async function open({ clientId, clean = false }: Asked): Promise<RawClient> {
  const client = await RawClient.open({ port: broker.port })
  client.send(connectPacket({ clientId, username: 's-1', password: device.password, clean }))
  return client
}

/** Connected, with what its CONNACK says of the session. */
async function connected(asked: Asked, isPresent: boolean): Promise<RawClient> {
  const client = await open(asked)
  expect((await client.next(CONNACK))?.body).toEqual(Buffer.from([isPresent ? 1 : 0, 0]))
  return client
}

async function connack(asked: Asked): Promise<Buffer> {
  const client = await open(asked)
  const answer = (await client.next(CONNACK))?.body ?? Buffer.alloc(2)
  client.send(DISCONNECT)
  return answer
}

/** A client id that has no session yet. */
function newId(): string {
  count += 1
  return `s-1:${count}`
}

async function leave(client: RawClient): Promise<void> {
  client.send(DISCONNECT)
  expect(await client.closes()).toBe(true)
}

async function restart(): Promise<void> {
  await broker.kill()
  await broker.restart()
}

/** A retained message of QoS 1 to the device, as staff send it. */
function configure(n: number): void {
  configs['s-1'] = { n }
  writeFileAtomic(join(broker.dataFolder, 'device-config.json'), JSON.stringify(configs))
}

async function received(client: RawClient, withinMs?: number): Promise<Published | null> {
  const got = await client.next(PUBLISH, withinMs)
  return got === null ? null : readPublish(got)
}

async function subscribed(client: RawClient): Promise<void> {
  client.send(subscribePacket([topic('config')], { qos: 1 }))
  expect(await client.next(SUBACK)).not.toBeNull()
}

/** Waits for a moment in which the snapshot, which is saved once a tick, has what happened before. */
const saved = async (): Promise<void> => {
  const { received: before } = await broker.status()
  const client = await connected({ clientId: 's-1', clean: true }, false)
  client.send(publishPacket(topic('event'), '{}'))
  await client.next(PUBACK)
  await leave(client)
  await until(async () => (await broker.status()).received > before)
}

async function logged(payload: string): Promise<number> {
  const messages = await broker.messages()
  return messages.filter((message) => Buffer.from(message.payload).toString() === payload).length
}

describe('a session', () => {
  it('[MQTT-3.1.2-4] [MQTT-3.2.2-2] [MQTT-3.2.2-3] [MQTT-4.1.0-1] is begun, and told of from then on, also when nothing is in it', async () => {
    const clientId = newId()
    await leave(await connected({ clientId }, false))
    await leave(await connected({ clientId }, true))
    const client = await connected({ clientId }, true)
    await subscribed(client)
    client.end()
    const again = await connected({ clientId }, true)
    again.send(unsubscribePacket([topic('config')]))
    await until(() => again.packets.length > 0)
    await leave(again)
    await leave(await connected({ clientId }, true))
  })

  it('[MQTT-3.1.2-6] [MQTT-3.2.2-1] [MQTT-3.1.4-3] ends when its client begins anew', async () => {
    const clientId = newId()
    const client = await connected({ clientId }, false)
    await subscribed(client)
    await leave(client)
    await leave(await connected({ clientId, clean: true }, false))
    const again = await connected({ clientId }, false)
    const watcher = await connected({ clientId: newId(), clean: true }, false)
    await subscribed(watcher)
    configure(1)
    expect(await received(watcher)).toMatchObject({ payload: '{"n":1}' })
    expect(await received(again, NOTHING_MS)).toBeNull()
    await leave(again)
  })

  it('[MQTT-4.1.0-2] that begins anew lasts as long as its connection', async () => {
    const clientId = newId()
    const client = await connected({ clientId, clean: true }, false)
    await subscribed(client)
    await received(client, NOTHING_MS)
    configure(2)
    expect(await received(client)).toMatchObject({ payload: '{"n":2}' })
    await leave(client)
    await leave(await connected({ clientId }, false))
  })

  it('[MQTT-3.1.2-5] [MQTT-4.5.0-1] of somebody who is away gathers what it is subscribed to, also when the broker is killed', async () => {
    const clientId = newId()
    const client = await connected({ clientId }, false)
    await subscribed(client)
    const retained = await received(client)
    client.send(pubackPacket(retained?.id ?? 0), PINGREQ)
    await client.next(PINGRESP)
    await leave(client)
    const watcher = await connected({ clientId: newId(), clean: true }, false)
    await subscribed(watcher)
    await received(watcher, NOTHING_MS)
    for (const n of [3, 4]) {
      configure(n)
      expect(await received(watcher)).toMatchObject({ payload: `{"n":${n}}` })
    }
    await saved()
    await restart()
    const again = await connected({ clientId }, true)
    for (const n of [3, 4]) {
      const got = await received(again)
      expect(got).toMatchObject({ payload: `{"n":${n}}`, qos: 1, dup: false, retain: false })
      again.send(pubackPacket(got?.id ?? 0))
    }
    await leave(again)
    await connected({ clientId, clean: true }, false)
  })

  it('[MQTT-4.4.0-1] [MQTT-4.6.0-1] [MQTT-3.3.1-1] sends what was not acknowledged again: with DUP, the same identifiers, the same order', async () => {
    const clientId = newId()
    const client = await connected({ clientId }, false)
    await subscribed(client)
    // The first is retained: it comes with the subscription, the others behind it.
    const first = await received(client)
    const sent = [first]
    for (const n of [5, 6, 7]) {
      configure(n)
      sent.push(await received(client))
    }
    expect(sent.every((message) => message?.dup === false)).toBe(true)
    const ids = sent.map((message) => message?.id ?? 0)
    expect(new Set(ids).size).toBe(4)
    client.send(pubackPacket(ids[1] ?? 0), PINGREQ)
    expect(await client.next(PINGRESP)).not.toBeNull()
    client.end()
    await until(() => client.isClosed)
    for (const isKilled of [false, true]) {
      if (isKilled) {
        await saved()
        await restart()
      }
      const again = await connected({ clientId }, true)
      for (const index of [0, 2, 3]) {
        expect(await received(again)).toEqual({ ...sent[index], dup: true })
      }
      configure(isKilled ? 9 : 8)
      const fresh = await received(again)
      expect(fresh?.dup).toBe(false)
      expect(ids).not.toContain(fresh?.id)
      again.send(pubackPacket(fresh?.id ?? 0), PINGREQ)
      expect(await again.next(PINGRESP)).not.toBeNull()
      again.end()
      await until(() => again.isClosed)
    }
    await leave(await connected({ clientId, clean: true }, false))
  })
})

describe('QoS 2 with the broker killed', () => {
  const payload = (name: string): string => `{"killed":"${name}"}`

  async function begun(clientId: string, name: string): Promise<RawClient> {
    const client = await connected({ clientId }, false)
    client.send(publishPacket(topic('event'), payload(name), { qos: 2, id: 5 }))
    expect((await client.next(PUBREC))?.body).toEqual(number(5))
    return client
  }

  it('[MQTT-4.3.3-2] [MQTT-4.1.0-1] between PUBREC and PUBREL: what comes again is the same message', async () => {
    const clientId = newId()
    await begun(clientId, 'before PUBREL')
    await restart()
    const again = await connected({ clientId }, true)
    for (let times = 0; times < 2; times += 1) {
      again.send(publishPacket(topic('event'), payload('before PUBREL'), { qos: 2, id: 5, dup: true }))
      expect((await again.next(PUBREC))?.body).toEqual(number(5))
    }
    again.send(pubrelPacket(5))
    expect((await again.next(PUBCOMP))?.body).toEqual(number(5))
    expect(await logged(payload('before PUBREL'))).toBe(1)
    await leave(again)
    await leave(await connected({ clientId, clean: true }, false))
  })

  it('[MQTT-4.3.3-2] behind PUBCOMP: what comes under the identifier is new, with DUP too', async () => {
    const clientId = newId()
    const client = await begun(clientId, 'behind PUBCOMP')
    client.send(pubrelPacket(5))
    expect((await client.next(PUBCOMP))?.body).toEqual(number(5))
    await restart()
    const again = await connected({ clientId }, true)
    again.send(publishPacket(topic('event'), payload('behind PUBCOMP'), { qos: 2, id: 5, dup: true }))
    expect((await again.next(PUBREC))?.body).toEqual(number(5))
    expect(await logged(payload('behind PUBCOMP'))).toBe(2)
    await leave(again)
    await leave(await connected({ clientId, clean: true }, false))
  })

  it('[MQTT-4.3.3-2] twice, and with a snapshot in between: still the same message', async () => {
    const clientId = newId()
    await begun(clientId, 'twice')
    await saved()
    await restart()
    await saved()
    await restart()
    const again = await connected({ clientId }, true)
    again.send(publishPacket(topic('event'), payload('twice'), { qos: 2, id: 5, dup: true }))
    expect((await again.next(PUBREC))?.body).toEqual(number(5))
    expect(await logged(payload('twice'))).toBe(1)
    await leave(again)
    await leave(await connected({ clientId, clean: true }, false))
  })

  it('[MQTT-3.1.2-6] of a client that begins anew: nothing of it is known, so the identifier is free', async () => {
    const clientId = newId()
    const client = await connected({ clientId, clean: true }, false)
    for (let times = 0; times < 2; times += 1) {
      client.send(publishPacket(topic('event'), payload('anew'), { qos: 2, id: 5 }))
      expect(await client.next(PUBREC)).not.toBeNull()
    }
    client.end()
    const again = await connected({ clientId, clean: true }, false)
    again.send(publishPacket(topic('event'), payload('anew'), { qos: 2, id: 5 }))
    expect(await again.next(PUBREC)).not.toBeNull()
    expect(await logged(payload('anew'))).toBe(2)
    again.end()
  })

  it('[MQTT-4.3.3-2] at moments of every kind, by a client that follows the rules: each message is there once', async () => {
    const clientId = newId()
    const random = randomOf(43)
    let sent = 0
    let isReleasing = false
    const messages: string[] = []
    for (let round = 0; round < 6; round += 1) {
      const client = await connected({ clientId }, round > 0)
      const least = sent + 1 + Math.floor(random() * 5)
      const killed = until(() => sent >= least, 20_000)
        .then(() => sleep(random() * 20))
        .then(() => broker.kill())
      // What was under way when the broker was killed comes again, with DUP.
      for (let isAgain = round > 0; ; isAgain = false) {
        const id = (sent % 7) + 1
        messages[sent] = `{"exactly":${sent}}`
        if (!isReleasing) {
          client.send(publishPacket(topic('event'), messages[sent] ?? '', { qos: 2, id, dup: isAgain }))
          if ((await client.next(PUBREC)) === null) break
          isReleasing = true
        }
        client.send(pubrelPacket(id))
        if ((await client.next(PUBCOMP)) === null) break
        isReleasing = false
        sent += 1
      }
      await killed
      await broker.restart()
    }
    const inLog = (await broker.messages()).map((message) => Buffer.from(message.payload).toString())
    const exactly = inLog.filter((text) => text.startsWith('{"exactly"'))
    // The last one may have come to the log without an answer.
    expect([messages.slice(0, sent), messages.slice(0, sent + 1)]).toContainEqual(exactly)
    expect(sent).toBeGreaterThan(10)
  })
})

describe('an answer that is none', () => {
  it('[MQTT-4.8.0-1] to a message that was never sent closes nobody but, with a session, a PUBREC of it', async () => {
    const clientId = newId()
    const client = await connected({ clientId }, false)
    client.send(pubackPacket(77), packet(0x70, number(77)), PINGREQ)
    expect(await client.next(PINGRESP)).not.toBeNull()
    client.send(packet(0x50, number(77)))
    expect(await client.closes()).toBe(true)
    await leave(await connected({ clientId, clean: true }, false))
  })
})

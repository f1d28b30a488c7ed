import pino from 'pino'
import { describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { socketPath } from '../runtime/sockets.ts'
import { CONNACK, connectPacket, DISCONNECT, RawClient } from './test/raw-client.ts'
import { startTestBroker, type TestBroker } from './test/running-broker.ts'
import { until } from './test/until.ts'
import { BROKEN_MOST, HELD_BACK_MS, TAKEN_OVER_MOST, Unrest } from './unrest.ts'

const HERE = '203.0.113.7'

function unrest(): { unrest: Unrest; clones: string[]; lines: string[]; pass(ms: number): void } {
  let nowMs = 0
  const clones: string[] = []
  const lines: string[] = []
  return {
    unrest: new Unrest({
      clock: { now: () => nowMs, monotonicMs: () => nowMs },
      logger: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
      onClone: (client, takeovers) => void clones.push(`${client} ${takeovers}`),
    }),
    clones,
    lines,
    pass(ms) {
      nowMs += ms
    },
  }
}

describe('a client whose connection breaks off', () => {
  it('fifteen times in a minute is told of once and held back for five minutes, and no other is', () => {
    const { unrest: watched, lines, pass } = unrest()
    expect(BROKEN_MOST).toBe(15)
    for (let count = 1; count <= 40; count += 1) {
      expect(watched.holdBackMs(HERE, 'a')).toBe(count <= 15 ? 0 : HELD_BACK_MS)
      watched.brokeOff(HERE, 'a')
      pass(1_000)
    }
    expect(lines).toHaveLength(1)
    expect(watched.holdBackMs(HERE, 'b')).toBe(0)
    expect(watched.holdBackMs('203.0.113.8', 'a')).toBe(0)
    pass(300_000)
    expect(watched.holdBackMs(HERE, 'a')).toBe(0)
  })

  it('less often is never held back, however long it goes on', () => {
    const { unrest: watched, lines, pass } = unrest()
    for (let count = 0; count < 1_000; count += 1) {
      watched.brokeOff(HERE, 'a')
      pass(4_300)
      expect(watched.holdBackMs(HERE, 'a')).toBe(0)
    }
    expect(lines).toEqual([])
  })

  it('on the same machine is told of and not held back', () => {
    const { unrest: watched, lines } = unrest()
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      for (let count = 0; count < 20; count += 1) watched.brokeOff(address, 'a')
      expect(watched.holdBackMs(address, 'a')).toBe(0)
    }
    expect(lines).toHaveLength(3)
  })
})

describe('clients that take each other’s place', () => {
  it('six times in a minute are suspected to be two, from whatever addresses', () => {
    const { unrest: watched, clones, pass } = unrest()
    expect(TAKEN_OVER_MOST).toBe(6)
    for (let count = 0; count < 20; count += 1) {
      watched.takenOver(count % 2 === 0 ? HERE : '203.0.113.8', 'a')
      pass(2_000)
    }
    expect(clones).toEqual(['a 6'])
    expect(watched.holdBackMs(HERE, 'a')).toBe(HELD_BACK_MS)
  })

  it('five times are not', () => {
    const { unrest: watched, clones } = unrest()
    for (let count = 0; count < 5; count += 1) watched.takenOver(HERE, 'a')
    expect(clones).toEqual([])
  })
})

describe('a broker', () => {
  async function withBroker(
    work: (broker: TestBroker, device: DeviceCredentials) => Promise<void>,
  ): Promise<void> {
    const broker = await startTestBroker()
    try {
      const device = await broker.device('r-1')
      await until(async () => (await connect(broker, device)).code === 0)
      await work(broker, device)
    } finally {
      await broker.dispose()
    }
  }

  /** By way of the relay, from another machine. */
  async function connect(
    broker: TestBroker,
    { username, password }: DeviceCredentials,
  ): Promise<{ client: RawClient; code: number | null; tookMs: number }> {
    const client = await RawClient.open({ path: socketPath(broker.dataFolder, 'mqtt') })
    const begin = performance.now()
    client.send(
      Buffer.from(`PROXY TCP4 ${HERE} 127.0.0.1 50000 8080\r\n`),
      connectPacket({ clientId: username, username, password }),
    )
    const code = (await client.next(CONNACK))?.body[1] ?? null
    return { client, code, tookMs: performance.now() - begin }
  }

  it('lets a client whose connection broke off fifteen times in later, never not, and one that says DISCONNECT at once', async () => {
    await withBroker(async (broker, device) => {
      for (let count = 0; count < 30; count += 1) {
        const { client, code, tookMs } = await connect(broker, device)
        expect([code, tookMs < HELD_BACK_MS]).toEqual([0, true])
        client.send(DISCONNECT)
        await client.closes()
      }
      for (let count = 0; count < BROKEN_MOST; count += 1) {
        const { client } = await connect(broker, device)
        client.end()
        await until(async () => (await broker.status()).clients === 0)
      }
      const { client, code, tookMs } = await connect(broker, device)
      expect(code).toBe(0)
      expect(tookMs).toBeGreaterThanOrEqual(HELD_BACK_MS - 50)
      client.end()
    })
  })

  it('tells of a clone by an event of the device, once, and lets both in', async () => {
    await withBroker(async (broker, device) => {
      const clients: RawClient[] = []
      for (let count = 0; count <= TAKEN_OVER_MOST; count += 1) {
        const { client, code } = await connect(broker, device)
        expect(code).toBe(0)
        clients.push(client)
      }
      await until(async () => (await broker.messages()).length > 0)
      const [message] = await broker.messages()
      expect(message).toMatchObject({ topic: `${device.topicPrefix}/event`, client: null, qos: 0 })
      expect(JSON.parse(Buffer.from(message?.payload ?? []).toString())).toMatchObject({
        event: 'clone_suspected',
        detail: { client: 'r-1', takeovers: TAKEN_OVER_MOST },
      })
      const { code } = await connect(broker, device)
      expect(code).toBe(0)
      expect(await broker.messages()).toHaveLength(1)
      for (const client of clients) client.end()
    })
  })
})

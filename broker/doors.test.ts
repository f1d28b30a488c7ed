import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect as netConnect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { socketPath } from '../runtime/sockets.ts'
import { DOOR_LIMITS } from './doors.ts'
import { CONNACK, connectPacket, PUBACK, publishPacket, RawClient } from './test/raw-client.ts'
import { startTestBroker, type TestBroker } from './test/running-broker.ts'
import { until } from './test/until.ts'

let broker: TestBroker
const folder = mkdtempSync(join(tmpdir(), 'pantau-tls-'))
const clients: { end(): unknown }[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.end()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function registered(id: string): Promise<DeviceCredentials> {
  const device = await broker.device(id)
  await until(async () => (await raw(device)) === 0)
  return device
}

/** The client once it is let in; rejects when it is not. */
function entered(client: MqttClient): Promise<MqttClient> {
  return new Promise((done, fail) => {
    client.once('connect', () => done(client))
    client.on('error', fail)
    client.once('close', () => fail(new Error('closed')))
  })
}

const signIn = ({ username, password }: DeviceCredentials) =>
  connectPacket({ clientId: username, username, password })

async function raw(device: DeviceCredentials): Promise<number | null> {
  const client = await RawClient.open({ port: broker.port })
  client.send(signIn(device))
  const answer = await client.next(CONNACK)
  client.end()
  return answer?.body[1] ?? null
}

describe('the relay for WebSocket', () => {
  let device: DeviceCredentials
  beforeAll(async () => {
    broker = await startTestBroker()
    device = await registered('w-1')
  })
  afterAll(async () => broker.dispose())

  async function relay(): Promise<RawClient> {
    const client = await RawClient.open({ path: socketPath(broker.dataFolder, 'mqtt') })
    clients.push(client)
    return client
  }
  const line = (address: string) => Buffer.from(`PROXY TCP4 ${address} 127.0.0.1 50000 8080\r\n`)

  it('takes the PROXY line and the packets behind it in one piece', async () => {
    const client = await relay()
    client.send(line('203.0.113.7'), signIn(device), publishPacket(`${device.topicPrefix}/event`, '{}'))
    expect((await client.next(CONNACK))?.body[1]).toBe(0)
    expect(await client.next(PUBACK)).not.toBeNull()
  })

  it('takes them byte by byte', async () => {
    const client = await relay()
    for (const byte of Buffer.concat([line('203.0.113.7'), signIn(device)])) {
      client.send(Buffer.from([byte]))
      await new Promise((done) => setImmediate(done))
    }
    expect((await client.next(CONNACK))?.body[1]).toBe(0)
  })

  it('takes an address of IPv6', async () => {
    const client = await relay()
    client.send(Buffer.from('PROXY TCP6 2001:db8::1 ::1 50000 8080\r\n'), signIn(device))
    expect((await client.next(CONNACK))?.body[1]).toBe(0)
  })

  it.each([
    ['another line', 'GET /mqtt HTTP/1.1\r\n'],
    ['an address that is none', 'PROXY TCP4 <script> 127.0.0.1 1 2\r\n'],
    ['a line without end', 'P'.repeat(200)],
    ['a line that ends in LF alone', 'PROXY TCP4 203.0.113.7 127.0.0.1 1 2\n'],
  ])('closes at %s', async (_what, text) => {
    const client = await relay()
    client.send(Buffer.from(text))
    expect(await client.closes()).toBe(true)
  })

  it('has room for 64 of one address that have not signed in, and again when they have', async () => {
    const strangers = await Promise.all(Array.from({ length: 64 }, () => relay()))
    for (const stranger of strangers) stranger.send(line('203.0.113.9'))
    const late = await relay()
    late.send(line('203.0.113.9'), signIn(device))
    expect(await late.closes()).toBe(true)
    const other = await relay()
    other.send(line('203.0.113.10'), signIn(device))
    expect((await other.next(CONNACK))?.body[1]).toBe(0)
    strangers[0]?.send(
      connectPacket({ clientId: 'w-1:0', username: device.username, password: device.password }),
    )
    expect((await strangers[0]?.next(CONNACK))?.body[1]).toBe(0)
    const again = await relay()
    again.send(line('203.0.113.9'), signIn(device))
    expect((await again.next(CONNACK))?.body[1]).toBe(0)
  })
})

describe('the plain port', () => {
  beforeAll(async () => {
    broker = await startTestBroker()
  })
  afterAll(async () => broker.dispose())

  it('closes at HTTP', async () => {
    const error = await new Promise<unknown>((done) => {
      request({ port: broker.port, path: '/' }, done).on('error', done).end()
    })
    expect(error).toBeInstanceOf(Error)
  })

  it('closes at TLS', async () => {
    const error = await new Promise<unknown>((done) => {
      tlsConnect({ port: broker.port, rejectUnauthorized: false }, () => done(null)).on('error', done)
    })
    expect(error).toBeInstanceOf(Error)
  })

  it('that another program has is named', async () => {
    const other = await startTestBroker().catch((error: unknown) => error)
    if (other instanceof Error) throw other
    const { port, dispose } = other as TestBroker
    await expect(startTestBroker({ PANTAU_MQTT_PORT: String(port) })).rejects.toThrow(
      `PANTAU_MQTT_PORT is ${port}, which another program has; stop it or give another port`,
    )
    await dispose()
  })
})

describe('without credentials', () => {
  beforeAll(async () => {
    broker = await startTestBroker({ PANTAU_MQTT_ANONYMOUS: 'on' })
  })
  afterAll(async () => broker.dispose())

  async function anonymous(options: IClientOptions): Promise<MqttClient> {
    const client = await entered(
      mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0, ...options }),
    )
    clients.push(client)
    return client
  }

  /** A publish that the broker closes for. */
  async function isClosedFor(client: MqttClient, topic: string): Promise<void> {
    client.publish(topic, '{}', { qos: 1 })
    await until(() => !client.connected)
  }

  it('a device has the id that it gives, and that one only', async () => {
    const client = await anonymous({ clientId: 'x-1' })
    await client.publishAsync('pantau/cideng/vehicle/x-1/event', '{}', { qos: 1 })
    await isClosedFor(client, 'pantau/cideng/vehicle/x-2/event')
  })

  it('a user name alone is the id', async () => {
    const client = await anonymous({ clientId: 'x-3:1', username: 'x-3' })
    await client.publishAsync('pantau/cideng/sensor/x-3/event', '{}', { qos: 1 })
  })

  it('credentials that are given have to be right', async () => {
    const device = await broker.device('x-4')
    await until(async () => (await raw(device)) === 0)
    expect(await raw({ ...device, password: 'wrong' })).toBe(4)
  })

  it('a device of the registry keeps its kind', async () => {
    const client = await anonymous({ clientId: 'x-4' })
    await isClosedFor(client, 'pantau/cideng/vehicle/x-4/event')
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describe.skipIf(!hasOpenssl)('TLS (openssl makes its certificates)', () => {
  const file = (name: string): string => join(folder, name)

  function openssl(...argv: readonly string[]): void {
    const { status, stderr } = spawnSync('openssl', argv, { cwd: folder })
    if (status !== 0) throw new Error(String(stderr))
  }

  /** A certificate for a name, signed by `ca`. */
  function certify(name: string, subject: string, ca: string, extension: string): void {
    openssl(
      'req',
      '-newkey',
      'ec:ec.pem',
      '-nodes',
      '-subj',
      subject,
      '-keyout',
      `${name}.key`,
      '-out',
      'csr',
    )
    writeFileSync(file('extension'), extension)
    const signed = ['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-days', '2']
    openssl('x509', '-req', '-in', 'csr', ...signed, '-extfile', 'extension', '-out', `${name}.crt`)
  }

  beforeAll(() => {
    openssl('ecparam', '-name', 'prime256v1', '-out', 'ec.pem')
    for (const ca of ['ca', 'stranger']) {
      const key = ['-newkey', 'ec:ec.pem', '-nodes', '-keyout', `${ca}.key`]
      openssl('req', '-x509', ...key, '-subj', `/CN=${ca}`, '-days', '2', '-out', `${ca}.crt`)
    }
    certify('server', '/CN=localhost', 'ca', 'subjectAltName=DNS:localhost,IP:127.0.0.1')
    certify('t-1', '/CN=t-1', 'ca', '')
    certify('san', '/CN=somebody', 'ca', 'subjectAltName=DNS:t-1,DNS:other')
    certify('t-2', '/CN=t-2', 'ca', '')
    certify('false', '/CN=t-1', 'stranger', '')
  })

  const tls = (more: Record<string, string> = {}): Record<string, string> => ({
    PANTAU_MQTTS_PORT: '0',
    PANTAU_TLS_CERT: file('server.crt'),
    PANTAU_TLS_KEY: file('server.key'),
    ...more,
  })

  async function secure(
    device: DeviceCredentials,
    certificate?: string,
    more: object = {},
  ): Promise<MqttClient> {
    const pair =
      certificate === undefined
        ? {}
        : { cert: readFileSync(file(`${certificate}.crt`)), key: readFileSync(file(`${certificate}.key`)) }
    const client = await entered(
      mqtt.connect(`mqtts://localhost:${broker.tlsPort}`, {
        clientId: device.username,
        username: device.username,
        password: device.password,
        ca: readFileSync(file('ca.crt')),
        reconnectPeriod: 0,
        ...pair,
        ...more,
      }),
    )
    clients.push(client)
    return client
  }

  describe('with a certificate of the server', () => {
    let device: DeviceCredentials
    beforeAll(async () => {
      broker = await startTestBroker(tls())
      device = await registered('t-1')
    })
    afterAll(async () => broker.dispose())

    it('takes publishes as the plain port does', async () => {
      const client = await secure(device)
      await client.publishAsync(`${device.topicPrefix}/event`, 'x'.repeat(40_000), { qos: 1 })
      expect((await broker.messages()).at(-1)?.payload).toHaveLength(40_000)
    })

    it('is not spoken below 1.2', async () => {
      await expect(
        secure(device, undefined, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }),
      ).rejects.toThrow()
    })

    it('closes at MQTT without it', async () => {
      const client = await RawClient.open({ port: broker.tlsPort })
      clients.push(client)
      client.send(signIn(device))
      expect(await client.closes()).toBe(true)
    })
  })

  describe('with certificates of the clients', () => {
    let device: DeviceCredentials
    beforeAll(async () => {
      broker = await startTestBroker(tls({ PANTAU_TLS_CLIENT_CA: file('ca.crt') }))
      device = await registered('t-1')
    })
    afterAll(async () => broker.dispose())

    it.each(['t-1', 'san'])('lets in whom the certificate %s is for', async (certificate) => {
      const client = await secure(device, certificate)
      await client.publishAsync(`${device.topicPrefix}/event`, '{}', { qos: 1 })
    })

    it.each([
      ["another's certificate", 't-2'],
      ['a certificate of another CA', 'false'],
      ['no certificate', undefined],
    ])('lets in nobody with %s', async (_what, certificate) => {
      await expect(secure(device, certificate)).rejects.toThrow()
    })

    it('lets in nobody with the wrong secret', async () => {
      await expect(secure({ ...device, password: 'wrong' }, 't-1')).rejects.toThrow(
        'Bad username or password',
      )
    })
  })

  describe('with a revocation list in the CA file', () => {
    /** The CA's database, with nobody or one revoked, and its list beside its certificate. */
    function writeList(path: string, revoked: readonly string[]): void {
      writeFileSync(file('index.txt'), '')
      writeFileSync(file('crlnumber'), '01\n')
      writeFileSync(
        file('ca.conf'),
        '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=2\n',
      )
      const ca = ['-config', 'ca.conf', '-cert', 'ca.crt', '-keyfile', 'ca.key']
      for (const name of revoked) openssl('ca', ...ca, '-revoke', `${name}.crt`)
      openssl('ca', ...ca, '-gencrl', '-out', 'list.pem')
      writeFileSync(path, Buffer.concat([readFileSync(file('ca.crt')), readFileSync(file('list.pem'))]))
    }

    it('who is revoked while connected is closed, without a last will, and not let in again; others are', async () => {
      writeList(file('clients.pem'), [])
      broker = await startTestBroker(tls({ PANTAU_TLS_CLIENT_CA: file('clients.pem') }))
      const [device, other] = [await registered('t-1'), await registered('t-2')]
      const will = { topic: `${device.topicPrefix}/status`, payload: Buffer.from('offline'), qos: 1 as const }
      const client = await secure(device, 't-1', { will })
      writeList(file('clients.pem'), ['t-1'])
      await until(() => !client.connected)
      await expect(secure(device, 't-1')).rejects.toThrow()
      await secure(other, 't-2')
      expect((await broker.messages()).map(({ topic }) => topic)).toEqual([])
      // The list is taken away again: nobody is revoked.
      writeFileSync(file('clients.pem'), readFileSync(file('ca.crt')))
      await until(async () =>
        secure(device, 't-1')
          .then(() => true)
          .catch(() => false),
      )
      await broker.dispose()
    })

    it('half a renewal changes nothing', async () => {
      writeFileSync(file('renewed.crt'), readFileSync(file('server.crt')))
      broker = await startTestBroker(tls({ PANTAU_TLS_CERT: file('renewed.crt') }))
      const device = await registered('t-1')
      writeFileSync(file('renewed.crt'), '-----BEGIN ')
      await sleep(1_500)
      await secure(device)
      await broker.dispose()
    })
  })

  it.each([
    [{ PANTAU_TLS_CERT: '/missing.pem' }, 'PANTAU_TLS_CERT is /missing.pem, which cannot be read (ENOENT)'],
    [{ PANTAU_TLS_CLIENT_CA: '/dev/null' }, 'PANTAU_TLS_CLIENT_CA is /dev/null, which holds no PEM text'],
    [{ PANTAU_TLS_KEY: file('t-1.key') }, 'which do not go together; give a certificate and its key (PEM)'],
  ])('with %j does not start', async (more, message) => {
    await expect(startTestBroker(tls(more))).rejects.toThrow(message)
  })
})

it.skipIf(hasOpenssl)('SKIPPED: openssl is not installed, so TLS is not tested', () => undefined)

describe('connections', () => {
  it('are taken up to a bound, signed in or not, and again when one goes', async () => {
    expect(DOOR_LIMITS.sockets).toBe(20_000)
    broker = await startTestBroker({}, { limits: { sockets: 5, strangers: 64 } })
    const device = await registered('c-1')
    await until(async () => (await broker.status()).clients === 0)
    const open = (): Promise<RawClient> => RawClient.open({ port: broker.port })
    const five = await Promise.all(Array.from({ length: 5 }, open))
    clients.push(...five)
    const sixth = await open()
    sixth.send(signIn(device))
    expect(await sixth.closes()).toBe(true)
    expect(sixth.packets).toEqual([])
    five[0]?.send(signIn(device))
    expect((await five[0]?.next(CONNACK))?.body[1]).toBe(0)
    five[1]?.end()
    await until(async () => (await raw(device)) === 0)
    await broker.dispose()
  })
})

describe('a connection that says nothing', () => {
  it('is closed after ten seconds', { timeout: 20_000 }, async () => {
    broker = await startTestBroker()
    const silent = netConnect(broker.port)
    const slow = netConnect(broker.port)
    slow.write(Buffer.from([0x10, 0x40]))
    const closed = [silent, slow].map(
      (socket) =>
        new Promise<void>((done) => {
          socket.resume().on('error', () => undefined)
          socket.once('close', () => done())
        }),
    )
    const begin = performance.now()
    await Promise.all(closed)
    expect(performance.now() - begin).toBeGreaterThan(9_000)
    await broker.dispose()
  })
})

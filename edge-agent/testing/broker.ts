// A real broker for the tests: Aedes on a real socket, letting in one device with one password, on its own topics, as the
// contract has it. It can hold back acknowledgements, and be stopped and started on the same port.

import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { Aedes, type AuthenticateError } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'

export interface Received {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
  readonly qos: number
}

export class TestBroker {
  readonly received: Received[] = []
  /** Client ids, one a CONNECT that was taken. */
  readonly connects: string[] = []
  refusals = 0
  /** SUBSCRIBE packets that were taken. */
  subscribes = 0
  password = 'secret-1'
  /** Called before a message is acknowledged; the acknowledgement waits for what it returns. */
  beforeAcknowledge: (message: Received) => Promise<void> | null = () => null
  readonly #device: string
  readonly #transport: TlsOptions | 'tcp' | 'websocket'
  #port = 0
  #aedes: Aedes | null = null
  #server: Server | null = null
  readonly #sockets = new Set<Socket>()

  constructor(device: string, transport: TlsOptions | 'tcp' | 'websocket' = 'tcp') {
    this.#device = device
    this.#transport = transport
  }

  get url(): string {
    const scheme = this.#transport === 'tcp' ? 'mqtt' : this.#transport === 'websocket' ? 'ws' : 'mqtts'
    return `${scheme}://localhost:${this.#port}`
  }

  /** Messages of that channel, in the order they came. */
  on(channel: string): Received[] {
    return this.received.filter(({ topic }) => topic.endsWith(`/${channel}`))
  }

  /** Observations of all readings, in the order they came. */
  observations(): { time: string; seq: number; values: Record<string, number> }[] {
    return this.on('reading').flatMap(({ payload }) => JSON.parse(payload))
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker({ connectTimeout: 5_000 })
    const prefix = `pantau/cideng/hotspot/${this.#device}/`
    aedes.authenticate = (client, username, password, done) => {
      if (username === this.#device && String(password) === this.password && client.id === username) {
        this.connects.push(client.id)
        done(null, true)
      } else {
        this.refusals += 1
        const error: AuthenticateError = Object.assign(new Error('refused'), { returnCode: 4 })
        done(error, false)
      }
    }
    aedes.authorizePublish = (client, packet, done) => {
      const message = {
        topic: packet.topic,
        payload: packet.payload.toString(),
        retain: packet.retain,
        qos: packet.qos,
      }
      const channel = packet.topic.slice(prefix.length)
      if (client !== null && !(packet.topic.startsWith(prefix) && /^(reading|status|event)$/.test(channel))) {
        done(new Error('not allowed'))
        return
      }
      this.received.push(message)
      const wait = this.beforeAcknowledge(message)
      if (wait === null) done(null)
      else void wait.then(() => done(null))
    }
    aedes.authorizeSubscribe = (_, subscription, done) => {
      const own = [`${prefix}config`, `${prefix}command`, `${prefix}reply`].includes(subscription.topic)
      done(own ? null : new Error('not allowed'), own ? subscription : null)
    }
    aedes.on('subscribe', () => {
      this.subscribes += 1
    })
    this.#aedes = aedes
    await this.#listen(aedes)
  }

  /** Closes every connection and the port, without a word. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const server = this.#server
    if (server !== null) await new Promise((done) => server.close(done))
    await new Promise<void>((done) => {
      if (this.#aedes === null) done()
      else this.#aedes.close(done)
    })
    this.#server = null
    this.#aedes = null
  }

  /** Cuts the connections; the port stays open. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Publishes to the device. */
  async send(channel: 'config' | 'command', payload: string, retain = false): Promise<void> {
    await new Promise<void>((done, fail) => {
      const packet = { cmd: 'publish', qos: 1, dup: false, retain, payload: Buffer.from(payload) } as const
      this.#aedes?.publish(
        { ...packet, topic: `pantau/cideng/hotspot/${this.#device}/${channel}` },
        (error) => (error ? fail(error) : done()),
      )
    })
  }

  async #listen(aedes: Aedes): Promise<void> {
    const handle = (socket: Socket): void => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      aedes.handle(socket)
    }
    const server = this.#createServer(handle)
    server.on('tlsClientError', () => {})
    await new Promise<void>((done) => server.listen(this.#port, done))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  #createServer(handle: (socket: Socket) => void): Server {
    if (this.#transport === 'tcp') return createServer(handle)
    if (this.#transport !== 'websocket') return createTlsServer(this.#transport, handle)
    const server = createHttpServer()
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    const upgrades = new WebSocketServer({ server, path: '/mqtt' })
    upgrades.on('connection', (socket, request) => {
      this.#aedes?.handle(createWebSocketStream(socket), request)
    })
    return server
  }
}

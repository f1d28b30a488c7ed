// The doors: MQTT over TCP, over TLS, and a Unix socket by which the dashboard relays MQTT over WebSocket, each of whose
// connections begins with a PROXY line that names the client's address.

import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { PantauError } from '../contract/errors.ts'
import type { Settings } from '../contract/settings.ts'
import { systemCode } from '../runtime/files.ts'
import type { Logger } from '../runtime/logger.ts'
import { listenOnSocket } from '../runtime/sockets.ts'
import type { Broker } from './broker.ts'
import type { Origin } from './sign-in.ts'
import { openTls } from './tls-door.ts'
import { isLoopback } from './unrest.ts'

export interface Doors {
  readonly mqtt: number
  readonly mqtts: number | null
  /** Lets nobody in any more; who is in stays. */
  shut(): void
  close(): Promise<void>
}

/** How many connections there may be. */
export interface DoorLimits {
  readonly sockets: number
  /** Of one address that have not signed in. A loopback address stands for the whole machine and has no bound of its own. */
  readonly strangers: number
}

export const DOOR_LIMITS: DoorLimits = { sockets: 20_000, strangers: 64 }

const STRANGER_MS = 10_000
const BACKLOG = 4_096

export async function openDoors(
  broker: Broker,
  settings: Settings,
  dataFolder: string,
  logger: Logger,
  limits = DOOR_LIMITS,
): Promise<Doors> {
  const sockets = new Set<Socket>()
  /** Who has not signed in, with the address that counts it. */
  const strangers = new Map<Duplex, string>()
  const strangersOf = new Map<string, number>()

  /** False, and the socket is gone, when there are too many. */
  function keep(socket: Socket): boolean {
    if (sockets.size >= limits.sockets) {
      socket.destroy()
      return false
    }
    sockets.add(socket)
    socket.on('close', onClose)
    return true
  }

  function onClose(this: Socket): void {
    sockets.delete(this)
    known(this)
  }

  function known(socket: Duplex): void {
    const address = strangers.get(socket)
    if (address === undefined) return
    strangers.delete(socket)
    const left = (strangersOf.get(address) ?? 1) - 1
    if (left <= 0) strangersOf.delete(address)
    else strangersOf.set(address, left)
  }

  function admit(socket: Socket, origin: Origin): void {
    const { address } = origin
    const count = (strangersOf.get(address) ?? 0) + 1
    if (count > limits.strangers && !isLoopback(address)) {
      logger.debug({ address, count }, 'too many of an address that have not signed in')
      socket.destroy()
      return
    }
    strangersOf.set(address, count)
    strangers.set(socket, address)
    socket.setNoDelay(true)
    broker.accept(socket, origin, known)
  }

  const tcp = createServer((socket) => {
    if (keep(socket)) admit(socket, { address: socket.remoteAddress ?? '' })
  })
  const relay = createServer((socket) => {
    if (keep(socket)) readProxyLine(socket, (address) => admit(socket, { address }))
  })
  const servers: Server[] = [tcp, relay]
  const mqtt = await listen(tcp, settings.PANTAU_MQTT_PORT, settings.PANTAU_HOST, 'PANTAU_MQTT_PORT')
  let mqtts: number | null = null
  let stopWatching = (): void => undefined
  if (settings.PANTAU_MQTTS_PORT !== null) {
    const tls = openTls(settings, {
      admit(socket, origin) {
        if (keep(socket)) admit(socket, origin)
      },
      onOtherClients: () => broker.closeCertified(),
      logger,
    })
    servers.push(tls.server)
    stopWatching = tls.stopWatching
    mqtts = await listen(tls.server, settings.PANTAU_MQTTS_PORT, settings.PANTAU_HOST, 'PANTAU_MQTTS_PORT')
  }
  await listenOnSocket(relay, dataFolder, 'mqtt')
  // A connection that could not be accepted (too many open files) is not the end of the others.
  for (const server of servers) server.on('error', (error) => logger.error(error.message))
  let closed: Promise<unknown> = Promise.resolve()
  return {
    mqtt,
    mqtts,
    shut() {
      stopWatching()
      closed = Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function listen(server: Server, port: number, host: string, setting: string): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (error) => {
      const code = systemCode(error)
      if (code === 'EADDRINUSE') {
        fail(
          new PantauError(
            'port_taken',
            `${setting} is ${port}, which another program has; stop it or give another port`,
          ),
        )
      } else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES') {
        fail(
          new PantauError(
            'bad_setting',
            `${host}:${port} cannot be listened on (${code}); look at PANTAU_HOST and ${setting}`,
          ),
        )
      } else fail(error)
    })
    server.listen({ port, host, backlog: BACKLOG }, () => {
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** `PROXY TCP4 source destination port port\r\n` (HAProxy, PROXY protocol 1); 107 bytes at most. */
const PROXY_LINE = /^PROXY TCP[46] ([0-9a-fA-F.:]{2,45}) \S+ \d+ \d+\r\n$/
const PROXY_LINE_MOST = 107

function readProxyLine(socket: Socket, admit: (address: string) => void): void {
  const timer = setTimeout(() => socket.destroy(), STRANGER_MS)
  let line = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.once('close', () => clearTimeout(timer))
  socket.on('data', onData)

  function onData(chunk: Buffer): void {
    line = Buffer.concat([line, chunk])
    const end = line.indexOf(0x0a) + 1
    if (end === 0 && line.length < PROXY_LINE_MOST) return
    clearTimeout(timer)
    socket.off('data', onData)
    socket.pause()
    const address = PROXY_LINE.exec(line.toString('latin1', 0, end))?.[1]
    if (address === undefined) {
      socket.destroy()
      return
    }
    // What came behind the line is the client's.
    if (end < line.length) socket.unshift(line.subarray(end))
    admit(address)
  }
}

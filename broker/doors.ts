// The doors: MQTT over TCP, over TLS, and a Unix socket by which the dashboard relays MQTT over WebSocket, each of whose
// connections begins with a PROXY line that names the client's address.

import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { PantauError } from '../contract/errors.ts'
import type { Settings } from '../contract/settings.ts'
import { systemCode } from '../runtime/files.ts'
import { listenOnSocket } from '../runtime/sockets.ts'
import type { Broker, Origin } from './broker.ts'

export interface Doors {
  readonly mqtt: number
  readonly mqtts: number | null
  close(): Promise<void>
}

const SOCKETS_MOST = 20_000
/** Connections of one address that have not signed in. */
const STRANGERS_MOST = 64
const STRANGER_MS = 10_000
const BACKLOG = 4_096

export async function openDoors(broker: Broker, settings: Settings, dataFolder: string): Promise<Doors> {
  const sockets = new Set<Socket>()
  const strangers = new Map<string, number>()

  function admit(socket: Socket, origin: Origin): void {
    const count = (strangers.get(origin.address) ?? 0) + 1
    if (sockets.size >= SOCKETS_MOST || (count > STRANGERS_MOST && !isLocal(origin.address))) {
      socket.destroy()
      return
    }
    strangers.set(origin.address, count)
    const leave = (): void => {
      clearTimeout(timer)
      const left = (strangers.get(origin.address) ?? 1) - 1
      if (left <= 0) strangers.delete(origin.address)
      else strangers.set(origin.address, left)
    }
    // By then it has signed in, or Aedes has closed it.
    const timer = setTimeout(() => socket.off('close', leave) && leave(), STRANGER_MS)
    socket.once('close', leave)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.setNoDelay(true)
    broker.accept(socket, origin)
  }

  const tcp = createServer((socket) => admit(socket, { address: socket.remoteAddress ?? '' }))
  const relay = createServer((socket) => readProxyLine(socket, (address) => admit(socket, { address })))
  const servers: Server[] = [tcp, relay]
  const mqtt = await listen(tcp, settings.PANTAU_MQTT_PORT, settings.PANTAU_HOST, 'PANTAU_MQTT_PORT')
  let mqtts: number | null = null
  if (settings.PANTAU_MQTTS_PORT !== null) {
    const tls = openTls(settings, admit)
    servers.push(tls)
    mqtts = await listen(tls, settings.PANTAU_MQTTS_PORT, settings.PANTAU_HOST, 'PANTAU_MQTTS_PORT')
  }
  await listenOnSocket(relay, dataFolder, 'mqtt')
  return {
    mqtt,
    mqtts,
    async close() {
      const closed = servers.map((server) => new Promise((done) => server.close(done)))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

const isLocal = (address: string): boolean =>
  address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'

function openTls(settings: Settings, admit: (socket: Socket, origin: Origin) => void): Server {
  const clientCa =
    settings.PANTAU_TLS_CLIENT_CA === null
      ? null
      : readPem(settings.PANTAU_TLS_CLIENT_CA, 'PANTAU_TLS_CLIENT_CA')
  const server = createTlsServer(
    {
      cert: readPem(settings.PANTAU_TLS_CERT ?? '', 'PANTAU_TLS_CERT'),
      key: readPem(settings.PANTAU_TLS_KEY ?? '', 'PANTAU_TLS_KEY'),
      minVersion: 'TLSv1.2',
      handshakeTimeout: STRANGER_MS,
      ...(clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    },
    (socket) => {
      const name = clientCa === null ? null : certificateName(socket)
      admit(socket, {
        address: socket.remoteAddress ?? '',
        ...(name === null ? {} : { certificateName: name }),
      })
    },
  )
  return server
}

function certificateName(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate()
  const name = subject?.CN
  return typeof name === 'string' ? name : ''
}

function readPem(path: string, setting: string): Buffer {
  let text: Buffer
  try {
    text = readFileSync(path)
  } catch (error) {
    throw new PantauError(
      'bad_setting',
      `${setting} is ${path}, which cannot be read (${systemCode(error)}); give a PEM file`,
      {
        cause: error,
      },
    )
  }
  if (!text.includes('-----BEGIN ')) {
    throw new PantauError('bad_setting', `${setting} is ${path}, which holds no PEM text; give a PEM file`)
  }
  return text
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
  const onReadable = (): void => {
    for (let byte = socket.read(1) as Buffer | null; byte !== null; byte = socket.read(1) as Buffer | null) {
      line = Buffer.concat([line, byte])
      if (byte[0] !== 0x0a && line.length < PROXY_LINE_MOST) continue
      clearTimeout(timer)
      socket.off('readable', onReadable)
      const address = PROXY_LINE.exec(line.toString('latin1'))?.[1]
      if (address === undefined) socket.destroy()
      else admit(address)
      return
    }
  }
  socket.on('readable', onReadable)
}

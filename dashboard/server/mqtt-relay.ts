// MQTT over WebSocket at `/mqtt` (contract section 2): bytes are passed to and from the broker's socket, with one line of
// the PROXY protocol first, so that the broker knows whom it speaks to. MQTT itself is the broker's alone.

import type { IncomingMessage } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { SECOND } from '../../contract/time.ts'
import { isSameOrigin } from './cookies.ts'

/** One packet of 1 MiB and its fixed header. */
const MOST_BYTES = 1_048_576 + 16
const FIRST_BYTE_MS = 10 * SECOND
/** Beyond so much that waits for the browser, the broker's side is read no further. */
const MOST_WAITING_BYTES = 256 * 1_024
const PROTOCOLS = ['mqtt', 'mqttv3.1'] as const

export interface MqttRelay {
  /** Takes over the upgrade of `/mqtt`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  clients(): number
  close(): void
}

export function openMqttRelay(brokerSocket: string): MqttRelay {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => PROTOCOLS.find((name) => offered.has(name)) ?? false,
  })
  return {
    upgrade(request, socket, head) {
      if (!isSameOrigin(request)) {
        refuseUpgrade(socket, 403, 'Forbidden', 'the page is of another site')
        return
      }
      if (!offersMqtt(request)) {
        refuseUpgrade(socket, 400, 'Bad Request', 'the subprotocol is mqtt')
        return
      }
      server.handleUpgrade(request, socket, head, (browser) => relay(browser, request, brokerSocket))
    },
    clients: () => server.clients.size,
    close() {
      for (const browser of server.clients) browser.close(1_001)
      for (const browser of server.clients) browser.terminate()
      server.close()
    },
  }
}

function offersMqtt(request: IncomingMessage): boolean {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return PROTOCOLS.some((name) => offered.includes(name))
}

/** Answers an upgrade that is not taken, as plain HTTP, and closes. */
export function refuseUpgrade(socket: Duplex, status: number, title: string, detail: string): void {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail })
  socket.on('error', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function relay(browser: WebSocket, request: IncomingMessage, brokerSocket: string): void {
  const silence = setTimeout(() => browser.close(1_008, 'nothing came for 10 s'), FIRST_BYTE_MS)
  let broker: Socket | null = null
  browser.on('message', (data, isBinary) => {
    clearTimeout(silence)
    if (!isBinary) {
      browser.close(1_003, 'MQTT is binary')
      return
    }
    // The broker has closed: what still comes is for nobody, and must not keep us from reading the browser's own close.
    if (browser.readyState !== WebSocket.OPEN) return
    // Asked for as one Buffer: ws gives what its `binaryType` says, nodebuffer as it stands.
    broker ??= openBroker(browser, request, brokerSocket)
    if (!broker.write(data as Buffer)) browser.pause()
  })
  browser.on('close', () => {
    clearTimeout(silence)
    broker?.end()
  })
  // A close follows.
  browser.on('error', () => broker?.destroy())
}

function openBroker(browser: WebSocket, request: IncomingMessage, brokerSocket: string): Socket {
  const broker = createConnection(brokerSocket)
  broker.write(proxyLine(request))
  broker.on('drain', () => browser.resume())
  broker.on('data', (bytes) => {
    browser.send(bytes, { binary: true }, () => {
      if (browser.bufferedAmount <= MOST_WAITING_BYTES) broker.resume()
    })
    if (browser.bufferedAmount > MOST_WAITING_BYTES) broker.pause()
  })
  broker.on('error', () => browser.close(1_013, 'the broker is away'))
  broker.on('close', () => {
    if (browser.readyState === WebSocket.OPEN) browser.close(1_000)
    browser.resume()
  })
  return broker
}

/** PROXY protocol version 1, section 2.1 of HAProxy's specification. */
export function proxyLine(request: Pick<IncomingMessage, 'socket'>): string {
  const { remoteAddress, localAddress, remotePort, localPort } = request.socket
  if (remoteAddress === undefined || localAddress === undefined) return 'PROXY UNKNOWN\r\n'
  const from = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '')
  const to = localAddress.replace(/^::ffff:(?=\d+\.)/i, '')
  const family = from.includes(':') ? 'TCP6' : 'TCP4'
  return `PROXY ${family} ${from} ${to} ${remotePort ?? 0} ${localPort ?? 0}\r\n`
}

/** True when somebody takes connections on the Unix socket. */
export async function answersOnSocket(path: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = createConnection(path)
    const end = (answers: boolean): void => {
      probe.destroy()
      done(answers)
    }
    probe.setTimeout(SECOND, () => end(false))
    probe.once('connect', () => end(true))
    probe.once('error', () => end(false))
  })
}

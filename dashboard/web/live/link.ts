// The socket.io link to `/live` (contract section 5): asks for what is watched, asks again after a gap, and keeps the state
// of the connection. The client is loaded after the first paint.

import type { Socket } from 'socket.io-client'
import {
  type ClientToServer,
  LIVE_NAMESPACE,
  type LiveAlert,
  type ServerToClient,
  type Watch,
} from '../../../contract/live.ts'
import { type Clock, SECOND } from '../../../contract/time.ts'
import type { ServerClock } from '../server-clock.ts'
import { afterEvent, type Connection, type LinkEvent, newConnection } from './connection.ts'
import type { DeviceStore } from './device-store.ts'

interface LinkOptions {
  readonly store: DeviceStore
  readonly clock: Clock
  readonly serverClock: ServerClock
  readonly onState: (connection: Connection) => void
  readonly onAlert?: (alert: LiveAlert) => void
}

const WATCH_AGAIN_MS = 2_000

export class LiveLink {
  connection: Connection
  readonly #options: LinkOptions
  #watch: Watch
  #socket: Socket<ServerToClient, ClientToServer> | null = null
  #waitsForSnapshot: number | null = null

  constructor(watch: Watch, options: LinkOptions) {
    this.#options = options
    this.#watch = watch
    this.connection = newConnection(options.clock.monotonicMs())
  }

  /** Connects, and goes on by itself for as long as the page lives. */
  async start(): Promise<void> {
    setInterval(() => this.#tick(), SECOND)
    window.addEventListener('offline', () => this.#happened('browser-offline'))
    window.addEventListener('online', () => {
      this.#happened('browser-online')
      this.#socket?.connect()
    })
    if (!navigator.onLine) this.#happened('browser-offline')
    const { io } = await import('socket.io-client')
    const socket: Socket<ServerToClient, ClientToServer> = io(LIVE_NAMESPACE, {
      transports: ['websocket', 'polling'],
      // Without this the second is never tried, and whoever is behind a proxy that lets no web socket through sees nothing live.
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      timeout: 8_000,
    })
    this.#socket = socket
    socket.io.on('open', () => socket.io.engine.on('packet', () => this.#happened('packet')))
    socket.on('connect', () => this.#ask())
    socket.on('disconnect', (reason) => {
      this.#happened('disconnect')
      // The server's own disconnects are final for socket.io; a page that is open wants its data back.
      if (reason === 'io server disconnect') setTimeout(() => socket.connect(), WATCH_AGAIN_MS)
    })
    this.#listen(socket)
  }

  /** Changes what is watched. */
  watch(watch: Watch): void {
    this.#watch = watch
    this.#ask()
  }

  /** True once after the link came back. */
  tookBack(): boolean {
    if (!this.connection.isBack || this.connection.state !== 'live') return false
    this.connection = { ...this.connection, isBack: false }
    return true
  }

  #listen(socket: Socket<ServerToClient, ClientToServer>): void {
    const { store, serverClock, onAlert } = this.#options
    socket.on('snapshot', (snapshot) => {
      this.#waitsForSnapshot = null
      serverClock.heard(Date.parse(snapshot.time))
      store.applySnapshot(snapshot)
      this.#happened('snapshot')
    })
    socket.on('delta', (delta) => {
      serverClock.heard(Date.parse(delta.time))
      if (this.#waitsForSnapshot !== null || store.applyDelta(delta) === 'applied') return
      this.#happened('gap')
      this.#ask()
    })
    socket.on('freshness', ({ fresh }) => {
      store.isFeedFresh = fresh
      this.#options.onState(this.connection)
    })
    socket.on('error', () => {
      // A `watch` that was not taken, since too many came: once more, later.
      setTimeout(() => this.#ask(), WATCH_AGAIN_MS)
    })
    if (onAlert !== undefined) socket.on('alert', onAlert)
  }

  #ask(): void {
    if (this.#socket?.connected !== true) return
    this.#waitsForSnapshot = this.#options.clock.monotonicMs()
    this.#socket.emit('watch', this.#watch)
  }

  #tick(): void {
    this.#happened('tick')
    const asked = this.#waitsForSnapshot
    if (asked !== null && this.#options.clock.monotonicMs() - asked > 10 * SECOND) this.#ask()
  }

  #happened(event: LinkEvent): void {
    const before = this.connection
    this.connection = afterEvent(before, event, this.#options.clock.monotonicMs())
    if (before.state !== this.connection.state || event === 'snapshot') this.#options.onState(this.connection)
  }
}

// socket.io, namespace `/live` (contract section 5). The role is decided at the handshake; a page of another site, any
// other namespace and whatever a client sends that is not a `watch` are refused without harm to others.

import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { type DefaultEventsMap, Server, type Socket } from 'socket.io'
import type { LiveDevice } from '../../contract/feed.ts'
import { LIVE_NAMESPACE, type LiveAlert, type ServerToClient, type Watch } from '../../contract/live.ts'
import { type Clock, formatTime, SECOND } from '../../contract/time.ts'
import { isKind, KINDS } from '../../contract/topics.ts'
import type { Viewer } from './access.ts'
import { isSameOrigin } from './cookies.ts'
import type { LiveMirror } from './live-mirror.ts'
import { createLiveRooms, type Room, type View } from './live-rooms.ts'
import { boundsOf } from './parameters.ts'
import type { Audience } from './public-view.ts'

interface LiveDoorOptions {
  readonly mirror: LiveMirror
  readonly clock: Clock
  readonly isShown: (device: LiveDevice, audience: Audience) => boolean
  readonly viewerOf: (request: IncomingMessage, token: string | null) => Viewer | null
  /** False once the session of a connected client has ended. */
  readonly sessionStands: (digest: string) => boolean
}

export interface LiveDoor {
  browsers(): number
  /** Counted since the start: `behind`, `flooding`, `origin`. */
  refused(): Readonly<Record<string, number>>
  /** Looks at who is shown what anew: what the public may see has changed. */
  reviewAll(): void
  close(): void
}

interface SocketData {
  viewer: Viewer | null
  room: Room | null
  /** Times of the last `watch` events. */
  watches: number[]
  /** Since when something waits to be sent; null when nothing does. */
  behindSinceMs: number | null
}

type LiveSocket = Socket<
  Record<string, (argument: unknown) => void>,
  ServerToClient,
  DefaultEventsMap,
  SocketData
>

const MOST_BYTES = 16 * 1_024
const WATCHES_PER_SECOND = 5
/** So many more in one second are no mistake. */
const FLOOD_PER_SECOND = 50
const MOST_BEHIND_MS = 10 * SECOND

export function openLiveDoor(http: HttpServer, options: LiveDoorOptions): LiveDoor {
  const { mirror, clock } = options
  const refused: Record<string, number> = {}
  const count = (reason: string): void => {
    refused[reason] = (refused[reason] ?? 0) + 1
  }
  const server = new Server(http, {
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    pingInterval: 10_000,
    pingTimeout: 5_000,
    maxHttpBufferSize: MOST_BYTES,
    connectTimeout: 10_000,
    destroyUpgrade: false,
    allowRequest: (request, decide) => {
      const own = isSameOrigin(request)
      if (!own) count('origin')
      decide(own ? null : 'the page is of another site', own)
    },
  })
  server.of('/').use((_socket, next) => next(new Error(`the namespace is ${LIVE_NAMESPACE}`)))
  const live = server.of(LIVE_NAMESPACE)
  const rooms = createLiveRooms({ devices: mirror.devices, isShown: options.isShown })

  const watch = (socket: LiveSocket, argument: unknown): void => {
    const now = clock.monotonicMs()
    const { data } = socket
    data.watches = [...data.watches.filter((time) => now - time < SECOND), now]
    if (data.watches.length > WATCHES_PER_SECOND) {
      if (data.watches.length > FLOOD_PER_SECOND) {
        count('flooding')
        socket.disconnect(true)
      } else {
        socket.emit('error', { event: 'watch', detail: `${WATCHES_PER_SECOND} a second are taken` })
      }
      return
    }
    const view = viewOf(argument, data.viewer === null ? 'public' : 'staff')
    if (typeof view === 'string') {
      socket.emit('error', { event: 'watch', detail: view })
      return
    }
    const room = rooms.enter(view)
    if (room === null) {
      socket.emit('error', { event: 'watch', detail: 'too many different boxes are watched; leave bbox out' })
      return
    }
    if (data.room !== null && data.room !== room) void socket.leave(data.room.key)
    data.room = room
    void socket.join(room.key)
    socket.emit('snapshot', rooms.snapshot(room, clock.now(), mirror.isFresh()))
  }

  live.on('connection', (socket: LiveSocket) => {
    const token: unknown = socket.handshake.auth['token']
    const viewer = options.viewerOf(socket.request, typeof token === 'string' ? token : null)
    socket.data = { viewer, room: null, watches: [], behindSinceMs: null }
    if (viewer !== null) void socket.join(STAFF)
    socket.on('watch', (argument: unknown) => watch(socket, argument))
    socket.onAny((event: string) => {
      if (event !== 'watch') socket.emit('error', { event: event.slice(0, 40), detail: 'watch is taken' })
    })
  })

  mirror.onChange((change) => {
    for (const { room, delta } of rooms.deltas(change)) live.to(room.key).emit('delta', delta)
  })
  mirror.onFreshness((fresh) => {
    live.emit('freshness', { fresh, time: formatTime(clock.now()) })
  })
  mirror.onAlert((line) => {
    const device = mirror.device(line.device)
    if (device === undefined) return
    const alert: LiveAlert = {
      time: formatTime(line.time),
      device: device.id,
      name: device.name,
      kind: device.kind,
      from: line.from,
      to: line.to,
      cause: line.cause,
    }
    live.to(STAFF).emit('alert', alert)
  })

  const tend = setInterval(() => {
    const now = clock.monotonicMs()
    for (const socket of live.sockets.values()) tendSocket(socket as unknown as LiveSocket, now)
    rooms.prune((key) => (live.adapter.rooms.get(key)?.size ?? 0) === 0)
  }, SECOND)
  tend.unref()

  /** Drops who is too far behind, or whose session has ended. */
  const tendSocket = (socket: LiveSocket, now: number): void => {
    const digest = socket.data.viewer?.sessionDigest ?? null
    if (digest !== null && !options.sessionStands(digest)) {
      socket.disconnect(true)
      return
    }
    const isWaiting = isSending(socket)
    socket.data.behindSinceMs = isWaiting ? (socket.data.behindSinceMs ?? now) : null
    if (socket.data.behindSinceMs !== null && now - socket.data.behindSinceMs > MOST_BEHIND_MS) {
      count('behind')
      socket.conn.close(true)
    }
  }

  return {
    browsers: () => live.sockets.size,
    refused: () => ({ ...refused }),
    reviewAll() {
      const change = { time: clock.now(), changed: mirror.devices(), removed: [] }
      for (const { room, delta } of rooms.deltas(change)) live.to(room.key).emit('delta', delta)
    },
    close() {
      clearInterval(tend)
      live.disconnectSockets(true)
      server.engine.close()
    },
  }
}

const STAFF = 'staff'

/** True while what was sent has not left this machine; who polls and does not come is caught by the pings. */
function isSending(socket: LiveSocket): boolean {
  const { transport } = socket.conn
  const inner = (transport as { socket?: { bufferedAmount?: unknown } }).socket
  const waiting = typeof inner?.bufferedAmount === 'number' ? inner.bufferedAmount : 0
  return transport.name === 'websocket' && (waiting > 0 || !transport.writable)
}

/** The view that a `watch` asks for, or what is wrong with it. */
function viewOf(argument: unknown, audience: Audience): View | string {
  const { layers = [...KINDS], bbox }: { [Member in keyof Watch]?: unknown } =
    typeof argument === 'object' && argument !== null ? argument : {}
  if (!Array.isArray(layers) || layers.length === 0 || layers.length > KINDS.length) {
    return `layers are one to three of ${KINDS.join(', ')}`
  }
  const kinds = layers.filter((layer) => typeof layer === 'string' && isKind(layer))
  if (kinds.length !== layers.length) return `layers are one to three of ${KINDS.join(', ')}`
  if (bbox === undefined || bbox === null) return { audience, layers: kinds, bounds: null }
  const numbers = Array.isArray(bbox) && bbox.every((part) => typeof part === 'number') ? bbox : []
  const bounds = boundsOf(numbers)
  return bounds === null
    ? 'bbox is [west, south, east, north] in degrees'
    : { audience, layers: kinds, bounds }
}

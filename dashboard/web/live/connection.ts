// What the page knows of its own link to the server, as a state machine without timers: events go in with their time, the
// state comes out (reference/ui 2.3). A page that is cut off must say so within 15 s and show nothing as live.

export type LinkState = 'connecting' | 'live' | 'reconnecting' | 'offline'

export interface Connection {
  readonly state: LinkState
  /** When the state was entered. */
  readonly since: number
  /** When anything last came from the server, a ping included. */
  readonly lastPacket: number
  /** Times at which a frame was found missing, of the last minute. */
  readonly gaps: readonly number[]
  /** True when the link came back and has not been told yet. */
  readonly isBack: boolean
}

export type LinkEvent =
  | 'packet'
  | 'snapshot'
  | 'disconnect'
  | 'gap'
  | 'browser-offline'
  | 'browser-online'
  | 'tick'

const SILENCE_MS = 15_000
const OFFLINE_AFTER_MS = 30_000
const GAPS_A_MINUTE = 3
const MINUTE_MS = 60_000

export function newConnection(now: number): Connection {
  return { state: 'connecting', since: now, lastPacket: now, gaps: [], isBack: false }
}

/** The connection after what happened at `now`. */
export function afterEvent(connection: Connection, event: LinkEvent, now: number): Connection {
  switch (event) {
    case 'packet':
      return { ...connection, lastPacket: now }
    case 'snapshot': {
      const isBack = connection.state === 'reconnecting' || connection.state === 'offline'
      const next = { ...connection, lastPacket: now, isBack: connection.isBack || isBack }
      return isOftenBehind(connection, now) ? next : enter(next, 'live', now)
    }
    case 'disconnect':
      return connection.state === 'live' ? enter(connection, 'reconnecting', now) : connection
    case 'gap': {
      const gaps = [...connection.gaps.filter((time) => now - time < MINUTE_MS), now]
      const next = { ...connection, gaps }
      return gaps.length >= GAPS_A_MINUTE ? enter(next, 'reconnecting', now) : next
    }
    case 'browser-offline':
      return enter(connection, 'offline', now)
    case 'browser-online':
      return connection.state === 'offline' ? enter(connection, 'reconnecting', now) : connection
    case 'tick':
      return afterTick(connection, now)
  }
}

function afterTick(connection: Connection, now: number): Connection {
  const { state, since, lastPacket } = connection
  if (state === 'live' && now - lastPacket >= SILENCE_MS) return enter(connection, 'reconnecting', now)
  const waits = state === 'reconnecting' || state === 'connecting'
  if (waits && now - since >= OFFLINE_AFTER_MS && now - lastPacket >= SILENCE_MS) {
    return enter(connection, 'offline', now)
  }
  return connection
}

function isOftenBehind({ gaps }: Connection, now: number): boolean {
  return gaps.filter((time) => now - time < MINUTE_MS).length >= GAPS_A_MINUTE
}

function enter(connection: Connection, state: LinkState, now: number): Connection {
  return connection.state === state ? connection : { ...connection, state, since: now }
}

// The snapshot of what the broker knows beside the log (`broker.json`): retained messages, sessions and counts up to a position. It is
// replaced whole, off the main thread, one write at a time; who asks meanwhile shares the next.

import { randomBytes } from 'node:crypto'
import { open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PantauError } from '../../contract/errors.ts'
import type { LogPosition } from '../../contract/log.ts'
import type { TimeMs } from '../../contract/time.ts'
import { readIfPresent } from '../../runtime/files.ts'
import type { CountsSnapshot } from './counts.ts'
import type { RetainedMessage } from './retained-messages.ts'
import type { QueuedPacket, Session } from './sessions.ts'

export interface Snapshot {
  readonly version: 1
  /** What is in the log before it is in here. */
  readonly position: LogPosition
  readonly counts: CountsSnapshot
  readonly retained: readonly (readonly [topic: string, payload: string, qos: number])[]
  readonly sessions: readonly SavedSession[]
}

interface SavedSession {
  readonly client: string
  readonly absentSince: TimeMs | null
  readonly subscriptions: readonly (readonly [topic: string, qos: number])[]
  readonly queue: readonly { readonly since: TimeMs; readonly packet: SavedPacket }[]
  /** Packet ids; left out when there are none. */
  readonly unreleased?: readonly number[]
}

type SavedPacket = Omit<QueuedPacket, 'payload'> & { readonly payload?: string }

export function snapshotPath(dataFolder: string): string {
  return join(dataFolder, 'broker.json')
}

/** Null when there is none yet. Throws `data_unusable` when it is damaged. */
export function readSnapshot(dataFolder: string): Snapshot | null {
  const path = snapshotPath(dataFolder)
  const text = readIfPresent(path)
  if (text === null) return null
  try {
    const parsed = JSON.parse(text) as Partial<Snapshot> | null
    if (parsed?.version === 1 && parsed.position !== undefined) return parsed as Snapshot
  } catch {
    // Told below, with what to do.
  }
  throw new PantauError(
    'data_unusable',
    `${path} is damaged; restore it from a backup, or remove it: devices then subscribe again and counts begin anew`,
  )
}

/** A snapshot as it is written: of its lists most is as it was a second ago, so that they are kept as text. */
export interface TakenSnapshot extends Pick<Snapshot, 'version' | 'position' | 'counts'> {
  readonly retained: readonly string[]
  readonly sessions: readonly string[]
}

function textOf({ retained, sessions, ...rest }: TakenSnapshot): string {
  return `${JSON.stringify(rest).slice(0, -1)},"retained":[${retained.join()}],"sessions":[${sessions.join()}]}`
}

/** By message, which never changes: the next one of its topic is another. */
const retainedTexts = new WeakMap<RetainedMessage, string>()

export function savedRetained(message: RetainedMessage): string {
  const { topic, payload, qos } = message
  const text = retainedTexts.get(message) ?? JSON.stringify([topic, base64(payload), qos])
  retainedTexts.set(message, text)
  return text
}

export function savedSession(session: Session): string {
  // Packet ids come and go without a word; a text is of a session without any.
  if (session.unreleased.size > 0) return JSON.stringify(plainSession(session))
  session.text ??= JSON.stringify(plainSession(session))
  return session.text
}

export function retainedFrom([topic, payload, qos]: Snapshot['retained'][number]): RetainedMessage {
  return { topic, payload: Buffer.from(payload, 'base64'), qos: qos as 0 | 1 | 2 }
}

function plainSession({ client, absentSince, subscriptions, queue, unreleased }: Session): SavedSession {
  return {
    client,
    absentSince,
    subscriptions: [...subscriptions],
    queue: queue.map(({ since, packet: { payload, ...packet } }) => ({
      since,
      packet: payload === undefined ? packet : { ...packet, payload: base64(payload) },
    })),
    ...(unreleased.size === 0 ? null : { unreleased: [...unreleased.keys()] }),
  }
}

/** Nobody is connected when the broker starts: who was is away since `now`. */
export function sessionFrom(saved: SavedSession, now: TimeMs): Session {
  return {
    client: saved.client,
    absentSince: saved.absentSince ?? now,
    subscriptions: new Map(saved.subscriptions),
    queue: saved.queue.map(({ since, packet: { payload, ...packet } }) => ({
      since,
      packet: payload === undefined ? packet : { ...packet, payload: Buffer.from(payload, 'base64') },
    })),
    // Who listens to the broker that is gone has heard it, or not: it is told once.
    text: null,
    unreleased: new Map((saved.unreleased ?? []).map((id) => [id, true])),
  }
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

export interface SnapshotFile {
  /** Resolves when what is known now is on disk; rejects when that write failed. */
  save(): Promise<void>
  /** Resolves when no write is under way. */
  idle(): Promise<void>
}

/** `take` is called when a write begins; `onSaved` with what it gave once that is on disk. */
export function openSnapshotFile(
  dataFolder: string,
  take: () => TakenSnapshot,
  onSaved: (snapshot: TakenSnapshot) => void,
): SnapshotFile {
  const path = snapshotPath(dataFolder)
  let current: Promise<void> | null = null
  let next: Promise<void> | null = null

  async function write(): Promise<void> {
    const snapshot = take()
    await replaceFile(path, textOf(snapshot))
    onSaved(snapshot)
  }

  function begin(): Promise<void> {
    const writing = write().finally(() => {
      if (current === writing) current = null
    })
    current = writing
    return writing
  }

  return {
    save() {
      if (current === null) return begin()
      // What is being written may lack what was asked for just now.
      next ??= current
        .catch(() => undefined)
        .then(() => {
          next = null
          return begin()
        })
      return next
    },
    async idle() {
      while (current !== null || next !== null) await Promise.allSettled([current, next])
    },
  }
}

/** `writeFileAtomic` of `runtime/files.ts` without holding up the main thread. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.new`
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

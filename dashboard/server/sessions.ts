// Sessions of staff: a random id in a cookie, its digest in the data folder, so that neither a restart signs people out
// nor a look at the file signs anybody in. Idle 12 h, 7 d at most, void with the account's password or role.

import { join } from 'node:path'
import type { Account, Registry } from '../../contract/registry.ts'
import { type Clock, DAY, HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { readIfPresent, systemCode, writeFileAtomic } from '../../runtime/files.ts'
import { newToken, secretDigest } from '../../runtime/secrets.ts'

export const SESSION_COOKIE = 'pantau_session'
const IDLE_MS = 12 * HOUR
export const LONGEST_MS = 7 * DAY
/** Use is written down at most so often: it costs a sync of the disk. */
const WRITE_EVERY_MS = 5 * MINUTE
const MOST_SESSIONS = 5_000

interface Session {
  readonly digest: string
  readonly name: string
  readonly begunAt: TimeMs
  /** Of the account when the session began; it moves on with password and role. */
  readonly validFrom: TimeMs
  readonly usedAt: TimeMs
}

export interface Signed {
  readonly account: Account
  readonly digest: string
  readonly until: TimeMs
}

export interface Sessions {
  /** Begins a session; returns the id for the cookie. */
  begin(account: Account): string
  /** Who the id belongs to; null when it is unknown, too old, or its account changed. */
  find(id: string): Signed | null
  /** The same for a digest, without counting as use. */
  stands(digest: string): boolean
  end(digest: string): void
  endAllOf(name: string): void
  onEnd(listener: (digest: string) => void): void
  /** Writes what is not on disk yet. */
  flush(): void
}

export function openSessions(dataFolder: string, clock: Clock, registry: () => Registry): Sessions {
  const path = join(dataFolder, 'sessions.json')
  const sessions = new Map(readSessions(path).map((session) => [session.digest, session]))
  const listeners: ((digest: string) => void)[] = []
  let writtenAt = clock.now()
  let dirty = false

  /** Without room on the disk sessions live in memory, and are written when they are used next. */
  const write = (): void => {
    writtenAt = clock.now()
    try {
      writeFileAtomic(path, `${JSON.stringify({ version: 1, sessions: [...sessions.values()] })}\n`)
      dirty = false
    } catch (error) {
      if (systemCode(error) === null) throw error
      dirty = true
      writtenAt = clock.now() - WRITE_EVERY_MS
    }
  }
  const end = (digests: readonly string[]): void => {
    const ended = digests.filter((digest) => sessions.delete(digest))
    if (ended.length === 0) return
    write()
    for (const digest of ended) for (const listener of listeners) listener(digest)
  }
  const accountOf = (session: Session): Account | null => {
    const now = clock.now()
    const account = registry().accounts.find((other) => other.name === session.name)
    const stands =
      account?.validFrom === session.validFrom &&
      now - session.usedAt < IDLE_MS &&
      now - session.begunAt < LONGEST_MS
    return stands ? account : null
  }

  return {
    begin(account) {
      const now = clock.now()
      const id = newToken()
      const digest = secretDigest(id)
      const { name, validFrom } = account
      sessions.set(digest, { digest, name, begunAt: now, validFrom, usedAt: now })
      end([...sessions.values()].filter((session) => accountOf(session) === null).map((old) => old.digest))
      end([...sessions.keys()].slice(0, Math.max(0, sessions.size - MOST_SESSIONS)))
      write()
      return id
    },
    find(id) {
      const digest = secretDigest(id)
      const session = sessions.get(digest)
      if (session === undefined) return null
      const account = accountOf(session)
      if (account === null) {
        end([digest])
        return null
      }
      const now = clock.now()
      sessions.set(digest, { ...session, usedAt: now })
      dirty = true
      if (now - writtenAt >= WRITE_EVERY_MS) write()
      return { account, digest, until: Math.min(now + IDLE_MS, session.begunAt + LONGEST_MS) }
    },
    stands(digest) {
      const session = sessions.get(digest)
      return session !== undefined && accountOf(session) !== null
    },
    end: (digest) => end([digest]),
    endAllOf(name) {
      end([...sessions.values()].filter((session) => session.name === name).map((session) => session.digest))
    },
    onEnd(listener) {
      listeners.push(listener)
    },
    flush() {
      if (dirty) write()
    },
  }
}

/** A file that is damaged signs everybody out, nothing worse. */
function readSessions(path: string): readonly Session[] {
  try {
    const parsed = JSON.parse(readIfPresent(path) ?? '{}') as { version?: unknown; sessions?: unknown } | null
    return parsed?.version === 1 && Array.isArray(parsed.sessions) ? (parsed.sessions as Session[]) : []
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

// Guessing passwords is made slow without letting strangers lock people out (contract section 4): failures of 15 minutes
// are counted by name and address, by address and by name; a browser that has signed in as that name before has a count
// of its own (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").

import { type Clock, MINUTE, type TimeMs } from '../../contract/time.ts'

export const FAILURE_WINDOW_MS = 15 * MINUTE
/** The sixth failure is refused. */
const MOST_BY_PAIR = 5
/** The 31st. */
const MOST_BY_ONE = 30
/** Beyond so many counted names and addresses the oldest are forgotten, so that a stranger cannot fill memory. */
const MOST_COUNTED = 50_000

export interface SignInAttempt {
  readonly name: string
  readonly address: string
  /** Id of the browser, when it proved that it has signed in as this name before. */
  readonly knownBrowser: string | null
}

export interface SignInThrottle {
  /** Milliseconds to wait when the attempt may not even be looked at; null when it may. */
  lockedMs(attempt: SignInAttempt): number | null
  /** Counts a failure; milliseconds to wait when it was one too many, else null. */
  failed(attempt: SignInAttempt): number | null
  /** Forgets the failures of this name from this address or browser. */
  succeeded(attempt: SignInAttempt): void
}

export function createSignInThrottle(clock: Clock): SignInThrottle {
  const failures = new Map<string, TimeMs[]>()

  const recent = (key: string): readonly TimeMs[] => {
    const since = clock.now() - FAILURE_WINDOW_MS
    return (failures.get(key) ?? []).filter((time) => time > since)
  }
  const add = (key: string): void => {
    const times = [...recent(key), clock.now()]
    failures.delete(key)
    failures.set(key, times)
    if (failures.size > MOST_COUNTED) failures.delete(failures.keys().next().value ?? key)
  }
  /** Until the failures of the window are `most` again; null when they are not above it. */
  const waitMs = (key: string, most: number): number | null => {
    const times = recent(key)
    const decisive = times[times.length - most - 1]
    return decisive === undefined ? null : decisive + FAILURE_WINDOW_MS - clock.now()
  }
  const waitOf = (attempt: SignInAttempt): number | null => {
    const waits = limitsOf(attempt).map(([key, most]) => waitMs(key, most) ?? 0)
    const longest = Math.max(...waits)
    return longest > 0 ? longest : null
  }

  return {
    lockedMs: waitOf,
    failed(attempt) {
      for (const [key] of limitsOf(attempt)) add(key)
      return waitOf(attempt)
    },
    succeeded(attempt) {
      const [pair] = limitsOf(attempt)
      if (pair !== undefined) failures.delete(pair[0])
    },
  }
}

type Limit = readonly [key: string, most: number]

/** A known browser answers for itself alone: what others do with its name or address does not touch it. */
function limitsOf({ name, address, knownBrowser }: SignInAttempt): readonly Limit[] {
  if (knownBrowser !== null) return [[`browser\n${knownBrowser}\n${name}`, MOST_BY_PAIR]]
  return [
    [`pair\n${name}\n${address}`, MOST_BY_PAIR],
    [`address\n${address}`, MOST_BY_ONE],
    [`name\n${name}`, MOST_BY_ONE],
  ]
}

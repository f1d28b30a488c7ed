// Who is signed in. The session's cookie cannot be read here; a second one that is worth nothing says that asking makes sense,
// so that a resident's visit asks nothing.

import type { SessionAnswer } from '../../../contract/api-staff.ts'
import { getJson, sendJson } from '../api.ts'

export type Session = SessionAnswer

const SIGNED_IN = /(?:^|; )pantau_signed_in=1(?:;|$)/

/** Null for a visitor, and when the session has ended. */
export async function askSession(): Promise<Session | null> {
  if (!SIGNED_IN.test(document.cookie)) return null
  const answer = await getJson<Session>('/api/v1/session')
  return answer.ok ? answer.value : null
}

export async function signOut(): Promise<void> {
  await sendJson('DELETE', '/api/v1/session')
  location.assign('/')
}

/** Where to go after signing in: a path of ours out of `?next=`, never another site. */
export function nextPath(search: string): string | null {
  const next = new URLSearchParams(search).get('next')
  return next !== null && /^\/[a-z-]*(?:[?#].*)?$/.test(next) ? next : null
}

// A browser that has signed in as a name carries a signed cookie that says so; it is not locked out by what strangers do
// with that name (contract section 4, session). It opens nothing by itself.

import { randomBytes } from 'node:crypto'
import { DAY, SECOND } from '../../contract/time.ts'
import { secretDigest } from '../../runtime/secrets.ts'
import { formatCookie, readCookie } from './cookies.ts'
import type { SigningKey } from './signing-key.ts'

const PURPOSE = 'known browser'
const KEPT_S = (400 * DAY) / SECOND

/** One cookie a name, so that two people may share a browser; the name itself does not stand in it. */
function cookieName(name: string): string {
  return `pantau_known_${secretDigest(name).slice(0, 12)}`
}

/** The browser's id when it has signed in as `name` before; null otherwise. */
export function knownBrowser(key: SigningKey, cookieHeader: string | undefined, name: string): string | null {
  const [id = '', signature = ''] = (readCookie(cookieHeader, cookieName(name)) ?? '').split('.')
  return id !== '' && key.verifies(PURPOSE, `${name}\n${id}`, signature) ? id : null
}

/** The `Set-Cookie` that makes the browser known for `name`. */
export function rememberBrowser(key: SigningKey, name: string, id: string | null, secure: boolean): string {
  const kept = id ?? randomBytes(12).toString('base64url')
  const value = `${kept}.${key.sign(PURPOSE, `${name}\n${kept}`)}`
  return formatCookie(cookieName(name), value, { maxAgeS: KEPT_S, secure, httpOnly: true })
}

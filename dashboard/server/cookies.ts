// Cookies by RFC 6265: reading one by name, and writing ours, which are never readable by other sites.

import type { IncomingMessage } from 'node:http'

/** The first cookie of that name as sent; null without one. Only what we ourselves write is looked for: no quoting. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at >= 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return null
}

interface CookieOptions {
  readonly maxAgeS: number
  /** True over HTTPS. */
  readonly secure: boolean
  /** False for what the page's script may read. */
  readonly httpOnly: boolean
}

export function formatCookie(name: string, value: string, options: CookieOptions): string {
  const parts = [`${name}=${value}`, 'Path=/', `Max-Age=${options.maxAgeS}`, 'SameSite=Strict']
  if (options.httpOnly) parts.push('HttpOnly')
  if (options.secure) parts.push('Secure')
  return parts.join('; ')
}

/** True when no page of another site sent the request: `Origin`, where there is one, is this host's. */
export function isSameOrigin(request: Pick<IncomingMessage, 'headers'>): boolean {
  const origin = request.headers.origin
  if (origin === undefined) return true
  try {
    return new URL(origin).host === new URL(`http://${request.headers.host ?? ''}`).host
  } catch {
    return false
  }
}

/** For requests that change something: also what the browser itself says of where they come from. */
export function isOwnSite(request: Pick<IncomingMessage, 'headers'>): boolean {
  const site = request.headers['sec-fetch-site']
  return isSameOrigin(request) && (site === undefined || site === 'same-origin' || site === 'none')
}

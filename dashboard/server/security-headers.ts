// Headers that every answer carries: what a page may load and from where (reference/ui 2.14), and the rest of what a
// browser must be told (reliability 6.1, XSS).

import { createHash } from 'node:crypto'

export interface PolicyOptions {
  /** Origin of the tiles, when PANTAU_TILES names another host; it is added for images alone. */
  readonly tilesOrigin: string | null
  /** `'sha256-…'` of what is inlined in the built pages. */
  readonly scriptHashes: readonly string[]
  readonly styleHashes: readonly string[]
}

export function contentSecurityPolicy(options: PolicyOptions): string {
  const images = ["'self'", 'data:', 'blob:', ...(options.tilesOrigin === null ? [] : [options.tilesOrigin])]
  return [
    "default-src 'self'",
    "connect-src 'self'",
    `img-src ${images.join(' ')}`,
    `style-src ${["'self'", ...options.styleHashes].join(' ')}`,
    `script-src ${["'self'", ...options.scriptHashes].join(' ')}`,
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Origin of a tile URL template, `{s}` read as `a`; null without one, or when it is no URL of http or https. */
export function tilesOrigin(template: string | null): string | null {
  if (template === null) return null
  try {
    const { origin, protocol } = new URL(template.replaceAll('{s}', 'a'))
    if (protocol !== 'http:' && protocol !== 'https:') return null
    return template.includes('{s}.') ? origin.replace('//a.', '//*.') : origin
  } catch {
    return null
  }
}

const SCRIPT = /<script(?![^>]*\ssrc=)(?<attributes>[^>]*)>(?<text>[\s\S]*?)<\/script>/gi
const STYLE = /<style[^>]*>(?<text>[\s\S]*?)<\/style>/gi

/** Hashes of the scripts and styles inlined in a page; data (`application/json`) is none. */
export function inlineHashes(html: string): {
  readonly scripts: readonly string[]
  readonly styles: readonly string[]
} {
  const scripts = [...html.matchAll(SCRIPT)]
    .filter((match) => !/type="?application\/(ld\+)?json/i.test(match.groups?.['attributes'] ?? ''))
    .map((match) => sourceHash(match.groups?.['text'] ?? ''))
  const styles = [...html.matchAll(STYLE)].map((match) => sourceHash(match.groups?.['text'] ?? ''))
  return { scripts, styles }
}

/** As a policy names what is inlined. */
export function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** What goes with every answer. */
export function securityHeaders(policy: string, secure: boolean): Readonly<Record<string, string>> {
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'permissions-policy': 'geolocation=(self), camera=(), microphone=(), payment=(), usb=()',
    // Over plain http browsers take neither, and call the second an error.
    ...(secure
      ? { 'strict-transport-security': 'max-age=31536000', 'cross-origin-opener-policy': 'same-origin' }
      : {}),
  }
}

// The dashboard's own key, in the data folder (`dashboard.key`, 0600): it signs cursors and the cookie of a browser that
// has signed in before. Whoever loses it loses nothing: cursors begin anew, known browsers are strangers again.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { readIfPresent, writeFileAtomic } from '../../runtime/files.ts'

export interface SigningKey {
  /** 96 bits, base64url. `purpose` keeps a signature for one thing from counting for another. */
  sign(purpose: string, text: string): string
  verifies(purpose: string, text: string, signature: string): boolean
}

export function openSigningKey(dataFolder: string): SigningKey {
  const path = join(dataFolder, 'dashboard.key')
  const kept = (readIfPresent(path) ?? '').trim()
  const whole = /^[0-9a-f]{64}$/.test(kept)
  const hex = whole ? kept : randomBytes(32).toString('hex')
  if (!whole) writeFileAtomic(path, `${hex}\n`)
  return signingKey(Buffer.from(hex, 'hex'))
}

export function signingKey(key: Uint8Array): SigningKey {
  const sign = (purpose: string, text: string): string =>
    createHmac('sha256', key).update(`${purpose}\n${text}`).digest().subarray(0, 12).toString('base64url')
  return {
    sign,
    verifies(purpose, text, signature) {
      const expected = Buffer.from(sign(purpose, text))
      const given = Buffer.from(signature)
      return expected.length === given.length && timingSafeEqual(expected, given)
    },
  }
}

// The second factor of a sign-in: six digits that change every 30 seconds and come from a secret that an authenticator app
// shares with us (TOTP, RFC 6238, over HOTP, RFC 4226). SHA-1, six digits and 30 seconds are what every app takes.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { SECOND, type TimeMs } from '../contract/time.ts'

const STEP_MS = 30 * SECOND
const DIGITS = 6
/** A code of one step before or after is taken too, since phones' clocks differ (RFC 6238, 5.2). */
const STEPS_OFF = 1
/** RFC 4648, section 6. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** 160 random bits (RFC 4226, R6), base32. */
export function newFactorSecret(): string {
  // 32 divides 256, so every letter is as likely as any other.
  return [...randomBytes(32)].map((byte) => BASE32.charAt(byte % 32)).join('')
}

/** What an authenticator app reads, as text or QR code (the form that Google Authenticator described and all apps take). */
export function enrolmentUri(village: string, name: string, secret: string): string {
  const issuer = encodeURIComponent(`Pantau ${village}`)
  return `otpauth://totp/${issuer}:${encodeURIComponent(name)}?secret=${secret}&issuer=${issuer}`
}

/** The step in which a time lies. */
export function stepAt(time: TimeMs): number {
  return Math.floor(time / STEP_MS)
}

/** The code of a step, six digits (RFC 4226, 5.3). */
export function codeOf(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const offset = mac.readUInt8(mac.length - 1) & 0xf
  const bits = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(bits % 10 ** DIGITS).padStart(DIGITS, '0')
}

/**
 * The step whose code this is, of those near `now` that lie behind `after`: a code that was taken once is none any more
 * (RFC 6238, 5.2). Null when it is the code of none.
 */
export function matchingStep(secret: string, code: string, now: TimeMs, after: number): number | null {
  const current = stepAt(now)
  const given = Buffer.from(code)
  let matching: number | null = null
  for (let step = current - STEPS_OFF; step <= current + STEPS_OFF; step += 1) {
    const expected = Buffer.from(codeOf(secret, step))
    const isEqual = given.length === expected.length && timingSafeEqual(given, expected)
    if (isEqual && step > after) matching ??= step
  }
  return matching
}

function fromBase32(text: string): Buffer {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const letter of text) {
    bits = ((bits << 5) | BASE32.indexOf(letter)) & 0xfff
    held += 5
    if (held < 8) continue
    held -= 8
    bytes.push((bits >> held) & 0xff)
  }
  return Buffer.from(bytes)
}

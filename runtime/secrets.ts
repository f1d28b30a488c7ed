// Secrets. Devices and programs get random ones that we make, so one SHA-256 checks them and a storm of connects costs
// no slow hash (design D12); people's passwords are hashed by scrypt, one at a time, since libuv's four threads serve
// the disk as well (reliability 2.4).

import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** 128 random bits, base64url: a device's secret. */
export function newSecret(): string {
  return randomBytes(16).toString('base64url')
}

/** 256 random bits, base64url: a token or a session. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Letters that nobody mistakes for others when reading a password from a terminal. */
const READABLE = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A password for people: four groups of five readable letters, 99 bits. */
export function newPassword(): string {
  const letters: string[] = []
  while (letters.length < 20) {
    for (const byte of randomBytes(32)) {
      // Bytes at or above the last whole multiple are thrown away, so that every letter is as likely as any other.
      if (byte < Math.floor(256 / READABLE.length) * READABLE.length && letters.length < 20) {
        letters.push(READABLE.charAt(byte % READABLE.length))
      }
    }
  }
  return [0, 5, 10, 15].map((start) => letters.slice(start, start + 5).join('')).join('-')
}

/** SHA-256, hex. */
export function secretDigest(secret: string | Uint8Array): string {
  return createHash('sha256').update(secret).digest('hex')
}

const NOBODY = secretDigest('')

/** Compares in constant time; `digest` null (no such device) takes as long and is never equal. */
export function secretMatches(secret: string | Uint8Array, digest: string | null): boolean {
  const given = Buffer.from(secretDigest(secret), 'hex')
  const kept = Buffer.from(digest ?? NOBODY, 'hex')
  const equal = kept.length === given.length && timingSafeEqual(given, kept)
  return equal && digest !== null
}

/** OWASP's minimum where Argon2id is not at hand; one hash takes some 0.4 s and 128 MiB. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1 } as const
const SCRYPT_MAX_MEMORY = 256 * 1024 * 1024
const SCRYPT_QUEUE = 8

let waiting = 0
let last: Promise<unknown> = Promise.resolve()

/** `scrypt$N$r$p$salt$hash`. Rejects with `busy` when eight hashes already wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await oneAtATime(() => derive(password, salt, SCRYPT))
  return [
    'scrypt',
    SCRYPT.N,
    SCRYPT.r,
    SCRYPT.p,
    salt.toString('base64url'),
    hash.toString('base64url'),
  ].join('$')
}

export class BusyError extends Error {
  override readonly name = 'BusyError'
}

/** True when the password is the hash's; a null hash (no such account) takes as long and is never equal. */
export async function passwordMatches(password: string, hash: string | null): Promise<boolean> {
  const parts = (hash ?? '').split('$')
  const [kind, n, r, p, salt, kept] = parts
  const parameters = kind === 'scrypt' ? { N: Number(n), r: Number(r), p: Number(p) } : SCRYPT
  const derived = await oneAtATime(() => derive(password, Buffer.from(salt ?? '', 'base64url'), parameters))
  const expected = Buffer.from(kept ?? '', 'base64url')
  return kind === 'scrypt' && expected.length === derived.length && timingSafeEqual(derived, expected)
}

function derive(
  password: string,
  salt: Buffer,
  parameters: { N: number; r: number; p: number },
): Promise<Buffer> {
  return new Promise((done, fail) => {
    scrypt(password, salt, 32, { ...parameters, maxmem: SCRYPT_MAX_MEMORY }, (error, key) => {
      if (error === null) done(key)
      else fail(error)
    })
  })
}

async function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  if (waiting >= SCRYPT_QUEUE) throw new BusyError('too many sign-ins at once')
  waiting += 1
  const mine = last.then(work, work)
  last = mine.catch(() => undefined)
  try {
    return await mine
  } finally {
    waiting -= 1
  }
}

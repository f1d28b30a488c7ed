import { describe, expect, it } from 'vitest'
import { BusyError, hashPassword, newPassword, passwordMatches } from './secrets.ts'

describe('a password', () => {
  it('is random, readable and of about 99 bits', () => {
    const passwords = new Set(Array.from({ length: 1_000 }, newPassword))
    expect(passwords.size).toBe(1_000)
    for (const password of passwords) expect(password).toMatch(/^([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}$/)
  })

  it('matches its own hash and no other, and nothing matches no account', async () => {
    const hash = await hashPassword('correct horse')
    expect(hash).toMatch(/^scrypt\$131072\$8\$1\$/)
    expect(await passwordMatches('correct horse', hash)).toBe(true)
    expect(await passwordMatches('correct horsf', hash)).toBe(false)
    expect(await passwordMatches('correct horse', null)).toBe(false)
  })

  it('is hashed one at a time, and no more than eight wait', async () => {
    const hashes = Array.from({ length: 9 }, () => hashPassword('x').catch((error: unknown) => error))
    const results = await Promise.all(hashes)
    expect(results.filter((result) => result instanceof BusyError)).toHaveLength(1)
  })
})

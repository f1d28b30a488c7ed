import { describe, expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'

// RFC 3720, appendix B.4, byte strings and their CRC-32C (there printed least significant byte first), and the check value of
// the catalogue of parametrised CRC algorithms for "123456789".
const VECTORS: readonly (readonly [string, Uint8Array, number])[] = [
  ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 incrementing bytes', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['32 decrementing bytes', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ['the check text', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
]

describe('crc32c', () => {
  it.each(VECTORS)('of %s is the published one', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected)
  })

  it('of a part is that of the part alone', () => {
    const bytes = Buffer.from('..123456789..')
    expect(crc32c(bytes, 2, 11)).toBe(0xe3069283)
  })
})

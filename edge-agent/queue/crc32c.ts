// CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected, RFC 3720 appendix B.4), a table of 256 entries: the check that
// tells a whole record of the queue from a torn or flipped one.

const TABLE = makeTable()

/** The CRC-32C of `bytes`, going on from `crc` of the bytes before; unsigned 32 bits. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  let state = ~crc
  for (let at = 0; at < bytes.length; at += 1) {
    state = (TABLE[(state ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (state >>> 8)
  }
  return ~state >>> 0
}

function makeTable(): Int32Array {
  const table = new Int32Array(256)
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    table[byte] = value
  }
  return table
}

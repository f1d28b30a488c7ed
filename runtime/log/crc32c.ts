// CRC-32C (Castagnoli; RFC 3720 section 12.1, reflected polynomial 0x82f63b78), eight bytes at a time by tables
// (Kounavis and Berry 2005, "slicing-by-8").

const TABLES = makeTables()

function makeTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    return value >>> 0
  })
  const tables = [first]
  for (let slice = 1; slice < 8; slice += 1) {
    const previous = tables[slice - 1] ?? first
    tables.push(previous.map((value) => (value >>> 8) ^ (first[value & 0xff] ?? 0)))
  }
  return tables
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
]

/** Checksum of bytes[from, to), an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  // The hot loop reads within bounds, so the fallbacks below are never taken; they are there for the type alone.
  const at = (index: number): number => bytes[index] ?? 0
  const of = (table: Uint32Array, index: number): number => table[index & 0xff] ?? 0
  let crc = 0xffffffff
  let index = from
  for (; index + 8 <= to; index += 8) {
    const low = crc ^ (at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24))
    crc =
      of(T7, low) ^
      of(T6, low >>> 8) ^
      of(T5, low >>> 16) ^
      of(T4, low >>> 24) ^
      of(T3, at(index + 4)) ^
      of(T2, at(index + 5)) ^
      of(T1, at(index + 6)) ^
      of(T0, at(index + 7))
  }
  for (; index < to; index += 1) crc = (crc >>> 8) ^ of(T0, crc ^ at(index))
  return (crc ^ 0xffffffff) >>> 0
}

// Against the examples of ISO/IEC 18004:2015: Annex I (version 1-M), table A.1, and Annexes C and D for format and version. What is
// drawn is read back by a reader of its own, which knows the order of the modules and nothing of the encoder.

import { describe, expect, it } from 'vitest'
import { MASKS } from './masks.ts'
import { drawFunctionPatterns, formatBits, newGrid, versionBits } from './patterns.ts'
import { dataCodewords, qrCode } from './qr-code.ts'
import { correctionOf, generator } from './reed-solomon.ts'

describe('error correction', () => {
  it('is that of Annex I for 01234567 in version 1-M', () => {
    const data = [
      0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11,
    ]
    expect(correctionOf(data, 10)).toEqual([0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55])
  })

  it('divides by the generator of table A.1: for 7 codewords α^87, α^229, α^146, α^149, α^238, α^102, α^21', () => {
    const power = (exponent: number): number => {
      let value = 1
      for (let step = 0; step < exponent; step += 1) value = value & 0x80 ? (value << 1) ^ 0x11d : value << 1
      return value
    }
    expect(generator(7)).toEqual([87, 229, 146, 149, 238, 102, 21].map(power))
  })
})

describe('format and version', () => {
  it('are those of Annex C: level M with mask 5 is 100000011001110', () => {
    expect(formatBits(5).toString(2).padStart(15, '0')).toBe('100000011001110')
    expect(formatBits(0).toString(2).padStart(15, '0')).toBe('101010000010010')
  })

  it('are those of Annex D: version 7 is 000111110010010100', () => {
    expect(versionBits(7).toString(2).padStart(18, '0')).toBe('000111110010010100')
  })
})

it('data begin with the mode and the length, and are padded with EC and 11 in turn (7.4)', () => {
  expect(dataCodewords([0x41, 0x42], 1)).toEqual([
    0x40,
    0x24,
    0x14,
    0x20,
    ...[0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11],
  ])
})

describe('a code', () => {
  it.each([
    ['A', 1],
    ['https://a.id', 1],
    ['https://pantau.cideng.example/?place=hs-balai-rw-04', 4],
    ['x'.repeat(84), 5],
    ['x'.repeat(106), 6],
    ['x'.repeat(122), 7],
    ['x'.repeat(152), 8],
    ['x'.repeat(180), 9],
    ['x'.repeat(213), 10],
  ])('of %s is of version %i and reads as what was written', (text, version) => {
    const code = qrCode(text) ?? []
    expect(code).toHaveLength(17 + 4 * version)
    expect(read(code)).toBe(text)
  })

  it('is none for what does not fit', () => {
    expect(qrCode('x'.repeat(214))).toBeNull()
  })
})

/** Blocks of level M: how many, and data codewords of the shorter ones. */
const READER_BLOCKS = [
  [1, 16],
  [1, 28],
  [1, 44],
  [2, 32],
  [2, 43],
  [4, 27],
  [4, 31],
  [4, 38],
  [5, 36],
  [5, 43],
] as const
const READER_LONGER = [0, 0, 0, 0, 0, 0, 0, 2, 2, 1]

function read(code: readonly (readonly boolean[])[]): string {
  const size = code.length
  const version = (size - 17) / 4
  const at = (x: number, y: number): number => (code[y]?.[x] === true ? 1 : 0)
  const format = [0, 1, 2, 3, 4, 5, 7, 8]
    .map((y) => at(8, y))
    .concat([7, 5, 4, 3, 2, 1, 0].map((x) => at(x, 8)))
  const bits = format.reduce((value, bit, index) => value | (bit << index), 0) ^ 0x5412
  const mask = MASKS[(bits >>> 10) & 7]
  expect((bits >>> 13) & 3).toBe(0)
  const grid = newGrid(version)
  drawFunctionPatterns(grid)
  const stream: number[] = []
  let up = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right -= 1
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (grid.isReserved[y]?.[x] === true) continue
        stream.push(at(x, y) ^ (mask?.(x, y) === true ? 1 : 0))
      }
    }
    up = !up
  }
  const bytes = Array.from({ length: stream.length >> 3 }, (_, index) =>
    stream.slice(8 * index, 8 * index + 8).reduce((value, bit) => (value << 1) | bit, 0),
  )
  const [count, shorter] = READER_BLOCKS[version - 1] ?? [1, 0]
  const longer = READER_LONGER[version - 1] ?? 0
  const blocks: number[][] = Array.from({ length: count }, () => [])
  let next = 0
  for (let index = 0; index < shorter; index += 1) for (const block of blocks) block.push(bytes[next++] ?? 0)
  for (let index = 0; index < longer; index += 1) blocks[count - longer + index]?.push(bytes[next++] ?? 0)
  const data = blocks.flat().flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >>> bit) & 1))
  const number = (from: number, length: number): number =>
    data.slice(from, from + length).reduce((value, bit) => (value << 1) | bit, 0)
  expect(number(0, 4)).toBe(4)
  const wide = version < 10 ? 8 : 16
  const text = Array.from({ length: number(4, wide) }, (_, index) => number(4 + wide + 8 * index, 8))
  return new TextDecoder().decode(Uint8Array.from(text))
}

// QR codes of addresses, for print: byte mode, error correction M (15 % may be lost), versions 1 to 10 (ISO/IEC 18004:2015). The
// smallest version that holds the text, the mask with the fewest penalties.

import { applyMask, MASKS, penaltyOf } from './masks.ts'
import { drawFormat, drawFunctionPatterns, type Grid, newGrid } from './patterns.ts'
import { correctionOf } from './reed-solomon.ts'

/** Level M of each version: correction codewords a block, then blocks as [count, data codewords] (table 9). */
const BLOCKS: readonly (readonly [number, readonly (readonly [number, number])[]])[] = [
  [10, [[1, 16]]],
  [16, [[1, 28]]],
  [26, [[1, 44]]],
  [18, [[2, 32]]],
  [24, [[2, 43]]],
  [16, [[4, 27]]],
  [18, [[4, 31]]],
  [
    22,
    [
      [2, 38],
      [2, 39],
    ],
  ],
  [
    22,
    [
      [3, 36],
      [2, 37],
    ],
  ],
  [
    26,
    [
      [4, 43],
      [1, 44],
    ],
  ],
]

/** Rows of modules, true for dark, without the quiet zone. Null when the text is too long for version 10 (213 bytes). */
export function qrCode(text: string): readonly (readonly boolean[])[] | null {
  const bytes = [...new TextEncoder().encode(text)]
  const version = BLOCKS.findIndex((_, index) => fits(bytes.length, index + 1)) + 1
  if (version === 0) return null
  const codewords = withCorrection(dataCodewords(bytes, version), version)
  let best: { grid: Grid; penalty: number } | null = null
  for (const [mask, isFlipped] of MASKS.entries()) {
    const grid = newGrid(version)
    drawFunctionPatterns(grid)
    drawCodewords(grid, codewords)
    applyMask(grid, isFlipped)
    drawFormat(grid, mask)
    const penalty = penaltyOf(grid.dark)
    if (best === null || penalty < best.penalty) best = { grid, penalty }
  }
  return best?.grid.dark ?? null
}

function dataCapacity(version: number): number {
  return (BLOCKS[version - 1]?.[1] ?? []).reduce((sum, [count, data]) => sum + count * data, 0)
}

/** Mode indicator of 4 bits, then the length: of 8 bits up to version 9, of 16 from there. */
function fits(length: number, version: number): boolean {
  return 4 + (version < 10 ? 8 : 16) + 8 * length <= 8 * dataCapacity(version)
}

/** The bits of the text, terminated and padded to the capacity (7.4). */
export function dataCodewords(bytes: readonly number[], version: number): readonly number[] {
  const bits: number[] = []
  const push = (value: number, length: number): void => {
    for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >>> bit) & 1)
  }
  push(0b0100, 4)
  push(bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) push(byte, 8)
  const capacity = 8 * dataCapacity(version)
  push(0, Math.min(4, capacity - bits.length))
  push(0, (8 - (bits.length % 8)) % 8)
  const codewords: number[] = []
  for (let at = 0; at < bits.length; at += 8) {
    codewords.push(bits.slice(at, at + 8).reduce((value, bit) => (value << 1) | bit, 0))
  }
  for (let pad = 0xec; codewords.length < capacity / 8; pad ^= 0xec ^ 0x11) codewords.push(pad)
  return codewords
}

/** Data and correction of all blocks, interleaved (7.6). */
function withCorrection(data: readonly number[], version: number): readonly number[] {
  const [degree, groups] = BLOCKS[version - 1] ?? [0, []]
  const sizes = groups.flatMap(([count, size]) => Array.from({ length: count }, () => size))
  let at = 0
  const blocks = sizes.map((size) => {
    const block = data.slice(at, at + size)
    at += size
    return { data: block, correction: correctionOf(block, degree) }
  })
  const interleaved = (pick: (block: (typeof blocks)[number]) => readonly number[]): readonly number[] => {
    const longest = Math.max(...blocks.map((block) => pick(block).length))
    return Array.from({ length: longest }, (_, index) =>
      blocks.flatMap((block) => pick(block).slice(index, index + 1)),
    ).flat()
  }
  return [...interleaved((block) => block.data), ...interleaved((block) => block.correction)]
}

/** Fills what is free in columns of two, from the right, upwards and downwards in turn; the timing column is passed over (7.7.3). */
function drawCodewords({ size, dark, isReserved }: Grid, codewords: readonly number[]): void {
  let bit = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    const column = right <= 6 ? right - 1 : right
    const isUpward = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step += 1) {
      const y = isUpward ? size - 1 - step : step
      for (const x of [column, column - 1]) {
        if (isReserved[y]?.[x] !== false) continue
        const value = ((codewords[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1
        const row = dark[y]
        if (row !== undefined) row[x] = value === 1
        bit += 1
      }
    }
  }
}

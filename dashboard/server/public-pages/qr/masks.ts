// Masks of QR codes, and what a masked code costs: the fewer runs, blocks and false finders, the better a camera reads it (ISO/IEC
// 18004:2015, 7.8).

import type { Grid } from './patterns.ts'

/** Whether a mask turns the module over (table 10). */
export const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

export function applyMask({ dark, isReserved }: Grid, isFlipped: (x: number, y: number) => boolean): void {
  for (const [y, row] of dark.entries()) {
    for (const x of row.keys()) if (isReserved[y]?.[x] === false && isFlipped(x, y)) row[x] = row[x] !== true
  }
}

/** Points of the four features of table 11. */
export function penaltyOf(dark: readonly (readonly boolean[])[]): number {
  const columns = dark.map((_, x) => dark.map((row) => row[x] === true))
  const lines = [...dark, ...columns]
  return (
    lines.reduce((sum, line) => sum + runs(line) + falseFinders(line), 0) + blocks(dark) + imbalance(dark)
  )
}

/** 3 for five alike in a line, 1 for each more. */
function runs(line: readonly boolean[]): number {
  let points = 0
  let length = 0
  for (const [at, module] of line.entries()) {
    length = at > 0 && line[at - 1] === module ? length + 1 : 1
    if (length === 5) points += 3
    else if (length > 5) points += 1
  }
  return points
}

/** 3 for each square of four alike. */
function blocks(dark: readonly (readonly boolean[])[]): number {
  let points = 0
  for (const [y, row] of dark.entries()) {
    const below = dark[y + 1]
    if (below === undefined) break
    for (let x = 0; x + 1 < row.length; x += 1) {
      if (row[x] === row[x + 1] && row[x] === below[x] && row[x] === below[x + 1]) points += 3
    }
  }
  return points
}

/** 40 for each 1:1:3:1:1 with four light modules beside it. */
function falseFinders(line: readonly boolean[]): number {
  const text = line.map((module) => (module ? '1' : '0')).join('')
  let points = 0
  for (const pattern of ['10111010000', '00001011101']) {
    for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) points += 40
  }
  return points
}

/** 10 for each full 5 % away from half dark. */
function imbalance(dark: readonly (readonly boolean[])[]): number {
  const count = dark.flat().filter(Boolean).length
  const share = (100 * count) / dark.length ** 2
  return 10 * Math.floor(Math.abs(share - 50) / 5)
}

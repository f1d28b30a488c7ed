// What a QR code holds besides its data: finders, timing, alignment, version and format (ISO/IEC 18004:2015, 6.3, 7.9, 7.10).

export interface Grid {
  readonly version: number
  readonly size: number
  readonly dark: boolean[][]
  /** Modules that hold no data. */
  readonly isReserved: boolean[][]
}

/** Centres of the alignment patterns, of versions 1 to 10 (Annex E). */
const ALIGNMENT: readonly (readonly number[])[] = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
]

export function newGrid(version: number): Grid {
  const size = 17 + 4 * version
  const rows = (): boolean[][] =>
    Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  return { version, size, dark: rows(), isReserved: rows() }
}

function set({ dark, isReserved, size }: Grid, x: number, y: number, isDark: boolean): void {
  const [row, reserved] = [dark[y], isReserved[y]]
  if (row === undefined || reserved === undefined || x < 0 || x >= size) return
  row[x] = isDark
  reserved[x] = true
}

export function drawFunctionPatterns(grid: Grid): void {
  const { size, version } = grid
  for (let at = 0; at < size; at += 1) {
    set(grid, 6, at, at % 2 === 0)
    set(grid, at, 6, at % 2 === 0)
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const) {
    // With its white border.
    drawRings(grid, x, y, 4, (ring) => ring !== 2 && ring !== 4)
  }
  const centres = ALIGNMENT[version - 1] ?? []
  const last = centres.at(-1) ?? 0
  for (const x of centres) {
    for (const y of centres) {
      const isFinder = (x === 6 && y === 6) || (x === 6 && y === last) || (x === last && y === 6)
      if (!isFinder) drawRings(grid, x, y, 2, (ring) => ring !== 1)
    }
  }
  drawVersion(grid)
  drawFormat(grid, 0)
}

function drawRings(
  grid: Grid,
  x: number,
  y: number,
  radius: number,
  isDark: (ring: number) => boolean,
): void {
  for (let dy = -radius; dy <= radius; dy += 1) {
    for (let dx = -radius; dx <= radius; dx += 1) {
      set(grid, x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))))
    }
  }
}

/** 15 bits for level M and a mask: 5 of data, 10 of BCH, then masked so that they are never all zero (7.9.1). */
export function formatBits(mask: number): number {
  // Level M is 00.
  let rest = mask
  for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
  return ((mask << 10) | rest) ^ 0x5412
}

/** 18 bits of a version: 6 of data, 12 of Golay (7.10). */
export function versionBits(version: number): number {
  let rest = version
  for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25)
  return (version << 12) | rest
}

/** Both copies of the format, and the module that is always dark. */
export function drawFormat(grid: Grid, mask: number): void {
  const { size } = grid
  const bits = formatBits(mask)
  const isOne = (bit: number): boolean => ((bits >>> bit) & 1) === 1
  for (let bit = 0; bit <= 5; bit += 1) set(grid, 8, bit, isOne(bit))
  set(grid, 8, 7, isOne(6))
  set(grid, 8, 8, isOne(7))
  set(grid, 7, 8, isOne(8))
  for (let bit = 9; bit < 15; bit += 1) set(grid, 14 - bit, 8, isOne(bit))
  for (let bit = 0; bit < 8; bit += 1) set(grid, size - 1 - bit, 8, isOne(bit))
  for (let bit = 8; bit < 15; bit += 1) set(grid, 8, size - 15 + bit, isOne(bit))
  set(grid, 8, size - 8, true)
}

function drawVersion(grid: Grid): void {
  const { version, size } = grid
  if (version < 7) return
  const bits = versionBits(version)
  for (let bit = 0; bit < 18; bit += 1) {
    const [near, far] = [Math.floor(bit / 3), size - 11 + (bit % 3)]
    set(grid, far, near, ((bits >>> bit) & 1) === 1)
    set(grid, near, far, ((bits >>> bit) & 1) === 1)
  }
}

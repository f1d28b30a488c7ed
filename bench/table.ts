// A benchmark prints one table; figures are numbers until here.

export type Cell = string | number

export function printTable(header: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = rows.map((row) => row.map(shown))
  const widths = header.map((_, column) =>
    Math.max(...[header, ...texts].map((row) => (row[column] ?? '').length)),
  )
  printHeader(header, widths)
  for (const row of texts) printRow(row, widths)
}

/** A table whose rows come over hours: prints the header, and then each row as it is given. */
export function beginTable(header: readonly string[]): (row: readonly Cell[]) => void {
  const widths = header.map((name) => Math.max(name.length, 7))
  printHeader(header, widths)
  return (row) => printRow(row.map(shown), widths)
}

function printHeader(header: readonly string[], widths: readonly number[]): void {
  printRow(header, widths)
  process.stdout.write(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|\n`)
}

function printRow(row: readonly string[], widths: readonly number[]): void {
  const cells = row.map((cell, column) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
  )
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

function shown(cell: Cell): string {
  if (typeof cell === 'string') return cell
  if (Math.abs(cell) >= 1_000) return Math.round(cell).toLocaleString('en-GB')
  return cell.toFixed(cell >= 100 ? 0 : 2)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

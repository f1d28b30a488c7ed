// A benchmark prints one table; figures are numbers until here.

export type Cell = string | number

export function printTable(header: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = [header, ...rows.map((row) => row.map(shown))]
  const widths = header.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)))
  for (const [index, row] of texts.entries()) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    process.stdout.write(`| ${cells.join(' | ')} |\n`)
    if (index === 0) process.stdout.write(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|\n`)
  }
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

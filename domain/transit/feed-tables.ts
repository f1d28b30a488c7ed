// The tables of a GTFS feed as this side of the platform sees them: text by file and column, as they come out of the archive.

export interface FeedTable {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Tables by file name, such as `stops.txt`. */
export type FeedTables = ReadonlyMap<string, FeedTable>

/** The rows of a file with the columns asked for, trimmed; a column or a file that is absent is empty text or no row. */
export function readRows<Column extends string>(
  tables: FeedTables,
  file: string,
  columns: readonly Column[],
): Readonly<Record<Column, string>>[] {
  const table = tables.get(file)
  if (table === undefined) return []
  const places = columns.map((column) => [column, table.header.indexOf(column)] as const)
  return table.rows.map((row) => {
    const values: Partial<Record<Column, string>> = {}
    for (const [column, place] of places) values[column] = (row[place] ?? '').trim()
    // Every column asked for was set just now.
    return values as Record<Column, string>
  })
}

/** Values grouped by a key, in order of appearance. */
export function groupBy<T>(values: Iterable<T>, keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}

// Comma-separated values by RFC 4180, strictly: GTFS feeds and exports are read with it, and a file that is torn or
// quoted wrongly must be refused with its line, not read as something else. A byte order mark is taken off.

import { PantauError } from '../contract/errors.ts'

export interface CsvTable {
  readonly header: readonly string[]
  /** Each row has as many fields as the header. */
  readonly rows: readonly (readonly string[])[]
}

export interface CsvLimits {
  readonly maxRows: number
}

/** Far above the largest feed of a city; below what fills the memory of a small machine. */
export const CSV_LIMITS: CsvLimits = { maxRows: 5_000_000 }

/**
 * The table in `text`: the first line is the header; lines end in CRLF or LF; empty lines are passed over. An empty
 * text is a table without columns. Throws `PantauError('input_refused')` with the line (from 1) on a quote inside a
 * bare field, text after a closing quote, a quote left open, a column named twice, a row of another length than the
 * header, or more rows than the limit. Source: RFC 4180 section 2; LF alone and the mark are our leniency, as GTFS
 * feeds in use have both.
 */
export function parseCsv(text: string, limits: CsvLimits = CSV_LIMITS): CsvTable {
  const rows: string[][] = []
  let header: string[] | null = null
  let at = text.startsWith('\uFEFF') ? 1 : 0
  let line = 1
  while (at < text.length) {
    const record = readRecord(text, at, line)
    const startLine = line
    at = record.next
    line += record.lines
    if (record.fields.length === 1 && record.fields[0] === '' && !record.quoted) continue
    if (header === null) {
      header = record.fields
      refuseRepeated(header, startLine)
      continue
    }
    if (record.fields.length !== header.length) {
      refuse(startLine, `has ${record.fields.length} fields; the header has ${header.length}`)
    }
    if (rows.length === limits.maxRows)
      refuse(startLine, `is one too many; at most ${limits.maxRows} rows are read`)
    rows.push(record.fields)
  }
  return { header: header ?? [], rows }
}

/**
 * The fields of one line, for files that are too long to be held: no field has a line break. `line` is its number, for the
 * fault. Throws `PantauError('input_refused')` as `parseCsv` does.
 */
export function parseCsvLine(text: string, line: number): string[] {
  const record = readRecord(text, 0, line)
  if (record.next < text.length) refuse(line, 'holds a line break')
  return record.fields
}

/** `table` as text, LF at each line's end; fields are quoted where they hold a comma, a quote or a line break. */
export function formatCsv(table: CsvTable): string {
  const lines = [table.header, ...table.rows].map((fields) => `${fields.map(quoteField).join(',')}\n`)
  return lines.join('')
}

interface CsvRecord {
  readonly fields: string[]
  /** True when a field was quoted: a lone `""` is a field, an empty line is none. */
  readonly quoted: boolean
  readonly next: number
  /** Line breaks passed, those inside quotes included. */
  readonly lines: number
}

function readRecord(text: string, start: number, line: number): CsvRecord {
  const fields: string[] = []
  let quoted = false
  let lines = 0
  let at = start
  for (;;) {
    if (text[at] === '"') {
      const field = readQuoted(text, at, line + lines)
      quoted = true
      fields.push(field.value)
      lines += field.lines
      at = field.next
    } else {
      const end = endOfBare(text, at)
      const value = text.slice(at, end)
      if (value.includes('"')) refuse(line + lines, 'has a quote inside a field that is not quoted')
      fields.push(value)
      at = end
    }
    const mark = text[at]
    if (mark === ',') {
      at += 1
      continue
    }
    if (mark === undefined) return { fields, quoted, next: at, lines }
    const lineEnd = mark === '\n' ? 1 : mark === '\r' && text[at + 1] === '\n' ? 2 : 0
    if (lineEnd === 0) refuse(line + lines, 'has text after a closing quote, or a lone carriage return')
    return { fields, quoted, next: at + lineEnd, lines: lines + 1 }
  }
}

function endOfBare(text: string, start: number): number {
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 44 || code === 10 || code === 13) return at
    at += 1
  }
  return at
}

function readQuoted(
  text: string,
  start: number,
  line: number,
): { value: string; next: number; lines: number } {
  let value = ''
  let from = start + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote === -1) refuse(line, 'opens a quote that is never closed')
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') {
      return { value, next: quote + 1, lines: value.split('\n').length - 1 }
    }
    value += '"'
    from = quote + 2
  }
}

function quoteField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

function refuseRepeated(header: readonly string[], line: number): void {
  const repeated = header.find((name, index) => header.indexOf(name) !== index)
  if (repeated !== undefined) refuse(line, `names the column ${repeated} twice`)
}

function refuse(line: number, what: string): never {
  throw new PantauError('input_refused', `line ${line} ${what}`)
}

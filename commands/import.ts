// `npm run import -- --format csv|parquet|line PATH`: readings into the store of a running village. Run twice, it is as if it
// had run once. A wrong row ends it with its line and column; what stood before it is in the store.

import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import type { TransferRow } from '../contract/feed.ts'
import { parseCsvLine } from '../runtime/csv.ts'
import { openFeed } from '../runtime/feed-client.ts'
import { loadSettings } from '../runtime/settings.ts'
import { audited } from './audited.ts'
import { readCommandLine } from './command-line.ts'
import { readParquet } from './parquet.ts'
import { ofInert } from './spreadsheet.ts'
import { columnOfFile, rowOf, rowOfLine } from './transfer.ts'

const USAGE = 'npm run import -- --format csv|parquet|line PATH'

export async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv, ['format'], USAGE)
  const [path, ...rest] = line.words
  if (path === undefined || rest.length > 0)
    throw new PantauError('bad_command', `one PATH is taken; ${USAGE}`)
  const rows = rowsOf(path, line.flags['format'])
  await access(path).catch(() => {
    throw new PantauError('input_refused', `${path} cannot be read; give the path of a file`)
  })
  const { settings } = loadSettings([], process.env)
  const feed = openFeed(settings.PANTAU_DATA)
  const from = basename(path).slice(0, 100)
  const result = await audited(
    settings.PANTAU_DATA,
    { what: 'readings.import', on: 'all', detail: from },
    () => feed.importRows(rows),
  )
  process.stdout.write(`${JSON.stringify(result)}\n`)
  if (result.refused.length > 0) {
    throw new PantauError(
      'input_refused',
      `${path}: ${result.refused[0]}; ${result.refused.length} rows were refused`,
    )
  }
  return 0
}

function rowsOf(path: string, format: string | undefined): AsyncIterable<TransferRow> {
  if (format === 'csv') return csvRows(path)
  if (format === 'line') return lineRows(path)
  if (format === 'parquet') return parquetRows(path)
  throw new PantauError(
    'bad_command',
    `--format is ${format ?? 'absent'}; csv, parquet or line is taken; ${USAGE}`,
  )
}

async function* csvRows(path: string): AsyncGenerator<TransferRow> {
  let header: readonly string[] | null = null
  let number = 0
  // A reading's cells hold no line break, so a line is a row.
  for await (const line of linesOf(path)) {
    number += 1
    const text = number === 1 ? line.replace(/^\ufeff/, '') : line
    if (text === '') continue
    const cells = parseCsvLine(text, number)
    if (header === null) {
      header = checkedHeader(cells.map(columnOfFile), number)
      continue
    }
    if (cells.length !== header.length) {
      throw new PantauError(
        'input_refused',
        `line ${number} has ${cells.length} fields; the header has ${header.length}`,
      )
    }
    const named = Object.fromEntries(header.map((name, index) => [name, ofInert(cells[index] ?? '')]))
    yield rowOf(named, `line ${number}`)
  }
}

/** Without these no row can be a reading. */
const NEEDED = ['time', 'kind', 'device', 'metric', 'value'] as const

function checkedHeader(header: readonly string[], line: number): readonly string[] {
  const missing = NEEDED.filter((name) => !header.includes(name))
  if (missing.length === 0) return header
  throw new PantauError(
    'input_refused',
    `line ${line} is no header with the column ${missing.join(', ')}; a file as npm run export writes it is taken`,
  )
}

async function* lineRows(path: string): AsyncGenerator<TransferRow> {
  let number = 0
  for await (const line of linesOf(path)) {
    number += 1
    if (line !== '' && !line.startsWith('#')) yield rowOfLine(line, `line ${number}`)
  }
}

async function* parquetRows(path: string): AsyncGenerator<TransferRow> {
  let number = 0
  for await (const cells of readParquet(path)) {
    number += 1
    yield rowOf(cells, `row ${number}`)
  }
}

/** A reading with all that can stand beside it is a few hundred letters. */
const LONGEST_LINE = 65_536

/** Lines in bounded memory: a file without an end of line must not be gathered into one. Throws `input_refused`. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = ''
  let number = 1
  for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      yield line.endsWith('\r') ? line.slice(0, -1) : line
      number += 1
    }
    if (rest.length > LONGEST_LINE) {
      throw new PantauError(
        'input_refused',
        `line ${number} has more than ${LONGEST_LINE} letters; a file of readings has none so long`,
      )
    }
  }
  if (rest !== '') yield rest
}

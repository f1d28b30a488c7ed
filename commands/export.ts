// `npm run export`: readings out of the store of a running village, streaming, in bounded memory.

import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import type { TransferRow } from '../contract/feed.ts'
import { formatTime, parseTime, type TimeMs } from '../contract/time.ts'
import { isDeviceId, isKind, KINDS, type Kind } from '../contract/topics.ts'
import { openFeed } from '../runtime/feed-client.ts'
import { systemCode } from '../runtime/files.ts'
import { checkRoom } from '../runtime/free-space.ts'
import { loadSettings } from '../runtime/settings.ts'
import { audited } from './audited.ts'
import { type CommandLine, readCommandLine } from './command-line.ts'
import { writeParquet } from './parquet.ts'
import { inert } from './spreadsheet.ts'
import { COLUMNS, type Column, cellsOf, fileName, lineHead, lineOf } from './transfer.ts'

const USAGE =
  'npm run export -- --from T --to T [--kind K] [--device ID] --format csv|parquet|line --out PATH'

export async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv, ['from', 'to', 'kind', 'device', 'format', 'out'], USAGE)
  const format = line.flags['format']
  const out = line.flags['out']
  if (format !== 'csv' && format !== 'parquet' && format !== 'line') {
    throw new PantauError(
      'bad_command',
      `--format is ${format ?? 'absent'}; csv, parquet or line is taken; ${USAGE}`,
    )
  }
  if (out === undefined) throw new PantauError('bad_command', `--out is absent; ${USAGE}`)
  const filter = { from: timeFlag(line, 'from'), to: timeFlag(line, 'to'), ...deviceFilter(line) }
  if (filter.from >= filter.to) throw new PantauError('bad_command', '--from is not before --to')
  checkRoom(resolve(out))
  const { settings } = loadSettings([], process.env)
  const feed = openFeed(settings.PANTAU_DATA)
  try {
    const of = filter.device ?? filter.kind ?? 'all'
    const period = `${formatTime(filter.from)} to ${formatTime(filter.to)}, ${format}`
    const written = await audited(
      settings.PANTAU_DATA,
      { what: 'readings.export', on: of, detail: period },
      async () => {
        const rows = feed.exportRows(filter)
        return format === 'parquet' ? writeParquet(out, rows) : writeText(out, format, rows)
      },
    )
    process.stdout.write(`${written} readings in ${out}\n`)
  } catch (error) {
    // Half a file is none; what was never opened is not ours.
    if (!(error instanceof PantauError && error.code === 'output_failed')) rmSync(out, { force: true })
    throw error
  }
  return 0
}

async function writeText(
  path: string,
  format: 'csv' | 'line',
  rows: AsyncIterable<TransferRow>,
): Promise<number> {
  const file = createWriteStream(path, { flags: 'w', mode: 0o600 })
  const opened = once(file, 'open')
  await opened.catch((error: unknown) => {
    throw new PantauError(
      'output_failed',
      `--out ${path} cannot be written (${systemCode(error)}); give another path`,
    )
  })
  let readings = 0
  file.write(format === 'csv' ? `${COLUMNS.map(fileName).join()}\n` : lineHead())
  for await (const row of rows) {
    readings += Object.keys(row.values).length
    if (!file.write(`${textOf(row, format)}\n`)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
  return readings
}

function textOf(row: TransferRow, format: 'csv' | 'line'): string {
  if (format === 'line') return lineOf(row)
  return cellsOf(row)
    .map((cells) =>
      COLUMNS.map((column) => csvCell(NUMBERS.has(column) ? cells[column] : inert(cells[column]))).join(),
    )
    .join('\n')
}

/** What a device sends as a number is one; every other cell is text, which a device may have chosen. */
const NUMBERS: ReadonlySet<Column> = new Set([
  'time',
  'value',
  'lat',
  'lon',
  'speed',
  'bearing',
  'accuracy',
  'direction',
])

/** RFC 4180. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function timeFlag(line: CommandLine, name: 'from' | 'to'): TimeMs {
  const text = line.flags[name]
  if (text === undefined) throw new PantauError('bad_command', `--${name} is absent; ${USAGE}`)
  // A day alone is its begin in UTC.
  const parsed = parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  if (!parsed.ok)
    throw new PantauError(
      'bad_command',
      `--${name} is ${text}; ${parsed.detail}, such as 2026-11-24T00:00:00Z`,
    )
  return parsed.time
}

function deviceFilter(line: CommandLine): { kind?: Kind; device?: string } {
  const { kind, device } = line.flags
  if (kind !== undefined && !isKind(kind)) {
    throw new PantauError('bad_command', `--kind is ${kind}; one of ${KINDS.join(', ')} is taken`)
  }
  if (device !== undefined && !isDeviceId(device))
    throw new PantauError('bad_command', `--device is ${device}; it is no device's id`)
  return { ...(kind === undefined ? {} : { kind }), ...(device === undefined ? {} : { device }) }
}

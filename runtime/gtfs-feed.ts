// A GTFS feed as tables by file name, out of its zip archive and back. Only the files that Pantau knows are read: what
// else an archive holds is named, not inflated into tables. Source: google/transit, GTFS Schedule Reference.

import { PantauError } from '../contract/errors.ts'
import { type CsvTable, formatCsv, parseCsv } from './csv.ts'
import { readZip, writeZip, ZIP_LIMITS, type ZipLimits } from './zip.ts'

/** Files that Pantau reads, each with the columns that it cannot do without. */
export const GTFS_FILES: Readonly<Record<string, readonly string[]>> = {
  'agency.txt': ['agency_name', 'agency_timezone'],
  'stops.txt': ['stop_id', 'stop_name', 'stop_lat', 'stop_lon'],
  'routes.txt': ['route_id', 'route_type'],
  'trips.txt': ['route_id', 'service_id', 'trip_id'],
  'stop_times.txt': ['trip_id', 'arrival_time', 'departure_time', 'stop_id', 'stop_sequence'],
  'calendar.txt': [
    'service_id',
    'monday',
    'tuesday',
    'wednesday',
    'thursday',
    'friday',
    'saturday',
    'sunday',
    'start_date',
    'end_date',
  ],
  'calendar_dates.txt': ['service_id', 'date', 'exception_type'],
  'shapes.txt': ['shape_id', 'shape_pt_lat', 'shape_pt_lon', 'shape_pt_sequence'],
  'frequencies.txt': ['trip_id', 'start_time', 'end_time', 'headway_secs'],
  'transfers.txt': ['from_stop_id', 'to_stop_id', 'transfer_type'],
  'fare_attributes.txt': ['fare_id', 'price', 'currency_type'],
  'fare_rules.txt': ['fare_id'],
  'feed_info.txt': ['feed_publisher_name', 'feed_publisher_url', 'feed_lang'],
}

/** Without these there is no feed; beside them one of calendar.txt and calendar_dates.txt. */
export const GTFS_REQUIRED = ['agency.txt', 'stops.txt', 'routes.txt', 'trips.txt', 'stop_times.txt'] as const

/** Tables by file name, such as `stops.txt`. */
export type Feed = ReadonlyMap<string, CsvTable>

export type FeedResult =
  | { readonly ok: true; readonly feed: Feed; readonly unread: readonly string[] }
  | { readonly ok: false; readonly faults: readonly string[] }

/** The feed in the archive `bytes`, or every fault of its files, required ones absent and columns missing included. */
export function readFeed(bytes: Uint8Array, limits: ZipLimits = ZIP_LIMITS): FeedResult {
  const archive = readZip(bytes, limits)
  if (!archive.ok) return { ok: false, faults: [archive.detail] }
  const faults: string[] = absentFiles([...archive.files.keys()])
  const feed = new Map<string, CsvTable>()
  for (const [name, columns] of Object.entries(GTFS_FILES)) {
    const content = archive.files.get(name)
    if (content === undefined) continue
    const table = readTable(content)
    if (!table.ok) {
      faults.push(`${name} ${table.detail}`)
      continue
    }
    // An empty optional file, often a header alone, is the same as none.
    const missing =
      table.value.header.length === 0 ? [] : columns.filter((column) => !table.value.header.includes(column))
    if (missing.length > 0) faults.push(`${name} has no column ${missing.join(', ')}; the reader needs it`)
    feed.set(name, table.value)
  }
  if (faults.length > 0) return { ok: false, faults }
  const unread = [...archive.files.keys()].filter((name) => !Object.hasOwn(GTFS_FILES, name))
  return { ok: true, feed, unread }
}

/** The feed as an archive; equal tables give equal bytes. */
export function writeFeed(feed: Feed): Uint8Array {
  const encoder = new TextEncoder()
  return writeZip(new Map([...feed].map(([name, table]) => [name, encoder.encode(formatCsv(table))])))
}

/** A column of a table: its value in a row, empty where the table or the column is absent. */
export function columnOf(feed: Feed, file: string, column: string): (row: readonly string[]) => string {
  const index = feed.get(file)?.header.indexOf(column) ?? -1
  return index === -1 ? () => '' : (row) => (row[index] ?? '').trim()
}

/** The rows of a file; none when it is absent. */
export function rowsOf(feed: Feed, file: string): readonly (readonly string[])[] {
  return feed.get(file)?.rows ?? []
}

function absentFiles(names: readonly string[]): string[] {
  const faults = GTFS_REQUIRED.filter((name) => !names.includes(name)).map((name) => {
    const elsewhere = names.find((other) => other.endsWith(`/${name}`))
    return elsewhere === undefined
      ? `${name} is absent; a GTFS feed has it`
      : `${name} is absent at the top of the archive; ${elsewhere} lies in a folder, zip the files without it`
  })
  const hasCalendar = names.includes('calendar.txt') || names.includes('calendar_dates.txt')
  return hasCalendar
    ? faults
    : [...faults, 'calendar.txt and calendar_dates.txt are absent; a GTFS feed has one of them']
}

function readTable(content: Uint8Array): { ok: true; value: CsvTable } | { ok: false; detail: string } {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    return { ok: false, detail: 'is not UTF-8' }
  }
  try {
    const table = parseCsv(text)
    return { ok: true, value: { header: table.header.map((name) => name.trim()), rows: table.rows } }
  } catch (error) {
    if (!(error instanceof PantauError)) throw error
    return { ok: false, detail: error.message }
  }
}

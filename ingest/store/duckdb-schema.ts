// Tables of the file. One wide table a kind, a column a known metric; readings of unknown metrics in `other`. Devices are
// numbered, which makes rows small and lookups fast; a view a kind shows their names to whoever opens the file elsewhere.

import { PantauError } from '../../contract/errors.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import { CONTEXT_TEXTS, KNOWN_METRICS, NUMBER_COLUMNS } from './columns.ts'
import type { DuckDbFile, DuckDbSession } from './duckdb-connection.ts'

/** Raised with every change that an older program could not read. */
export const STORE_SCHEMA = 2

/** Columns of a kind's table before its numbers, in order. */
export const ROW_HEAD = ['device', 'time', 'arrival', 'time_is_arrival', ...CONTEXT_TEXTS] as const

export const quoted = (name: string): string => `"${name}"`

/** Columns of a kind's table in the order in which the file has them; metrics added later stand at the end. */
export type TableColumns = Readonly<Record<Kind, readonly string[]>>

const LEDGER = `
CREATE TABLE IF NOT EXISTS ledger (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS note (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS device (
  id INTEGER PRIMARY KEY, kind VARCHAR NOT NULL, device VARCHAR NOT NULL,
  high_water BIGINT NOT NULL, last_arrival BIGINT NOT NULL, conflicts BIGINT NOT NULL, latest VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS quarantine (
  id BIGINT NOT NULL, time BIGINT NOT NULL, reason VARCHAR NOT NULL, detail VARCHAR NOT NULL,
  topic VARCHAR NOT NULL, device VARCHAR, payload VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS state (
  device VARCHAR, start BIGINT, kind VARCHAR NOT NULL, stop BIGINT, state VARCHAR NOT NULL, cause VARCHAR,
  PRIMARY KEY (device, start));
ALTER TABLE state ADD COLUMN IF NOT EXISTS version VARCHAR DEFAULT '1';
DROP TABLE IF EXISTS flag;
CREATE TABLE IF NOT EXISTS quality_flag (
  id VARCHAR NOT NULL, device VARCHAR NOT NULL, metric VARCHAR NOT NULL, start BIGINT NOT NULL, stop BIGINT NOT NULL,
  flag VARCHAR NOT NULL, quality INTEGER NOT NULL, rule VARCHAR NOT NULL, version VARCHAR NOT NULL, note VARCHAR,
  made BIGINT NOT NULL, retired BIGINT);
CREATE TABLE IF NOT EXISTS unjudged_hour (device INTEGER NOT NULL, hour BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS other (
  device INTEGER NOT NULL, time BIGINT NOT NULL, arrival BIGINT NOT NULL, metric VARCHAR NOT NULL, value DOUBLE NOT NULL);
CREATE TABLE IF NOT EXISTS hourly (
  device INTEGER NOT NULL, metric VARCHAR NOT NULL, hour BIGINT NOT NULL,
  count BIGINT NOT NULL, scaled_sum DOUBLE NOT NULL, min DOUBLE NOT NULL, max DOUBLE NOT NULL);
ALTER TABLE hourly ADD COLUMN IF NOT EXISTS version VARCHAR DEFAULT '1';
CREATE TABLE IF NOT EXISTS hourly_retired (
  device INTEGER NOT NULL, metric VARCHAR NOT NULL, hour BIGINT NOT NULL, count BIGINT NOT NULL, scaled_sum DOUBLE NOT NULL,
  min DOUBLE NOT NULL, max DOUBLE NOT NULL, version VARCHAR NOT NULL, retired BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS marked_hour (device INTEGER NOT NULL, hour BIGINT NOT NULL);
`

/**
 * Creates what is missing; a metric that became known gets its column, and its readings move there from `other`. Throws
 * `store_damaged` for a file of a newer program.
 */
export async function prepareSchema(file: DuckDbFile): Promise<TableColumns> {
  const { writer } = file
  await refuseNewer(file)
  await writer.transaction(async () => {
    await writer.run(LEDGER)
    await writer.run('INSERT OR REPLACE INTO ledger VALUES (?, ?)', ['schema', String(STORE_SCHEMA)])
    for (const kind of KINDS) {
      await createTable(writer, kind)
      await addColumns(writer, kind)
    }
  })
  const columns: Record<string, readonly string[]> = {}
  for (const kind of KINDS) {
    columns[kind] = await columnsOf(writer, kind)
    await writer.run(
      `CREATE OR REPLACE VIEW ${kind}_readings AS SELECT device.device AS name, ${kind}.* FROM ${kind} JOIN device ON device.id = ${kind}.device`,
    )
  }
  return columns as TableColumns
}

async function refuseNewer({ writer, path }: DuckDbFile): Promise<void> {
  const tables = await writer.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'ledger'")
  if (tables.length === 0) return
  const [row] = await writer.rows("SELECT value FROM ledger WHERE key = 'schema'")
  const schema = Number(row?.[0] ?? STORE_SCHEMA)
  if (schema <= STORE_SCHEMA) return
  throw new PantauError(
    'store_damaged',
    `${path} is of store schema ${schema}, this program knows ${STORE_SCHEMA}; start the newer Pantau that wrote it`,
  )
}

async function createTable(writer: DuckDbSession, kind: Kind): Promise<void> {
  const numbers = NUMBER_COLUMNS[kind].map((column) => `${quoted(column)} DOUBLE`)
  const texts = CONTEXT_TEXTS.map((column) => `${quoted(column)} VARCHAR`)
  await writer.run(
    `CREATE TABLE IF NOT EXISTS ${kind} (device INTEGER NOT NULL, time BIGINT NOT NULL, arrival BIGINT NOT NULL, time_is_arrival BOOLEAN, ${[...texts, ...numbers].join(', ')})`,
  )
}

async function addColumns(writer: DuckDbSession, kind: Kind): Promise<void> {
  const present = new Set(await columnsOf(writer, kind))
  for (const metric of KNOWN_METRICS[kind].filter((metric) => !present.has(metric))) {
    await writer.run(`ALTER TABLE ${kind} ADD COLUMN ${quoted(metric)} DOUBLE`)
    const ofKind = `other.metric = '${metric}' AND other.device IN (SELECT id FROM device WHERE kind = '${kind}')`
    await writer.run(
      `UPDATE ${kind} SET ${quoted(metric)} = other.value FROM other WHERE ${ofKind} AND other.device = ${kind}.device AND other.time = ${kind}.time`,
    )
    await writer.run(`DELETE FROM other WHERE ${ofKind}`)
  }
}

async function columnsOf(session: DuckDbSession, kind: Kind): Promise<string[]> {
  const rows = await session.rows(
    `SELECT column_name FROM duckdb_columns() WHERE table_name = '${kind}' ORDER BY column_index`,
  )
  return rows.map(([name]) => String(name))
}

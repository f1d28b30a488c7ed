// The ledger in DuckDB: log position, counters, notes, quarantine and state spans. Everything here is written inside the
// transaction of the batch that it belongs to, so that it agrees with the readings after any crash.

import type { DeviceState, StateCause } from '../../contract/device-state.ts'
import type { QuarantineRow, StateSpan } from '../../contract/feed.ts'
import type { LogPosition } from '../../contract/log.ts'
import type { Quarantined, QuarantineReason } from '../../contract/observation.ts'
import { DAY, type TimeMs } from '../../contract/time.ts'
import { STATE_VERSION } from '../../domain/connectivity/device-state.ts'
import { type DuckDbSession, type Row, whole } from './duckdb-connection.ts'
import type { Store, StoredCounters, StoredSpan, WriteResult } from './store.ts'

/** What of a batch goes to the ledger. */
export interface LedgerBatch {
  readonly quarantined: readonly Quarantined[]
  readonly states: readonly StoredSpan[]
  readonly counters: Readonly<Record<string, number>>
  readonly notes: Readonly<Record<string, string | null>>
  readonly position: LogPosition | null
}

/** Kept of a message that was not taken (contract section 3). */
const PAYLOAD_LETTERS = 4_096
const QUARANTINE_KEPT_MS = 30 * DAY
/** Bounds what senders of rubbish can make of the disk: at 4 KiB each, 800 MB. The counters go on counting. */
const QUARANTINE_ROWS = 200_000

interface Totals {
  taken: number
  stored: number
  duplicates: number
  conflicts: number
  readonly quarantined: Partial<Record<QuarantineReason, number>>
  readonly notes: Record<string, number>
}

const nothing = (): Totals => ({
  taken: 0,
  stored: 0,
  duplicates: 0,
  conflicts: 0,
  quarantined: {},
  notes: {},
})

export class Ledger {
  #position: LogPosition | null = null
  #totals = nothing()
  /** The file has both. */
  #areKept = false
  #nextQuarantine = 1

  async load(session: DuckDbSession): Promise<void> {
    const position = await this.read(session, 'position')
    this.#position = position === null ? null : (JSON.parse(position) as LogPosition)
    const totals = await this.read(session, 'totals')
    this.#totals = totals === null ? nothing() : (JSON.parse(totals) as Totals)
    this.#areKept = position !== null && totals !== null
    const [row] = await session.rows('SELECT coalesce(max(id), 0) FROM quarantine')
    const last = Number((await this.read(session, 'quarantine')) ?? 0)
    this.#nextQuarantine = Math.max(Number(row?.[0] ?? 0), last) + 1
  }

  async read(session: DuckDbSession, key: string): Promise<string | null> {
    const [row] = await session.rows('SELECT value FROM ledger WHERE key = ?', [key])
    return row === undefined ? null : String(row[0])
  }

  async set(session: DuckDbSession, key: string, value: string): Promise<void> {
    await session.run('INSERT OR REPLACE INTO ledger VALUES (?, ?)', [key, value])
  }

  position(): LogPosition | null {
    return this.#position
  }

  counters(window_s: number | null): StoredCounters {
    const { taken, stored, duplicates, conflicts, quarantined, notes } = this.#totals
    const refused = Object.values(quarantined).reduce((sum, count) => sum + count, 0)
    return {
      observations: { received: taken + refused, taken, quarantined: { ...quarantined } },
      readings: { stored, duplicates, conflicts },
      ...(window_s === null ? {} : { window_s }),
      notes: { ...notes },
    }
  }

  /**
   * Writes a batch's part; `taken` and `result` are what became of its observations, `refused` how many of those in
   * quarantine count beyond one a row. Inside the caller's transaction; `load` again when that fails.
   */
  async write(session: DuckDbSession, batch: LedgerBatch, taken: number, result: WriteResult): Promise<void> {
    const totals = structuredClone(this.#totals)
    totals.taken += taken
    totals.stored += result.stored
    totals.duplicates += result.duplicates
    totals.conflicts += result.conflicts
    const refusedRows = batch.quarantined.filter(({ reason }) => reason === 'store_refused').length
    for (const { reason } of batch.quarantined)
      totals.quarantined[reason] = (totals.quarantined[reason] ?? 0) + 1
    // Several observations may have been merged into one refused row.
    if (result.refused > refusedRows) {
      totals.quarantined.store_refused =
        (totals.quarantined.store_refused ?? 0) + result.refused - refusedRows
    }
    for (const [name, count] of Object.entries(batch.counters))
      totals.notes[name] = (totals.notes[name] ?? 0) + count
    this.#totals = totals
    this.#position = batch.position ?? this.#position
    await this.#keep(session)
    await this.#quarantine(session, batch.quarantined)
    await this.putStates(session, batch.states)
    await this.#putNotes(session, batch.notes)
  }

  /** Writes totals and position; where both are there by an update, which costs a fifth of replacing them. */
  async #keep(session: DuckDbSession): Promise<void> {
    const [totals, position] = [JSON.stringify(this.#totals), JSON.stringify(this.#position)]
    if (this.#areKept) {
      await session.run(
        `UPDATE ledger SET value = CASE key WHEN 'totals' THEN ? ELSE ? END WHERE key IN ('totals', 'position')`,
        [totals, position],
      )
      return
    }
    await this.set(session, 'totals', totals)
    if (this.#position === null) return
    await this.set(session, 'position', position)
    this.#areKept = true
  }

  async #quarantine(session: DuckDbSession, rows: readonly Quarantined[]): Promise<void> {
    const first = this.#nextQuarantine
    this.#nextQuarantine += rows.length
    await session.append(
      'quarantine',
      [
        { type: 'bigint', values: rows.map((_, index) => first + index) },
        { type: 'bigint', values: rows.map((row) => row.arrival) },
        { type: 'text', values: rows.map((row) => row.reason) },
        { type: 'text', values: rows.map((row) => row.detail) },
        { type: 'text', values: rows.map((row) => row.topic) },
        { type: 'text', values: rows.map((row) => row.device) },
        { type: 'text', values: rows.map((row) => row.payload.slice(0, PAYLOAD_LETTERS)) },
      ],
      rows.length,
    )
  }

  /** Writes spans inside the caller's transaction; one of the same device and start is replaced. */
  async putStates(session: DuckDbSession, spans: readonly StoredSpan[]): Promise<void> {
    if (spans.length === 0) return
    // The last one given of a device and start is the one that stands.
    const last = [...new Map(spans.map((span) => [`${span.device} ${span.from}`, span])).values()]
    await session.stage(
      'new_state',
      'AS SELECT device, start, kind, stop, state, cause FROM state LIMIT 0',
      [
        { type: 'text', values: last.map((span) => span.device) },
        { type: 'bigint', values: last.map((span) => span.from) },
        { type: 'text', values: last.map((span) => span.kind) },
        { type: 'bigint', values: last.map((span) => span.to ?? Number.NaN) },
        { type: 'text', values: last.map((span) => span.state) },
        { type: 'text', values: last.map((span) => span.cause) },
      ],
      last.length,
    )
    await session.run(`INSERT OR REPLACE INTO state SELECT *, '${STATE_VERSION}' FROM new_state`)
  }

  async #putNotes(session: DuckDbSession, notes: Readonly<Record<string, string | null>>): Promise<void> {
    for (const [key, value] of Object.entries(notes)) {
      if (value === null) await session.run('DELETE FROM note WHERE key = ?', [key])
      else await session.run('INSERT OR REPLACE INTO note VALUES (?, ?)', [key, value])
    }
  }

  /** Removes what is kept for a time only, inside the caller's transaction. */
  async drop(session: DuckDbSession, now: TimeMs, statesBefore: TimeMs): Promise<void> {
    // The newest number is remembered, so that numbers of rows dropped are never given again.
    await this.set(session, 'quarantine', String(this.#nextQuarantine - 1))
    await session.run('DELETE FROM quarantine WHERE time < ? OR id < ?', [
      whole(now - QUARANTINE_KEPT_MS),
      whole(this.#nextQuarantine - QUARANTINE_ROWS),
    ])
    await session.run('DELETE FROM state WHERE stop < ?', [whole(statesBefore)])
    await session.run('DELETE FROM quality_flag WHERE stop < ?', [whole(statesBefore)])
  }

  async forget(session: DuckDbSession, devices: readonly string[]): Promise<void> {
    for (const device of devices) {
      for (const table of ['state', 'quality_flag', 'quarantine']) {
        await session.run(`DELETE FROM ${table} WHERE device = ?`, [device])
      }
    }
  }
}

export async function readNotes(session: DuckDbSession): Promise<Record<string, string>> {
  const rows = await session.rows('SELECT key, value FROM note')
  return Object.fromEntries(rows.map(([key, value]) => [String(key), String(value)]))
}

export async function readStates(
  session: DuckDbSession,
  filter: Parameters<Store['states']>[0],
): Promise<StateSpan[]> {
  const { devices } = filter
  const among =
    devices === undefined ? 'true' : `device IN (${['NULL', ...devices.map(() => '?')].join(', ')})`
  const rows = await session.rows(
    `SELECT device, start, stop, state, cause FROM state
     WHERE start < ? AND (stop IS NULL OR stop > ?) AND (? IS NULL OR device = ?) AND (? IS NULL OR kind = ?) AND ${among}
     ORDER BY start, device`,
    [
      whole(filter.to),
      whole(filter.from),
      ...[filter.device ?? null, filter.device ?? null],
      ...[filter.kind ?? null, filter.kind ?? null],
      ...(devices ?? []),
    ],
  )
  return rows.map(([device, from, to, state, cause]) => ({
    device: String(device),
    from: Number(from),
    ...(to === null || to === undefined ? {} : { to: Number(to) }),
    state: state as DeviceState,
    cause: cause as StateCause | null,
  }))
}

/** A page, newest first; null when the cursor is none of ours. */
export async function readQuarantine(
  session: DuckDbSession,
  filter: { readonly reason?: QuarantineReason; readonly limit: number; readonly cursor?: string },
): Promise<{ rows: QuarantineRow[]; next?: string } | null> {
  if (filter.cursor !== undefined && !/^\d{1,15}$/.test(filter.cursor)) return null
  const rows = await session.rows(
    `SELECT id, time, reason, detail, topic, device, payload FROM quarantine
     WHERE id < ? AND (? IS NULL OR reason = ?) ORDER BY id DESC LIMIT ?`,
    [
      whole(Number(filter.cursor ?? 9e15)),
      filter.reason ?? null,
      filter.reason ?? null,
      whole(filter.limit + 1),
    ],
  )
  const page = rows.slice(0, filter.limit).map(quarantineRow)
  const last = page.at(-1)
  return rows.length > filter.limit && last !== undefined
    ? { rows: page, next: String(last.id) }
    : { rows: page }
}

function quarantineRow([id, time, reason, detail, topic, device, payload]: Row): QuarantineRow {
  return {
    id: Number(id),
    time: Number(time),
    reason: reason as QuarantineReason,
    detail: String(detail),
    topic: String(topic),
    device: device === null || device === undefined ? null : String(device),
    payload: String(payload),
  }
}

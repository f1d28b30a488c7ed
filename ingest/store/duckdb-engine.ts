// The embedded engine: readings and ledger in one DuckDB file, a batch and its position in one transaction. A plain class, so
// that the thread around it (`store-thread.ts`) is only a shell. For InfluxDB it keeps the ledger, and of the readings only
// those that arrived lately, to know repetitions by. Longer than other files: it is the list of what the engine can do, each method
// a few lines that call the file of its subject.

import { mkdirSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type {
  DeviceDistributions,
  PartHealth,
  QualityFlag,
  QuarantineRow,
  Series,
  StateSpan,
  TransferRow,
} from '../../contract/feed.ts'
import type { LogPosition } from '../../contract/log.ts'
import { type Clock, DAY, HOUR, type TimeMs } from '../../contract/time.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import { rangesFingerprint } from './columns.ts'
import { readBuckets } from './duckdb-buckets.ts'
import { type DuckDbFile, isDiskFull, mustReopen, openDuckDb, whole } from './duckdb-connection.ts'
import { advanceDevices, type DeviceState, DeviceTable, latestOf } from './duckdb-devices.ts'
import { readDistributions } from './duckdb-distributions.ts'
import { type ExportPage, planExport, readExportPage } from './duckdb-export.ts'
import {
  appendUnjudged,
  badHours,
  type FlagsOfMetric,
  listFlags,
  markUnjudged,
  putFlags,
  rawQuarters,
  readFlags,
  replaceFlags,
  retireFlag,
  settleMarks,
  unjudgedDevices,
} from './duckdb-flags.ts'
import {
  appendMarks,
  clearMarks,
  closedMarks,
  dropRaw,
  type MarkedHour,
  markHours,
  refreshHours,
  retireHours,
  testedHoursOfAll,
} from './duckdb-hours.ts'
import { Ledger, type LedgerBatch, readNotes, readQuarantine, readStates } from './duckdb-ledger.ts'
import { readReadings, readTrack } from './duckdb-readings.ts'
import { writeRows } from './duckdb-rows.ts'
import { prepareSchema, type TableColumns } from './duckdb-schema.ts'
import { HOURLY_VERSION, type Span, ZoneHours } from './hours.ts'
import type { PackedRows } from './packed-rows.ts'
import {
  type DistributionQuestion,
  type FlagChanges,
  type FlagFilter,
  type JudgedStretch,
  type LatestDevice,
  type RowFilter,
  type Store,
  StoreAwayError,
  type StoredCounters,
  type StoredSpan,
  type TrackPoint,
  type UnjudgedDevice,
  type WriteResult,
} from './store.ts'
import { Turns } from './turns.ts'

export interface EngineOptions {
  readonly path: string
  /** IANA name. */
  readonly zone: string
  /** How long rows are kept by arrival, to know repetitions by; null: rows are the readings and stay until they are dropped. */
  readonly windowMs: number | null
}

/** A marked hour by the names that leave the engine. */
export interface NamedHour {
  readonly kind: Kind
  readonly device: string
  readonly hour: TimeMs
}

/** Hours refreshed in one transaction: about a second of work at most. */
const HOURS_AT_ONCE = 20_000
/** Of the rule of hourly rows in files that say none. */
const FIRST_VERSION: string = '1'
/** A reading is judged by those of this long before it, at most. */
const JUDGED_BY_MS = 2 * DAY
/** A write-ahead log shorter than this is not worth a checkpoint. */
const CHECKPOINT_WAL_BYTES = 8 * 1024 * 1024

export class DuckDbEngine {
  readonly #options: EngineOptions
  readonly #clock: Clock
  readonly #zone: ZoneHours
  readonly #devices = new DeviceTable()
  readonly #ledger = new Ledger()
  readonly #turns = new Turns()
  #file: DuckDbFile
  #columns: TableColumns
  /** Start of the oldest hour whose raw readings are all there. */
  #rawSince = 0
  /** The file is closed and must be opened again. */
  #broken = false
  /** Why nothing can be written now; null when it can. */
  #away: string | null = null
  /** Number of the last write: what is marked by an earlier one may be settled, what by a later one may not. */
  #change = 0

  private constructor(options: EngineOptions, clock: Clock, file: DuckDbFile, columns: TableColumns) {
    this.#options = options
    this.#clock = clock
    this.#zone = new ZoneHours(options.zone)
    this.#file = file
    this.#columns = columns
  }

  /** Opens or creates the file. Throws `store_damaged`. */
  static async open(options: EngineOptions, clock: Clock): Promise<DuckDbEngine> {
    mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 })
    const file = await openDuckDb(options.path)
    try {
      const engine = new DuckDbEngine(options, clock, file, await prepareSchema(file))
      await engine.#load()
      await engine.#remakeHoursOfOtherRules()
      return engine
    } catch (error) {
      file.close()
      throw error
    }
  }

  async #load(): Promise<void> {
    await this.#devices.load(this.#file.writer)
    await this.#ledger.load(this.#file.writer)
    this.#rawSince = Number((await this.#ledger.read(this.#file.writer, 'raw_since')) ?? 0)
  }

  /** Hourly means made in another time zone, with other plausible ranges or by an older rule are made anew; the old ones are kept. */
  async #remakeHoursOfOtherRules(): Promise<void> {
    const { writer } = this.#file
    const version = HOURLY_VERSION === FIRST_VERSION ? [] : [HOURLY_VERSION]
    const rules = JSON.stringify([this.#options.zone, rangesFingerprint(), ...version])
    const before = await this.#ledger.read(writer, 'hour_rules')
    if (before === rules) return
    await writer.transaction(async () => {
      await this.#ledger.set(writer, 'hour_rules', rules)
      if (before === null || this.#options.windowMs !== null) return
      await retireHours(writer, this.#rawSince, this.#clock.now())
      await writer.run('DELETE FROM marked_hour')
      const marks = new Set<string>()
      for (const kind of KINDS) {
        // Quarter hours, since an hour of another zone may begin at any of them.
        const quarters = await writer.rows(`SELECT DISTINCT device, (time // 900000) * 900000 FROM ${kind}`)
        for (const [device, time] of quarters) marks.add(`${device} ${this.#zone.hourStart(Number(time))}`)
      }
      const pairs = [...marks].map((mark) => mark.split(' ').map(Number) as [number, number])
      await writer.append(
        'marked_hour',
        [
          { type: 'integer', values: pairs.map(([device]) => device) },
          { type: 'bigint', values: pairs.map(([, hour]) => hour) },
        ],
        pairs.length,
      )
    })
    await this.#devices.load(writer)
  }

  /** One transaction, in the order of the calls; what it changed in memory is read again when it fails. */
  #write<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn(() => this.#file.writer.transaction(work))
  }

  /**
   * Runs `work` in its turn. After a failure memory is what the file says. A full disk makes the store away, not broken: the
   * same call may come again when there is room.
   */
  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      try {
        if (this.#broken) await this.#reopen()
        const result = await work()
        this.#away = null
        return result
      } catch (error) {
        await this.#recover(error)
        if (!isDiskFull(error)) throw error
        this.#away = `the disk of ${this.#options.path} is full; make room, what waits is stored then`
        throw new StoreAwayError(this.#away, { cause: error })
      }
    })
  }

  async #recover(error: unknown): Promise<void> {
    try {
      if (this.#broken || mustReopen(error)) await this.#reopen()
      else await this.#load()
    } catch {
      // Without a usable file the next call opens it again; what failed first is what the caller must know.
      this.#broken = true
    }
  }

  async #reopen(): Promise<void> {
    if (!this.#broken) this.#file.close()
    this.#broken = true
    this.#file = await openDuckDb(this.#options.path)
    this.#columns = await prepareSchema(this.#file)
    await this.#load()
    this.#broken = false
  }

  async position(): Promise<LogPosition | null> {
    return this.#ledger.position()
  }

  /**
   * Takes rows and ledger in one transaction. `refused`: observations that another store would not take, which stand in
   * the ledger's quarantine and not among the rows. `counted`: whether it is in the counters, which imports are not.
   */
  write(
    packed: readonly PackedRows[],
    ledger: LedgerBatch,
    refused: number,
    counted: boolean,
  ): Promise<WriteResult> {
    return this.#write(async () => {
      const { writer } = this.#file
      const total = { stored: 0, duplicates: 0, conflicts: 0, observations: 0 }
      const conflictsByDevice: Record<string, number> = {}
      const touched = new Set<DeviceState>()
      this.#change += 1
      for (const rows of packed) {
        const states = rows.devices.map((device) => this.#devices.obtain(rows.kind, device))
        const outcome = await writeRows(writer, rows, states, this.#columns[rows.kind])
        await markHours(writer, rows, states, outcome.written, this.#zone)
        await markUnjudged(writer, rows, states, outcome.written, this.#zone, this.#change)
        for (const [index, state] of states.entries()) {
          const conflicts = outcome.conflictsByDevice[index] ?? 0
          if (conflicts === 0) continue
          state.conflicts += conflicts
          conflictsByDevice[state.device] = conflicts
        }
        advanceDevices(rows, states)
        for (const state of states) touched.add(state)
        total.stored += outcome.stored
        total.duplicates += outcome.duplicates
        total.conflicts += outcome.conflicts
        total.observations += rows.observations.reduce((sum, count) => sum + count, 0)
      }
      await this.#devices.save(writer, [...touched])
      const { stored, duplicates, conflicts } = total
      const result = { stored, duplicates, conflicts, conflictsByDevice, refused }
      if (counted) await this.#ledger.write(writer, ledger, total.observations, result)
      return result
    })
  }

  async readings(
    period: Parameters<Store['readings']>[0],
  ): Promise<{ series: readonly Series[]; next?: TimeMs }> {
    const device = this.#devices.named(period.device)
    return device === undefined ? { series: [] } : readReadings(this.#file.reader, device, period)
  }

  async buckets(question: Parameters<Store['buckets']>[0]): Promise<readonly Series[]> {
    const device = this.#devices.named(question.device)
    return device === undefined
      ? []
      : readBuckets(this.#file.reader, device, question, this.#zone, this.#rawSince)
  }

  async distributions(question: DistributionQuestion): Promise<readonly DeviceDistributions[]> {
    const states = question.devices.map((device) => this.#devices.named(device))
    return readDistributions(this.#file.reader, states, question)
  }

  async latest(kind: Kind | null, since: TimeMs): Promise<readonly LatestDevice[]> {
    return [...this.#devices.all()]
      .filter((device) => (kind === null || device.kind === kind) && device.lastArrival >= since)
      .map(latestOf)
  }

  async states(filter: Parameters<Store['states']>[0]): Promise<readonly StateSpan[]> {
    return readStates(this.#file.reader, filter)
  }

  putStates(spans: readonly StoredSpan[]): Promise<void> {
    return this.#write(() => this.#ledger.putStates(this.#file.writer, spans))
  }

  /** In its turn, so that what is marked by a write that is under way is not said before it is committed. */
  unjudged(limit: number): Promise<readonly UnjudgedDevice[]> {
    return this.#turn(async () => unjudgedDevices(this.#devices, limit))
  }

  async judge(judged: JudgedStretch): Promise<FlagChanges> {
    const device = this.#devices.named(judged.device)
    if (device === undefined) return { set: 0, removed: 0, retired: 0, hours: [] }
    const { changes, settled } = await this.#write(async () => {
      const { writer } = this.#file
      const changes = await replaceFlags(writer, this.#judgeable(judged), this.#zone)
      return { changes, settled: await settleMarks(writer, device, judged.hours) }
    })
    for (const hour of settled) device.unjudged.delete(hour)
    device.judgedAt = judged.at
    return changes
  }

  /** Where raw readings are gone, what they were judged to be stands: nothing that is found without them counts. */
  #judgeable(judged: JudgedStretch): JudgedStretch {
    const since = this.#rawSince === 0 ? 0 : this.#rawSince + JUDGED_BY_MS
    if (judged.from >= since) return judged
    return { ...judged, from: since, flags: judged.flags.filter(({ from }) => from >= since) }
  }

  /** Inside a transaction: the means of those hours are made anew. */
  async #markForMeans(device: DeviceState, hours: readonly TimeMs[]): Promise<void> {
    const marks = hours
      .filter((hour) => hour >= this.#rawSince && !device.marked.has(hour))
      .map((hour) => ({ device, hour }))
    for (const { hour } of marks) device.marked.add(hour)
    await appendMarks(this.#file.writer, 'marked_hour', marks)
  }

  async flags(filter: FlagFilter): Promise<readonly QualityFlag[]> {
    return listFlags(this.#file.reader, filter)
  }

  async putFlag(flag: QualityFlag): Promise<void> {
    await this.#write(async () => {
      await putFlags(this.#file.writer, [flag])
      await this.#markForFlag(flag)
    })
  }

  async retireFlag(id: string, at: TimeMs): Promise<QualityFlag | null> {
    return this.#write(async () => {
      const flag = await retireFlag(this.#file.writer, id, at)
      if (flag !== null) await this.#markForFlag(flag)
      return flag
    })
  }

  async #markForFlag(flag: QualityFlag): Promise<void> {
    const device = this.#devices.named(flag.device)
    // Hours that have not begun have no means yet.
    const to = Math.min(flag.to, this.#clock.now() + HOUR)
    const from = Math.max(flag.from, this.#rawSince)
    if (device === undefined || from >= to) return
    const hours = badHours([{ ...flag, from, to }], this.#zone)
    await this.#markForMeans(device, hours)
  }

  /** Marks the hours of sensors' raw readings in [from, to) to be judged; returns how many. */
  async judgeAgain(from: TimeMs, to: TimeMs, only?: string): Promise<number> {
    const device = only === undefined ? null : this.#devices.named(only)
    if (device === undefined) return 0
    const quarters = await rawQuarters(this.#file.reader, { from, to }, device?.id ?? null)
    return this.markRaw(
      quarters.flatMap(([id, quarter]) => {
        const device = this.#devices.withId(id)
        return device === undefined ? [] : [[device.device, this.#zone.hourStart(quarter)] as const]
      }),
    )
  }

  /** Marks hours of sensors to be judged; returns how many there are, each once. */
  async markRaw(hours: readonly (readonly [device: string, hour: TimeMs])[]): Promise<number> {
    return this.#write(async () => {
      this.#change += 1
      const marks: MarkedHour[] = []
      const all = new Set<string>()
      for (const [name, hour] of hours) {
        const device = this.#devices.named(name)
        if (device?.kind !== 'sensor') continue
        all.add(`${name} ${hour}`)
        if (!device.unjudged.has(hour)) marks.push({ device, hour })
        device.unjudged.set(hour, this.#change)
      }
      await appendUnjudged(this.#file.writer, marks)
      return all.size
    })
  }

  async quarantine(
    filter: Parameters<Store['quarantine']>[0],
  ): Promise<{ rows: readonly QuarantineRow[]; next?: string } | null> {
    return readQuarantine(this.#file.reader, filter)
  }

  async counters(): Promise<StoredCounters> {
    return this.#ledger.counters(this.#options.windowMs === null ? null : this.#options.windowMs / 1_000)
  }

  async notes(): Promise<Readonly<Record<string, string>>> {
    return readNotes(this.#file.reader)
  }

  async track(device: string, from: TimeMs, to: TimeMs): Promise<readonly TrackPoint[]> {
    const state = this.#devices.named(device)
    return state === undefined ? [] : readTrack(this.#file.reader, state, { from, to })
  }

  /** Pages of an export, to be read one by one with `exportPage`. */
  async planExport(filter: RowFilter): Promise<readonly ExportPage[]> {
    const device = this.#exported(filter)
    return device === undefined ? [] : planExport(this.#file.reader, filter, device)
  }

  async exportPage(page: ExportPage, filter: RowFilter): Promise<readonly TransferRow[]> {
    const device = this.#exported(filter)
    return device === undefined ? [] : readExportPage(this.#file.reader, page, device)
  }

  /** Null for all devices, undefined for one that is not known. */
  #exported(filter: RowFilter): DeviceState | null | undefined {
    return filter.device === undefined ? null : this.#devices.named(filter.device)
  }

  async forget(devices: readonly string[]): Promise<void> {
    await this.#write(async () => {
      const { writer } = this.#file
      const gone = [...this.#devices.all()].filter(({ device }) => devices.includes(device))
      for (const table of [...KINDS, 'other', 'hourly', 'hourly_retired', 'marked_hour', 'unjudged_hour']) {
        for (const { id } of gone) await writer.run(`DELETE FROM ${table} WHERE device = ?`, [id])
      }
      for (const { id } of gone) await writer.run('DELETE FROM device WHERE id = ?', [id])
      await this.#ledger.forget(writer, devices)
      // Before the next write has its turn: it would update rows of devices that are gone.
      await this.#devices.load(writer)
    })
  }

  async dropBefore(raw: TimeMs, hourly: TimeMs): Promise<void> {
    const rawSince = Math.max(this.#rawSince, this.#zone.hourStart(raw))
    while (this.#options.windowMs === null && (await this.#refresh(rawSince)) > 0) {
      // One transaction after the other, so that writing goes on in between.
    }
    if (this.#options.windowMs === null) await this.#leaveOutTested(rawSince)
    await this.#write(async () => {
      const { writer } = this.#file
      await this.#ledger.set(writer, 'raw_since', String(rawSince))
      await dropRaw(writer, rawSince)
      for (const table of ['hourly', 'hourly_retired'])
        await writer.run(`DELETE FROM ${table} WHERE hour < ?`, [whole(this.#zone.hourStart(hourly))])
      await this.#ledger.drop(writer, this.#clock.now(), hourly)
      this.#rawSince = rawSince
    })
  }

  /** Rows of hours whose raw readings go at `rawSince` are made without what tests call bad: nobody can tell it apart later. */
  async #leaveOutTested(rawSince: TimeMs): Promise<void> {
    const hours = await this.#tested(rawSince)
    for (let from = 0; from < hours.length; from += HOURS_AT_ONCE) {
      const part = hours.slice(from, from + HOURS_AT_ONCE)
      await this.#write(() => refreshHours(this.#file.writer, part, this.#zone, this.#rawSince, true))
      unmark(part)
    }
  }

  #tested(to: TimeMs): Promise<MarkedHour[]> {
    return testedHoursOfAll(this.#file.writer, this.#devices, { from: this.#rawSince, to }, this.#zone)
  }

  /** Hours before `to` whose raw readings are there, and hold what tests call bad, for a store that keeps hourly rows elsewhere. */
  async testedHours(to: TimeMs): Promise<readonly NamedHour[]> {
    return (await this.#tested(to)).map(namedHour)
  }

  /** Makes rows of marked hours that are over at `now`; returns how many. */
  async #refresh(now: TimeMs): Promise<number> {
    return this.#turn(async () => {
      const marks = closedMarks(this.#devices, now, HOURS_AT_ONCE)
      await this.#file.writer.transaction(() =>
        refreshHours(this.#file.writer, marks, this.#zone, this.#rawSince),
      )
      unmark(marks)
      return marks.length
    })
  }

  /** Marked hours that are over, oldest first, for a store that keeps hourly rows elsewhere. */
  async markedHours(limit: number): Promise<readonly NamedHour[]> {
    return closedMarks(this.#devices, this.#clock.now(), limit).map(namedHour)
  }

  /** Starts of one device's marked hours. */
  async marksOf(device: string): Promise<readonly TimeMs[]> {
    return [...(this.#devices.named(device)?.marked ?? [])]
  }

  async clearMarks(hours: readonly NamedHour[]): Promise<void> {
    const marks = hours.map(({ kind, device, hour }) => ({
      device: this.#devices.obtain(kind, device),
      hour,
    }))
    await this.#write(() => clearMarks(this.#file.writer, marks))
    unmark(marks)
  }

  /** Kind and metrics of a device, and its flags in a stretch of time; null when it is not known. */
  async deviceWithFlags(
    name: string,
    span: Span,
  ): Promise<{
    readonly kind: Kind
    readonly metrics: readonly string[]
    readonly flags: FlagsOfMetric
  } | null> {
    const device = this.#devices.named(name)
    if (device === undefined) return null
    const flags = await readFlags(this.#file.reader, name, span.from, span.to)
    return { kind: device.kind, metrics: [...device.values.keys()], flags }
  }

  async rawSince(): Promise<TimeMs> {
    return this.#rawSince
  }

  async bytes(): Promise<number> {
    return sizeOf(this.#options.path) + sizeOf(this.#walPath())
  }

  async checkpoint(): Promise<void> {
    const now = this.#clock.now()
    const { windowMs } = this.#options
    if (windowMs === null) {
      while ((await this.#refresh(now)) === HOURS_AT_ONCE) {
        // As above.
      }
    } else await this.#write(() => this.#dropArrivalsBefore(now - windowMs))
    const walBytes = sizeOf(this.#walPath())
    if (walBytes < CHECKPOINT_WAL_BYTES) return
    // A checkpoint that finds the disk full breaks the database until it is opened again.
    if (freeBytes(this.#options.path) < walBytes) return
    await this.#turn(() => this.#file.writer.run('CHECKPOINT'))
  }

  async #dropArrivalsBefore(arrival: TimeMs): Promise<void> {
    for (const table of [...KINDS, 'other']) {
      await this.#file.writer.run(`DELETE FROM ${table} WHERE arrival < ?`, [whole(arrival)])
    }
  }

  #walPath(): string {
    return `${this.#options.path}.wal`
  }

  async health(): Promise<PartHealth> {
    if (this.#away !== null) return { ok: false, detail: this.#away }
    try {
      await this.#file.reader.rows('SELECT 1')
      return { ok: true, detail: 'answers' }
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) }
    }
  }

  /** Waits for what writes, then closes the file, which checkpoints it. */
  async close(): Promise<void> {
    await this.#turns.take(async () => {
      if (!this.#broken) this.#file.close()
    })
  }
}

function namedHour({ device, hour }: MarkedHour): NamedHour {
  return { kind: device.kind, device: device.device, hour }
}

function unmark(marks: readonly MarkedHour[]): void {
  for (const { device, hour } of marks) device.marked.delete(hour)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path))
  return bavail * bsize
}

/** Arrivals within which an InfluxDB store knows repetitions (contract section 4). */
export const WINDOW_MS = DAY

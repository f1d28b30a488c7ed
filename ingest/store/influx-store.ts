// `influxdb1` and `influxdb2`: readings in InfluxDB, the ledger in the data folder. Lines are written first, where a point
// written twice is one point, and the ledger commits after the server has confirmed: a crash in between repeats the batch and
// changes nothing. InfluxDB overwrites silently, so repetitions are known by what arrived here within 24 h.

import { escape as influxQl } from 'influx'
import type { TransferRow } from '../../contract/feed.ts'
import type { Quarantined } from '../../contract/observation.ts'
import { HOUR } from '../../contract/time.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import type { NamedHour } from './duckdb-engine.ts'
import { badSpans } from './duckdb-flags.ts'
import type { LedgerBatch } from './duckdb-ledger.ts'
import { EMPTY_LEDGER, ledgerOf } from './duckdb-store.ts'
import type { Engine } from './engine-door.ts'
import { ZoneHours } from './hours.ts'
import { distributionsByReading } from './influx-distributions.ts'
import { freshHourlyLines } from './influx-hours.ts'
import { hourlyMeasurement, linesOf, transferRowsOf } from './influx-lines.ts'
import {
  type InfluxDevice,
  readInfluxBuckets,
  readInfluxReadings,
  readInfluxTrack,
  readParts,
  sourceOf,
  within,
} from './influx-read.ts'
import type { InfluxServer } from './influx-server.ts'
import { type PackedRows, packObservations, packTransferRows, selectRows } from './packed-rows.ts'
import {
  type DevicePeriod,
  type RowFilter,
  type Store,
  StoreAwayError,
  type WriteBatch,
  type WriteResult,
} from './store.ts'
import { Turns } from './turns.ts'

export interface InfluxVillage {
  readonly id: string
  readonly timezone: string
}

/** Lines in one request; InfluxDB's own advice is 5,000 to 10,000. */
const LINES_AT_ONCE = 5_000
/** Hours whose rows are made in one turn, while writing waits. */
const HOURS_AT_ONCE = 1_000
const EXPORT_ROWS = 10_000

export class InfluxStore implements Store {
  readonly name: string
  readonly #server: InfluxServer
  readonly #ledger: Engine
  readonly #village: InfluxVillage
  readonly #zone: ZoneHours
  readonly #turns = new Turns()
  /** Why the last write failed; null when it did not. */
  #away: string | null = null
  readonly position: Store['position']
  readonly latest: Store['latest']
  readonly states: Store['states']
  readonly putStates: Store['putStates']
  readonly unjudged: Store['unjudged']
  readonly judge: Store['judge']
  readonly flags: Store['flags']
  readonly putFlag: Store['putFlag']
  readonly retireFlag: Store['retireFlag']
  readonly quarantine: Store['quarantine']
  readonly counters: Store['counters']
  readonly notes: Store['notes']

  /** `ledger`: the embedded engine, which keeps rows for the window of arrivals only. */
  constructor(server: InfluxServer, ledger: Engine, village: InfluxVillage) {
    this.name = server.name
    this.#server = server
    this.#ledger = ledger
    this.#village = village
    this.#zone = new ZoneHours(village.timezone)
    this.position = () => ledger.position()
    this.latest = (kind, since) => ledger.latest(kind, since)
    this.states = (filter) => ledger.states(filter)
    this.putStates = (spans) => ledger.putStates(spans)
    this.unjudged = (limit) => ledger.unjudged(limit)
    this.judge = (judged) => ledger.judge(judged)
    this.flags = (filter) => ledger.flags(filter)
    this.putFlag = (flag) => ledger.putFlag(flag)
    this.retireFlag = (id, at) => ledger.retireFlag(id, at)
    this.quarantine = (filter) => ledger.quarantine(filter)
    this.counters = () => ledger.counters()
    this.notes = () => ledger.notes()
  }

  write(batch: WriteBatch): Promise<WriteResult> {
    return this.#turns.take(() => this.#write(packObservations(batch.observations), ledgerOf(batch), true))
  }

  importRows(rows: readonly TransferRow[]): Promise<WriteResult> {
    return this.#turns.take(() => this.#write(packTransferRows(rows), EMPTY_LEDGER, false))
  }

  async #write(packed: readonly PackedRows[], ledger: LedgerBatch, counted: boolean): Promise<WriteResult> {
    const taken: PackedRows[] = []
    const quarantined: Quarantined[] = []
    let refused = 0
    for (const rows of packed) {
      const lines = linesOf(rows)
      const details = await this.#send(lines)
      if (details.size === 0) {
        taken.push(rows)
        continue
      }
      for (const [row, detail] of details) {
        refused += rows.observations[row] ?? 0
        quarantined.push(this.#refusal(rows, row, lines[row] ?? '', detail))
      }
      const good = Array.from({ length: rows.count }, (_, row) => row).filter((row) => !details.has(row))
      taken.push(selectRows(rows, good))
    }
    const whole = { ...ledger, quarantined: [...ledger.quarantined, ...quarantined] }
    return this.#ledger.write(taken, whole, refused, counted)
  }

  /** Why a line was refused for ever, by its index. Throws StoreAwayError. */
  async #send(lines: readonly string[]): Promise<Map<number, string>> {
    const refused = new Map<number, string>()
    try {
      for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
        await this.#sendPart(lines, from, Math.min(from + LINES_AT_ONCE, lines.length), refused)
      }
      this.#away = null
    } catch (error) {
      if (error instanceof StoreAwayError) this.#away = error.message
      throw error
    }
    return refused
  }

  /** Halves what is refused until the bad lines stand alone; the good ones are written again, which changes nothing. */
  async #sendPart(
    lines: readonly string[],
    from: number,
    to: number,
    refused: Map<number, string>,
  ): Promise<void> {
    const answer = await this.#server.write(lines.slice(from, to).join('\n'))
    if (answer.ok) return
    if (to - from === 1) {
      refused.set(from, answer.detail)
      return
    }
    const middle = from + Math.ceil((to - from) / 2)
    await this.#sendPart(lines, from, middle, refused)
    await this.#sendPart(lines, middle, to, refused)
  }

  #refusal(rows: PackedRows, row: number, line: string, detail: string): Quarantined {
    const device = rows.devices[rows.device[row] ?? 0] ?? ''
    return {
      reason: 'store_refused',
      detail: `InfluxDB refused the point: ${detail}`,
      topic: `pantau/${this.#village.id}/${rows.kind}/${device}/reading`,
      device,
      arrival: rows.arrival[row] ?? 0,
      payload: line,
    }
  }

  async readings(period: Parameters<Store['readings']>[0]): ReturnType<Store['readings']> {
    const known = await this.#deviceOf(period)
    return known === null ? { series: [] } : readInfluxReadings(this.#server, known, period, known.flags)
  }

  async buckets(question: Parameters<Store['buckets']>[0]): ReturnType<Store['buckets']> {
    const known = await this.#deviceOf(question)
    if (known === null) return []
    const marked = await this.#ledger.marksOf(question.device)
    const rawSince = await this.#ledger.rawSince()
    return readInfluxBuckets(this.#server, known, question, marked, this.#zone, known.flags, rawSince)
  }

  distributions(question: Parameters<Store['distributions']>[0]): ReturnType<Store['distributions']> {
    return distributionsByReading((period) => this.readings(period), question)
  }

  /** The device with the metrics to look for. */
  async #deviceOf(
    period: DevicePeriod,
  ): Promise<
    (InfluxDevice & Pick<NonNullable<Awaited<ReturnType<Engine['deviceWithFlags']>>>, 'flags'>) | null
  > {
    const known = await this.#ledger.deviceWithFlags(period.device, { from: period.from, to: period.to })
    if (known === null) return null
    return { ...known, device: period.device, metrics: [...new Set(period.metrics ?? known.metrics)] }
  }

  async track(device: string, from: number, to: number): ReturnType<Store['track']> {
    const known = await this.#deviceOf({ device, from, to })
    return known === null ? [] : readInfluxTrack(this.#server, known, { from, to })
  }

  /** Hours that have readings are asked of the server, a device at a time: the ledger holds those of a day. */
  async judgeAgain(from: number, to: number, only?: string): Promise<number> {
    const sensors = await this.#ledger.latest('sensor', 0)
    let marked = 0
    for (const { device, values } of sensors) {
      if (only !== undefined && device !== only) continue
      const known = { kind: 'sensor' as const, device, metrics: Object.keys(values) }
      const parts = await readParts(this.#server, known, [{ from, to }], HOUR, this.#zone, new Map())
      const hours = new Set(parts.map(({ start }) => this.#zone.hourStart(start)))
      marked += await this.#ledger.markRaw([...hours].map((hour) => [device, hour] as const))
    }
    return marked
  }

  async *exportRows(filter: RowFilter): AsyncIterable<TransferRow> {
    for (const kind of KINDS) {
      if (filter.kind === undefined || filter.kind === kind) yield* this.#exportKind(kind, filter)
    }
  }

  async *#exportKind(kind: Kind, filter: RowFilter): AsyncIterable<TransferRow> {
    const device = filter.device === undefined ? '' : ` AND "device" = ${influxQl.stringLit(filter.device)}`
    let from = filter.from
    let limit = EXPORT_ROWS
    for (;;) {
      const [tables] = await this.#server.query([
        `SELECT * FROM ${sourceOf(this.#server, kind)} WHERE ${within({ from, to: filter.to })}${device} LIMIT ${limit}`,
      ])
      const table = tables?.[0]
      if (table === undefined) return
      const rows = transferRowsOf(kind, table)
      const last = rows.at(-1)
      if (last === undefined || table.rows.length < limit) {
        yield* rows
        return
      }
      // Rows of the last time may go on behind the limit: they come with the next page.
      const whole = rows.filter(({ time }) => time < last.time)
      yield* whole
      limit = whole.length === 0 ? limit * 2 : EXPORT_ROWS
      from = last.time
    }
  }

  async forget(devices: readonly string[]): Promise<void> {
    await this.#turns.take(async () => {
      for (const device of devices) {
        for (const kind of KINDS) {
          await this.#server.remove({ measurement: kind, device })
          await this.#server.remove({ measurement: hourlyMeasurement(kind), device })
        }
      }
      await this.#ledger.forget(devices)
    })
  }

  async dropBefore(raw: number, hourly: number): Promise<void> {
    const rawSince = Math.max(await this.#ledger.rawSince(), this.#zone.hourStart(raw))
    await this.#refreshAll()
    const tested = await this.#ledger.testedHours(rawSince)
    for (let from = 0; from < tested.length; from += HOURS_AT_ONCE) {
      // Their raw readings go, and with them what tests call bad can be told apart no more.
      const part = tested.slice(from, from + HOURS_AT_ONCE)
      await this.#turns.take(() => this.#makeHours(part, true))
    }
    await this.#turns.take(async () => {
      for (const kind of KINDS) {
        await this.#server.remove({ measurement: kind, before: rawSince })
        await this.#server.remove({
          measurement: hourlyMeasurement(kind),
          before: this.#zone.hourStart(hourly),
        })
      }
      await this.#ledger.dropBefore(raw, hourly)
    })
  }

  async checkpoint(): Promise<void> {
    await this.#refreshAll()
    await this.#turns.take(() => this.#ledger.checkpoint())
  }

  async #refreshAll(): Promise<void> {
    while ((await this.#turns.take(() => this.#refresh())) === HOURS_AT_ONCE) {
      // One turn after the other, so that writing goes on in between.
    }
  }

  /** Makes hourly rows of marked hours that are over; returns how many hours. */
  async #refresh(): Promise<number> {
    const hours = await this.#ledger.markedHours(HOURS_AT_ONCE)
    if (hours.length > 0) await this.#makeHours(hours, false)
    return hours.length
  }

  /** Makes hourly rows anew; `withTests`: without what tests call bad too, not only what is bad by hand. */
  async #makeHours(hours: readonly NamedHour[], withTests: boolean): Promise<void> {
    const latest = await this.#ledger.latest(null, 0)
    const metrics = new Map(latest.map(({ device, values }) => [device, Object.keys(values)]))
    const rawSince = await this.#ledger.rawSince()
    const lines = await freshHourlyLines(
      this.#server,
      hours,
      metrics,
      this.#zone,
      rawSince,
      async (device, span) =>
        badSpans((await this.#ledger.deviceWithFlags(device, span))?.flags ?? new Map(), withTests),
    )
    const refused = await this.#send(lines)
    for (const detail of refused.values())
      throw new Error(`InfluxDB refused an hourly row of ours: ${detail}`)
    if (hours.some(({ hour }) => hour < rawSince)) {
      for (const kind of KINDS) await this.#server.remove({ measurement: kind, before: rawSince })
    }
    await this.#ledger.clearMarks(hours)
  }

  /** InfluxDB 1.x and 2.x have no question for it that costs nothing. */
  async bytes(): Promise<null> {
    return null
  }

  async health(): ReturnType<Store['health']> {
    if (this.#away !== null) return { ok: false, detail: this.#away }
    try {
      await this.#server.query(['SHOW MEASUREMENTS LIMIT 1'])
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) }
    }
    return this.#ledger.health()
  }

  async close(): Promise<void> {
    await this.#turns.take(() => this.#ledger.close())
  }
}

// `duckdb`: readings and ledger in one file of the data folder; a batch and its position are one transaction.

import type { TransferRow } from '../../contract/feed.ts'
import type { LedgerBatch } from './duckdb-ledger.ts'
import type { Engine } from './engine-door.ts'
import { packObservations, packTransferRows } from './packed-rows.ts'
import type { RowFilter, Store, WriteBatch, WriteResult } from './store.ts'

export class DuckDbStore implements Store {
  readonly name = 'duckdb'
  readonly #engine: Engine
  readonly position: Store['position']
  readonly readings: Store['readings']
  readonly buckets: Store['buckets']
  readonly distributions: Store['distributions']
  readonly latest: Store['latest']
  readonly states: Store['states']
  readonly putStates: Store['putStates']
  readonly unjudged: Store['unjudged']
  readonly judge: Store['judge']
  readonly judgeAgain: Store['judgeAgain']
  readonly flags: Store['flags']
  readonly putFlag: Store['putFlag']
  readonly retireFlag: Store['retireFlag']
  readonly quarantine: Store['quarantine']
  readonly counters: Store['counters']
  readonly notes: Store['notes']
  readonly track: Store['track']
  readonly forget: Store['forget']
  readonly dropBefore: Store['dropBefore']
  readonly bytes: Store['bytes']
  readonly checkpoint: Store['checkpoint']
  readonly health: Store['health']
  readonly close: Store['close']

  constructor(engine: Engine) {
    this.#engine = engine
    this.position = () => engine.position()
    this.readings = (period) => engine.readings(period)
    this.buckets = (period) => engine.buckets(period)
    this.distributions = (question) => engine.distributions(question)
    this.latest = (kind, since) => engine.latest(kind, since)
    this.states = (filter) => engine.states(filter)
    this.putStates = (spans) => engine.putStates(spans)
    this.unjudged = (limit) => engine.unjudged(limit)
    this.judge = (judged) => engine.judge(judged)
    this.judgeAgain = (from, to, device) => engine.judgeAgain(from, to, device)
    this.flags = (filter) => engine.flags(filter)
    this.putFlag = (flag) => engine.putFlag(flag)
    this.retireFlag = (id, at) => engine.retireFlag(id, at)
    this.quarantine = (filter) => engine.quarantine(filter)
    this.counters = () => engine.counters()
    this.notes = () => engine.notes()
    this.track = (device, from, to) => engine.track(device, from, to)
    this.forget = (devices) => engine.forget(devices)
    this.dropBefore = (raw, hourly) => engine.dropBefore(raw, hourly)
    this.bytes = () => engine.bytes()
    this.checkpoint = () => engine.checkpoint()
    this.health = () => engine.health()
    this.close = () => engine.close()
  }

  async write(batch: WriteBatch): Promise<WriteResult> {
    return this.#engine.write(packObservations(batch.observations), ledgerOf(batch), 0, true)
  }

  async importRows(rows: readonly TransferRow[]): Promise<WriteResult> {
    return this.#engine.write(packTransferRows(rows), EMPTY_LEDGER, 0, false)
  }

  async *exportRows(filter: RowFilter): AsyncIterable<TransferRow> {
    for (const page of await this.#engine.planExport(filter))
      yield* await this.#engine.exportPage(page, filter)
  }
}

export const EMPTY_LEDGER: LedgerBatch = {
  quarantined: [],
  states: [],
  counters: {},
  notes: {},
  position: null,
}

/** What of a batch goes to the ledger. */
export function ledgerOf(batch: WriteBatch): LedgerBatch {
  return {
    quarantined: batch.quarantined,
    states: batch.states,
    counters: batch.counters ?? {},
    notes: batch.notes ?? {},
    position: batch.position,
  }
}

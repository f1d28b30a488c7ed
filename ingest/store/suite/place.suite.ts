// The store under test, one for each test, and how tests write observations.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { QualityFlag, Series, TransferRow } from '../../../contract/feed.ts'
import type { Observation } from '../../../contract/observation.ts'
import { type Clock, DAY } from '../../../contract/time.ts'
import type { Kind } from '../../../contract/topics.ts'
import type { Store, WriteBatch } from '../store.ts'

export interface SuitePlace {
  readonly folder: string
  readonly zone: string
  readonly clock: Clock
}

export interface SuiteEngine {
  readonly name: string
  /** Opens a store whose readings are kept apart from those of other folders. */
  readonly open: (place: SuitePlace) => Promise<Store>
  /** Properties are tried this often. */
  readonly runs: number
}

/** Tuesday 2026-11-24 08:00 in Jakarta. */
export const NOW = Date.parse('2026-11-24T01:00:00.000Z')

export function observation(
  device: string,
  time: number,
  values: Readonly<Record<string, number>>,
  more: Partial<Observation> = {},
): Observation {
  return { kind: 'sensor', device, time, arrival: Math.max(time, NOW), timeIsArrival: false, values, ...more }
}

export function batchOf(observations: readonly Observation[], more: Partial<WriteBatch> = {}): WriteBatch {
  return { observations, quarantined: [], states: [], position: null, ...more }
}

/** A bad flag as a person sets it. */
export function flagByHand(
  flag: Pick<QualityFlag, 'device' | 'metric' | 'from' | 'to'> & Partial<QualityFlag>,
): QualityFlag {
  const id = `hand-${flag.device}-${flag.metric}-${flag.from}`
  return { id, flag: 'manual', quality: 4, rule: 'hand', version: 'sari', note: null, made: NOW, ...flag }
}

const JAKARTA = 'Asia/Jakarta'

export class Suite {
  readonly runs: number
  readonly #engine: SuiteEngine
  #opened: { readonly store: Store; readonly folder: string } | null = null
  readonly #folders: string[] = []
  now = NOW

  constructor(engine: SuiteEngine) {
    this.#engine = engine
    this.runs = engine.runs
  }

  get store(): Store {
    if (this.#opened === null) throw new Error('no store is open')
    return this.#opened.store
  }

  async open(): Promise<void> {
    this.now = NOW
    await this.#open(JAKARTA, this.#newFolder())
  }

  /** Closes the store and opens it again where it was. */
  async reopen(): Promise<void> {
    const folder = this.#opened?.folder ?? this.#newFolder()
    await this.store.close()
    await this.#open(JAKARTA, folder)
  }

  /** Another, empty store in another time zone. */
  async move(zone: string): Promise<void> {
    await this.store.close()
    await this.#open(zone, this.#newFolder())
  }

  #newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'pantau-store-'))
    this.#folders.push(folder)
    return folder
  }

  async #open(zone: string, folder: string): Promise<void> {
    this.#opened = null
    const clock: Clock = { now: () => this.now, monotonicMs: () => this.now }
    this.#opened = { store: await this.#engine.open({ folder, zone, clock }), folder }
  }

  async dispose(): Promise<void> {
    await this.#opened?.store.close()
    this.#opened = null
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  }

  /** All raw series of a device. */
  async raw(device: string, from = 0, to = NOW + DAY): Promise<readonly Series[]> {
    return (await this.store.readings({ device, from, to, limit: 100_000 })).series
  }
}

/** All that an export yields. */
export async function rowsOf(
  store: Store,
  filter: { kind?: Kind; device?: string; from?: number; to?: number } = {},
): Promise<TransferRow[]> {
  const rows: TransferRow[] = []
  for await (const row of store.exportRows({ from: 0, to: NOW + DAY, ...filter })) rows.push(row)
  return rows
}

// Writes an hour of readings after the other and drops what is older than a few hours, again and again, until it is killed
// (`killed-retention.test.ts`). Hour n is the same in every run.

import type { Observation } from '../../contract/observation.ts'
import { HOUR, systemClock } from '../../contract/time.ts'
import { DuckDbEngine } from '../../ingest/store/duckdb-engine.ts'
import { DuckDbStore } from '../../ingest/store/duckdb-store.ts'

export const DEVICES = 5
export const KEPT_HOURS = 4
/** A whole hour in the village's zone too. */
export const START = Date.parse('2026-10-01T00:00:00.000Z')

export const hourOf = (n: number): number => START + n * HOUR

export function hourBatch(n: number): Observation[] {
  return Array.from({ length: DEVICES }, (_, device) => ({
    kind: 'sensor',
    device: `env-${device}`,
    time: hourOf(n) + device,
    arrival: hourOf(n) + device,
    timeIsArrival: false,
    values: { pm10: n },
  }))
}

export async function dropUntilKilled(path: string): Promise<never> {
  const engine = await DuckDbEngine.open({ path, zone: 'Asia/Jakarta', windowMs: null }, systemClock)
  const store = new DuckDbStore(engine)
  const position = await store.position()
  for (let n = (position?.offset ?? 0) + 1; ; n += 1) {
    const batch = { quarantined: [], states: [], position: { segment: 1, offset: n } }
    await store.write({ ...batch, observations: hourBatch(n) })
    await store.dropBefore(hourOf(n - KEPT_HOURS), 0)
    process.stdout.write(`${n}\n`)
  }
}

// The test imports this file too; only the bundle of it is a program.
const path = process.argv[2]
if (path !== undefined && process.argv[1]?.endsWith('killed-retention.mjs') === true)
  await dropUntilKilled(path)

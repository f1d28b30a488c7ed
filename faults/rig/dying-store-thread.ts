// The store's thread, which ends in the middle of its work when a campaign orders it: a file beside the store's says so, once.

import { existsSync, rmSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../contract/time.ts'
import { DuckDbEngine } from '../../ingest/store/duckdb-engine.ts'
import type { ThreadStart } from '../../ingest/store/engine-door.ts'
import { serveEngine } from '../../ingest/store/serve-engine.ts'
import { deathOrderPath } from './orders.ts'

const LOOKED_AT_MS = 20

if (parentPort !== null) {
  const start = workerData as ThreadStart
  const order = deathOrderPath(start.path)
  await serveEngine(parentPort, () => DuckDbEngine.open(start, systemClock))
  setInterval(() => {
    if (!existsSync(order)) return
    rmSync(order)
    throw new Error("the store's thread ends, as ordered")
  }, LOOKED_AT_MS).unref()
}

// The thread that owns the DuckDB file, since a checkpoint blocks for hundreds of milliseconds (design D5).

import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../contract/time.ts'
import { DuckDbEngine } from './duckdb-engine.ts'
import type { ThreadStart } from './engine-door.ts'
import { serveEngine } from './serve-engine.ts'

if (parentPort === null) throw new Error('store-thread runs as a thread of ingest, not by itself')
await serveEngine(parentPort, () => DuckDbEngine.open(workerData as ThreadStart, systemClock))

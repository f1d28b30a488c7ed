// The thread that owns the DuckDB file, since a checkpoint blocks for hundreds of milliseconds (design D5). A shell: it opens
// the engine, runs calls and answers them.

import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../contract/time.ts'
import { DuckDbEngine } from './duckdb-engine.ts'
import { carry, type EngineAnswer, type EngineCall, type ThreadStart } from './engine-door.ts'

const port = parentPort
if (port === null) throw new Error('store-thread runs as a thread of ingest, not by itself')
const answer = (message: EngineAnswer): void => {
  port.postMessage(message)
}

try {
  const engine = await DuckDbEngine.open(workerData as ThreadStart, systemClock)
  port.on('message', (call: EngineCall) => {
    void run(engine, call)
  })
  answer({ id: 0, ok: true, value: null })
} catch (error) {
  answer({ id: 0, ok: false, error: carry(error) })
}

async function run(engine: DuckDbEngine, { id, method, given }: EngineCall): Promise<void> {
  try {
    // The caller's types are those of the method (`engine-door.ts`); the thread's boundary loses them.
    const work = engine[method] as (...values: readonly unknown[]) => Promise<unknown>
    answer({ id, ok: true, value: await work.apply(engine, [...given]) })
  } catch (error) {
    answer({ id, ok: false, error: carry(error) })
  }
  if (method === 'close') port?.close()
}

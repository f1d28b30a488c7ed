// A planted defect: the store takes the position of a batch, and its rows a moment later. A kill in between then loses rows whose
// log nobody reads again. It is here to show that the campaign sees it, and exists in this bundle alone.

import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../contract/time.ts'
import { DuckDbEngine } from '../../ingest/store/duckdb-engine.ts'
import { EMPTY_LEDGER } from '../../ingest/store/duckdb-store.ts'
import type { Engine, ThreadStart } from '../../ingest/store/engine-door.ts'
import { serveEngine } from '../../ingest/store/serve-engine.ts'

const LATE_MS = 200

if (parentPort !== null) await serveEngine(parentPort, openEngine)

async function openEngine(): Promise<Engine> {
  const engine = await DuckDbEngine.open(workerData as ThreadStart, systemClock)
  const write: Engine['write'] = async (packed, ledger, refused, counted) => {
    await engine.write([], { ...EMPTY_LEDGER, position: ledger.position }, 0, true)
    await sleep(LATE_MS)
    return engine.write(packed, { ...ledger, position: null }, refused, counted)
  }
  return new Proxy(engine, {
    get(target, name) {
      if (name === 'write') return write
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

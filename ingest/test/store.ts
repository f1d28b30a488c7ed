// The real embedded store in a folder of its own, for tests.

import { join } from 'node:path'
import type { Clock } from '../../contract/time.ts'
import { DuckDbEngine } from '../store/duckdb-engine.ts'
import { DuckDbStore } from '../store/duckdb-store.ts'
import { type Store, StoreAwayError, type WriteBatch, type WriteResult } from '../store/store.ts'

export async function openTestStore(folder: string, clock: Clock): Promise<Store> {
  const options = { path: join(folder, 'store', 'pantau.duckdb'), zone: 'Asia/Jakarta', windowMs: null }
  return new DuckDbStore(await DuckDbEngine.open(options, clock))
}

/** The same, as a server that can be away or slow. */
export class FickleStore {
  readonly store: Store
  isAway = false
  /** Each write waits for it. */
  gate: Promise<void> = Promise.resolve()
  writes = 0

  constructor(real: Store) {
    let hasFailed = false
    const write = async (batch: WriteBatch): Promise<WriteResult> => {
      this.writes += 1
      await this.gate
      hasFailed = this.isAway
      if (hasFailed) throw new StoreAwayError('nobody answers')
      return real.write(batch)
    }
    // As the real ones do, it is not well from a write that failed until one that did not.
    const health = (): ReturnType<Store['health']> =>
      hasFailed ? Promise.resolve({ ok: false, detail: 'nobody answers' }) : real.health()
    this.store = new Proxy(real, {
      get(target, name, receiver) {
        if (name === 'write') return write
        if (name === 'health') return health
        const member: unknown = Reflect.get(target, name, receiver)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }
}

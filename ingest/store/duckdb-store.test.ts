import { join } from 'node:path'
import { DuckDbEngine } from './duckdb-engine.ts'
import { DuckDbStore } from './duckdb-store.ts'
import { storeSuite } from './store.suite.ts'

storeSuite({
  name: 'duckdb, in this thread',
  runs: 30,
  open: async ({ folder, zone, clock }) =>
    new DuckDbStore(
      await DuckDbEngine.open({ path: join(folder, 'store', 'pantau.duckdb'), zone, windowMs: null }, clock),
    ),
})

// The benchmarks of `npm run bench -- NAME`.

import { benchBroker } from './broker.ts'
import { benchConnections, benchStorm } from './connections.ts'
import { benchIngest } from './ingest.ts'
import { benchTruth } from './truth.ts'

/** Each takes its own flags. */
export const BENCHMARKS: Readonly<Record<string, (flags: readonly string[]) => Promise<void>>> = {
  broker: benchBroker,
  connections: benchConnections,
  ingest: benchIngest,
  storm: benchStorm,
  truth: benchTruth,
}

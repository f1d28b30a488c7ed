// The benchmarks of `npm run bench -- NAME`.

import { benchBroker } from './broker.ts'
import { benchIngest } from './ingest.ts'

export const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = {
  broker: benchBroker,
  ingest: benchIngest,
}

// The benchmarks of `npm run bench -- NAME`.

import { benchBroker } from './broker.ts'
import { benchConnections, benchStorm } from './connections.ts'
import { benchDomain } from './domain.ts'
import { benchFanout } from './fanout.ts'
import { benchFirstView } from './first-view.ts'
import { benchIngest } from './ingest.ts'
import { benchMap } from './map.ts'
import { benchRecovery } from './recovery.ts'
import { benchSlow } from './slow.ts'
import { benchSoak } from './soak.ts'
import { benchTruth } from './truth.ts'
import { benchTruthVillage } from './truth-village.ts'

/** Each takes its own flags. */
export const BENCHMARKS: Readonly<Record<string, (flags: readonly string[]) => Promise<void>>> = {
  broker: benchBroker,
  connections: benchConnections,
  'first-view': benchFirstView,
  domain: benchDomain,
  fanout: benchFanout,
  ingest: benchIngest,
  map: benchMap,
  recovery: benchRecovery,
  slow: benchSlow,
  soak: benchSoak,
  storm: benchStorm,
  truth: benchTruth,
  'truth-village': benchTruthVillage,
}

/** Not run unless they are named: they last for hours. */
export const ON_REQUEST: readonly string[] = ['soak']

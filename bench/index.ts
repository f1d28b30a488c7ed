// The benchmarks of `npm run bench -- NAME`.

import { benchIngest } from './ingest.ts'

export const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = {
  ingest: benchIngest,
}

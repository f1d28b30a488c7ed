// Checks a village folder in a thread that ends with it (see `start.ts`): what is wrong with it, or its `village.json`.

import { parentPort, workerData } from 'node:worker_threads'
import type { Village } from '../contract/village.ts'
import { loadVillage } from '../runtime/village.ts'

export type CheckedVillage =
  | { readonly ok: true; readonly village: Village }
  | { readonly ok: false; readonly faults: readonly string[] }

const loaded = loadVillage(String(workerData))
const checked: CheckedVillage = loaded.ok ? { ok: true, village: loaded.village.village } : loaded
parentPort?.postMessage(checked)

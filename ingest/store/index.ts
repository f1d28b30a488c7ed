// The engines by URL scheme of `PANTAU_STORE` (contract section 2). A new one is a file and a row here.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PantauError } from '../../contract/errors.ts'
import type { Settings } from '../../contract/settings.ts'
import type { Clock } from '../../contract/time.ts'
import { DuckDbEngine, type EngineOptions, WINDOW_MS } from './duckdb-engine.ts'
import { DuckDbStore } from './duckdb-store.ts'
import type { Engine } from './engine-door.ts'
import { openEngineThread } from './engine-thread.ts'
import { InfluxStore } from './influx-store.ts'
import { influx1Server } from './influx1-server.ts'
import { influx2Server } from './influx2-server.ts'
import type { Store } from './store.ts'

export interface StorePlace {
  readonly settings: Pick<Settings, 'PANTAU_STORE' | 'PANTAU_INFLUX_TOKEN'>
  readonly dataFolder: string
  readonly village: { readonly id: string; readonly timezone: string }
  readonly clock: Clock
}

type OpenStore = (place: StorePlace, scheme: string) => Promise<Store>

const ENGINES: Readonly<Record<string, OpenStore>> = {
  duckdb: openDuckDbStore,
  influxdb1: openInfluxStore,
  'influxdb1+tls': openInfluxStore,
  influxdb2: openInfluxStore,
  'influxdb2+tls': openInfluxStore,
}

/**
 * Opens the store that the settings name. Throws `bad_setting` for a URL that its engine does not take, `store_damaged` for a
 * file that is held, damaged or newer. A server that is away is no error here: `health` says so, and writing waits.
 */
export async function openStore(place: StorePlace): Promise<Store> {
  const scheme = place.settings.PANTAU_STORE.split('://')[0] ?? ''
  const open = ENGINES[scheme]
  if (open === undefined) {
    throw new PantauError(
      'bad_setting',
      `PANTAU_STORE begins with ${scheme}; one of ${Object.keys(ENGINES).join(', ')} is taken`,
    )
  }
  return open(place, scheme)
}

async function openDuckDbStore(place: StorePlace): Promise<Store> {
  return new DuckDbStore(await openEngine(place, null))
}

async function openInfluxStore(place: StorePlace, scheme: string): Promise<Store> {
  const { PANTAU_STORE: url, PANTAU_INFLUX_TOKEN: token } = place.settings
  const server = scheme.startsWith('influxdb1') ? influx1Server(url) : influx2Server(url, token)
  return new InfluxStore(server, await openEngine(place, WINDOW_MS), place.village)
}

/** The engine in a thread of its own once ingest is bundled; in this thread where the bundle is not there (unit tests). */
export async function openEngine(place: StorePlace, windowMs: number | null): Promise<Engine> {
  const options: EngineOptions = {
    path: join(place.dataFolder, 'store', 'pantau.duckdb'),
    zone: place.village.timezone,
    windowMs,
  }
  const thread = new URL('./store-thread.js', import.meta.url)
  return existsSync(thread) ? openEngineThread(options, thread) : DuckDbEngine.open(options, place.clock)
}

// What ingest says of itself: health and counters, put together from log, store and broker.

import type { Counters, IngestHealth } from '../contract/feed.ts'
import type { TimeMs } from '../contract/time.ts'
import type { VitalsWatch } from '../runtime/vitals.ts'
import type { Pipeline } from './pipeline.ts'
import type { Rates } from './rates.ts'
import type { Store } from './store/store.ts'
import type { WakeClient } from './wake-client.ts'

export interface Parts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly wake: WakeClient
  readonly rates: Rates
  readonly vitals: VitalsWatch
}

export async function healthOf(
  { store, pipeline, wake, rates, vitals }: Parts,
  now: TimeMs,
): Promise<IngestHealth> {
  const broker = wake.status()
  const { messagesPerS, readingsPerS } = rates.perS()
  const awaySince = pipeline.awaySince()
  return {
    broker:
      broker === null
        ? { ok: false, detail: 'the broker does not answer' }
        : { ok: broker.accepting, detail: broker.detail },
    ingest: {
      ok: true,
      detail: awaySince === null ? 'reading the log' : 'reading the log; the store is away and the log grows',
    },
    store: await store.health(),
    storeName: store.name,
    storeBytes: await store.bytes().catch(() => null),
    logBytes: wake.lastStatus()?.logBytes ?? 0,
    logSegments: wake.lastStatus()?.logSegments ?? 0,
    lagMs: pipeline.lagMs(now),
    messagesPerS,
    readingsPerS,
    vitals: {
      ...(broker?.vitals === undefined ? {} : { broker: broker.vitals }),
      ingest: vitals.read(),
    },
  }
}

/**
 * Counted by the log: what was received and acknowledged; by the broker: what it refused; by the store, with the position: what became of
 * the rest. A wrong status or event is one observation that was not taken; a right one is none.
 */
export async function countersOf({ store, pipeline, wake }: Parts, now: TimeMs): Promise<Counters> {
  const { observations, readings, window_s, notes } = await store.counters()
  const { received = 0, acknowledged = 0, ...others } = notes
  const status = wake.lastStatus()
  return {
    messages: { received, acknowledged, refused: status?.refused ?? {} },
    observations,
    readings,
    lag_ms: pipeline.lagMs(now),
    logBytes: status?.logBytes ?? 0,
    ...(window_s === undefined ? {} : { window_s }),
    notes: others,
  }
}

// A real InfluxDB 1.x is killed, an hour's worth of readings is acknowledged without it, and it comes back (reliability row 15).

import { HOUR, SECOND } from '../../contract/time.ts'
import { hasInfluxDb, type InfluxDb, startInfluxDb } from '../../test/influxdb.ts'
import { until } from '../../test/village.ts'
import { type Fault, type Stage, type StageSet, WRITERS } from '../fault.ts'
import { residentBytes } from '../fuzz/memory.ts'

const servers = new WeakMap<StageSet, InfluxDb>()

const INFLUXDB: Stage = {
  name: 'InfluxDB',
  async prepare() {
    const started = await startInfluxDb()
    const set: StageSet = {
      environment: { PANTAU_STORE: `influxdb1://127.0.0.1:${started.port}/pantau` },
      dispose: () => started.dispose(),
    }
    servers.set(set, started)
    return set
  },
}

const STEP_MS = SECOND
const LONGEST_MS = 120_000
/** The hour is some 3 MB of messages: what is kept of it in memory several times over would show. */
const GROWTH_MOST = 64 * 1_048_576

export const storeAway: Fault = {
  name: 'store-away',
  what: 'InfluxDB is killed for an hour of readings, one a second of each device',
  stage: INFLUXDB,
  missing: () => (hasInfluxDb() ? null : 'influxd is not installed'),
  pace: { stepMs: STEP_MS },
  async inject(scene) {
    const { ledger, clock } = scene
    const influxDb = servers.get(scene.stage)
    if (influxDb === undefined) throw new Error('InfluxDB was not started')
    await influxDb.kill()
    const before = ledger.acknowledgedCount
    // An hour goes by in seconds: each device sends its readings as fast as they are acknowledged.
    await scene.finishWriters()
    await scene.beginWriters(WRITERS, { stepMs: STEP_MS, perS: Number.POSITIVE_INFINITY })
    const hour = (WRITERS * HOUR) / STEP_MS
    const pid = await scene.village.partPid('ingest')
    const acknowledged = (share: number) =>
      until(() => ledger.acknowledgedCount - before >= share * hour, LONGEST_MS)
    await acknowledged(0.1)
    const atFirst = residentBytes(pid)
    await acknowledged(1)
    const growth = residentBytes(pid) - atFirst
    if (growth > GROWTH_MOST) throw new Error(`ingest grew by ${growth} bytes while the store was away`)
    await scene.finishWriters()
    await scene.beginWriters(WRITERS, { stepMs: STEP_MS })
    const since = clock.monotonicMs()
    await influxDb.start()
    return since
  },
}

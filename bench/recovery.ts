// `npm run bench -- recovery`: how soon a killed Pantau takes and acknowledges again with a log of 1 GiB that the store has nothing of,
// and how fast the store catches up. There is no peer: no broker of this kind keeps such a log.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLogDisk } from '../broker/log/disk.ts'
import { SegmentWriter } from '../broker/log/segment-writer.ts'
import { openSnapshotFile } from '../broker/memory/snapshot.ts'
import { systemClock } from '../contract/time.ts'
import { registerSimulated } from '../runtime/devices.ts'
import { RecordBuffer } from '../runtime/log/record.ts'
import { logFolder } from '../runtime/log/segment.ts'
import { startVillage } from '../test/village.ts'
import { deviceName } from './broker-peers.ts'
import { METRICS_EACH, payloadOf } from './load.ts'
import { printTable } from './table.ts'

const DEVICES = 500
const LOG_BYTES = 1_073_741_824
const GROUP_BYTES = 4_194_304
const HOUR = 3_600_000
const CATCH_UP_MS = 10_000
/** Between two readings of a device. */
const STEP_MS = 1_000

export async function benchRecovery(): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pantau-recovery-'))
  try {
    const devices = Array.from({ length: DEVICES }, (_, index) => {
      const id = deviceName(index)
      return { id, kind: 'sensor', name: id, lat: -6.17, lon: 106.807 } as const
    })
    const [first] = await registerSimulated(dataFolder, 'cideng', devices, systemClock.now())
    if (first === undefined) throw new Error('no device was registered')
    const records = await writeLog(dataFolder)
    const village = await startVillage({ PANTAU_LOG_LEVEL: 'error' }, { dataFolder })
    try {
      await village.killAll()
      const begin = systemClock.monotonicMs()
      await village.restart()
      const readyS = (systemClock.monotonicMs() - begin) / 1_000
      const client = await village.connect(first)
      await client.publishAsync(`${first.topicPrefix}/reading`, payloadOf(systemClock.now(), 0), { qos: 1 })
      const acknowledgedS = (systemClock.monotonicMs() - begin) / 1_000
      await client.endAsync(true)
      const cookie = await village.signIn()
      const stored = async (): Promise<number> => {
        const { readings } = await village.get<{ readings: { stored: number } }>('/api/v1/counters', cookie)
        return readings.stored
      }
      const before = await stored()
      await sleep(CATCH_UP_MS)
      const rate = ((await stored()) - before) / (CATCH_UP_MS / 1_000)
      process.stdout.write(
        `a log of 1 GiB, ${records} messages of ${METRICS_EACH} readings, none of them stored; kill -9 of all parts; Node ${process.version}\n`,
      )
      printTable(
        ['s until ready', 's until a PUBACK', 'readings/s of the catch-up'],
        [[readyS.toFixed(2), acknowledgedS, rate]],
      )
    } finally {
      await village.dispose()
    }
  } finally {
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Writes the log as the broker does, and the snapshot that it takes on the way, at the last segment's begin; how many messages. */
async function writeLog(dataFolder: string): Promise<number> {
  const folder = logFolder(dataFolder)
  const writer = new SegmentWriter(openLogDisk(folder))
  await writer.open(folder, null)
  const group = new RecordBuffer(GROUP_BYTES * 2)
  let records = 0
  for (let written = 0; written < LOG_BYTES; ) {
    const arrival = systemClock.now()
    while (group.length < GROUP_BYTES) {
      const device = records % DEVICES
      const time = arrival - 24 * HOUR + Math.floor(records / DEVICES) * STEP_MS
      group.append({
        type: 'message',
        arrival,
        client: deviceName(device),
        topic: `pantau/cideng/sensor/${deviceName(device)}/reading`,
        payload: Buffer.from(payloadOf(time, records)),
        qos: 1,
        retain: false,
        dup: false,
        will: false,
      })
      records += 1
    }
    const bytes = group.take()
    writer.commit(bytes)
    written += bytes.length
  }
  const { segment } = writer.size().end
  writer.close()
  const counts = { logged: records, acknowledged: records, refused: {}, refusedMessages: 0 }
  const snapshot = {
    version: 1,
    position: { segment, offset: 0 },
    counts,
    retained: [],
    sessions: [],
  } as const
  await openSnapshotFile(
    dataFolder,
    () => snapshot,
    () => undefined,
  ).save()
  return records
}

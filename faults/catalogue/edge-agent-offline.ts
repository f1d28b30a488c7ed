// An edge agent is without a broker for three days at a reading a second, and then brings it all (reliability row 31). Queue, delivery
// and uplink are the agent's own; its clock is a fast one.

import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, SECOND } from '../../contract/time.ts'
import { Delivery } from '../../edge-agent/delivery.ts'
import { openLog } from '../../edge-agent/log.ts'
import { DiskQueue } from '../../edge-agent/queue/disk-queue.ts'
import { ManualTime } from '../../edge-agent/testing/manual-time.ts'
import { Uplink } from '../../edge-agent/uplink.ts'
import { addDevice } from '../../runtime/devices.ts'
import type { Fault } from '../fault.ts'
import type { Scene } from '../scene.ts'
import { payloadOf, readingOf } from '../writer.ts'

const OFFLINE_MS = 3 * DAY
const STEP_MS = 1_000
const QUEUE_BYTES = 256 * 1_048_576
/** Delivered at five messages a second of some 1,000 readings. */
const LONGEST_DELIVERY_MS = 600 * SECOND

export const edgeAgentOffline: Fault = {
  name: 'edge-agent-offline',
  what: 'an edge agent is away for 3 days of a reading a second',
  writers: 0,
  mostRounds: 10,
  async inject(scene) {
    const id = scene.round.replace('edge-agent-offline', 'hs')
    const agent = await openAgent(scene, id)
    try {
      const begin = Math.floor((scene.clock.now() - OFFLINE_MS) / DAY) * DAY - OFFLINE_MS
      for (let elapsedMs = 0; elapsedMs < OFFLINE_MS; elapsedMs += STEP_MS) {
        const reading = readingOf(id, begin + elapsedMs)
        scene.ledger.send([reading])
        agent.add(Buffer.from(payloadOf([reading])))
        if (elapsedMs % (3_600 * STEP_MS) === 0) await agent.time.advance(SECOND)
      }
      if (agent.lost() > 0) throw new Error(`the queue gave up ${agent.lost()} readings`)
      const since = scene.clock.monotonicMs()
      agent.connect()
      await agent.deliver()
      // The agent deletes what is acknowledged: an empty queue says that all was.
      for (const [time, value] of scene.ledger.sentBy(id))
        scene.ledger.acknowledge([{ device: id, time, value }])
      return since
    } finally {
      await agent.close()
    }
  },
}

interface OfflineAgent {
  readonly time: ManualTime
  add(observation: Buffer): void
  lost(): number
  connect(): void
  /** Until nothing waits any more. */
  deliver(): Promise<void>
  close(): Promise<void>
}

async function openAgent({ village, clock }: Scene, id: string): Promise<OfflineAgent> {
  const device = { id, kind: 'hotspot', lat: -6.17, lon: 106.807 } as const
  const { password } = await addDevice(village.dataFolder, 'cideng', device, clock.now())
  const folder = fs.mkdtempSync(join(tmpdir(), 'pantau-agent-'))
  const time = new ManualTime(clock.now())
  const log = openLog({ level: 'error', pretty: false, clock: time, write: () => undefined })
  const queue = new DiskQueue({ folder, maxBytes: QUEUE_BYTES, disk: fs })
  const uplink: Uplink = new Uplink(
    {
      url: village.mqtt,
      village: 'cideng',
      device: id,
      password: () => password,
      tls: {},
      timers: time,
      random: () => 0.5,
      log,
    },
    {
      connected: () => delivery.connected(),
      disconnected: () => delivery.disconnected(),
      config: () => undefined,
      command: () => undefined,
    },
  )
  const send = (payload: Buffer, done: () => void): boolean => uplink.publish('reading', payload, done)
  const delivery = new Delivery({ queue, send, timers: time, log })
  return {
    time,
    add: (observation) => delivery.add(observation),
    lost: () => queue.lost,
    connect: () => uplink.start(),
    async deliver() {
      for (let elapsedMs = 0; queue.length > 0; elapsedMs += 200) {
        if (elapsedMs > LONGEST_DELIVERY_MS)
          throw new Error(`${queue.length} readings still wait in the agent`)
        await time.advance(200)
      }
    },
    async close() {
      await uplink.stop()
      delivery.close()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

// Puts the broker together: log, memory, Aedes and the doors, in the order in which each needs the one before.

import { setTimeout as sleep } from 'node:timers/promises'
import { DAY } from '../contract/time.ts'
import { buildTopic } from '../contract/topics.ts'
import type { BrokerStatus } from '../contract/wake.ts'
import { logFolder } from '../runtime/log/segment.ts'
import type { PartContext, RunningPart } from '../runtime/part.ts'
import { readRegistry, watchRegistry } from '../runtime/registry.ts'
import { villageId } from '../runtime/village-id.ts'
import { Broker } from './broker.ts'
import { DeviceConfigs } from './device-configs.ts'
import { openDoors } from './doors.ts'
import { Identities } from './identities.ts'
import { type DurableLog, openDurableLog } from './log/durable-log.ts'
import { BrokerMemory } from './memory/broker-memory.ts'
import { readSnapshot } from './memory/snapshot.ts'
import { openWakeDoor } from './wake.ts'

const TICK_MS = 1_000
/** Segments stay this long after the store has them. */
const KEPT_MS = DAY
/** A group that takes the disk longer is told of; one that takes much longer is no longer waited for. */
const SLOW_MS = 1_000
const STUCK_MS = 30_000
/** What was acknowledged last gets this long to leave at a clean stop. */
const FAREWELL_MS = 20

export interface RunningBroker extends RunningPart {
  /** What was refused up to this moment, by reason, saved or not. */
  refused(): Readonly<Record<string, number>>
}

/** `thread`: the bundle of `log/log-thread.ts`. `tickMs`: how often status is told and the snapshot saved. */
export async function startBroker(
  context: PartContext,
  thread: URL,
  tickMs = TICK_MS,
): Promise<RunningBroker> {
  const { settings, dataFolder, logger, clock, fail } = context
  const folder = logFolder(dataFolder)
  const anonymous = settings.PANTAU_MQTT_ANONYMOUS === 'on'
  const village = villageId(settings.PANTAU_VILLAGE)
  const wake = await openWakeDoor(dataFolder, clock)
  const snapshot = readSnapshot(dataFolder)
  const known = snapshot?.position ?? null
  const log = await openDurableLog({ thread, folder, known, clock, onDeath: fail })
  reportOpening(context, log)
  const identities = new Identities(readRegistry(dataFolder))
  const end = () => log.size().end
  const isKnown = (device: string): boolean => anonymous || identities.has(device)
  const memory = await BrokerMemory.open({ dataFolder, logFolder: folder, snapshot, end, isKnown, clock })
  const broker = await Broker.open({
    village,
    log,
    memory,
    identities,
    limitPayload: settings.PANTAU_LIMIT_PAYLOAD,
    limitRatePerS: settings.PANTAU_LIMIT_RATE,
    anonymous,
    clock,
    logger,
  })
  const configs = new DeviceConfigs({
    dataFolder,
    topicOf(device) {
      const kind = identities.kindOf(device)
      return kind === null ? null : buildTopic({ village, kind, device, channel: 'config' })
    },
    held: () => memory.configs(),
    tell: (topic, payload) => broker.tell(topic, payload),
    onFault: (message) => logger.error(message),
  })
  const since = clock.now()
  const status = (): BrokerStatus => ({
    since,
    clients: broker.clients(),
    ...memory.counts(),
    logBytes: log.size().bytes,
    logSegments: log.size().segments,
    ...health(log),
  })
  wake.serve(
    (stored) => log.removeStored(stored, clock.now() - KEPT_MS),
    () => ({ end: end(), status: status() }),
  )
  log.onCommit((size) => wake.tell(size.end))
  const registry = watchRegistry(
    dataFolder,
    (changed) => {
      broker.updateRegistry(changed)
      configs.publish().catch(fail)
    },
    (fault) => logger.error(fault.message),
  )
  const doors = await openDoors(broker, settings, dataFolder, logger)
  announce(log, () => ({ type: 'listening', arrival: clock.now() }))
  // A disk without room for the snapshot has none for the log either, whose refusal is told.
  const unsaved = (error: unknown): void => logger.warn({ err: error }, 'the snapshot was not saved')
  const tick = setInterval(() => {
    memory.save().catch(unsaved)
    configs.refresh().catch(fail)
    wake.tellStatus(end(), status())
  }, tickMs)
  return {
    ports: { mqtt: doors.mqtt, mqtts: doors.mqtts },
    refused: () => memory.refusedNow(),
    async stop() {
      clearInterval(tick)
      registry.close()
      doors.shut()
      broker.quiet()
      await new Promise<void>((done) => log.append({ type: 'stopped', arrival: clock.now() }, () => done()))
      await sleep(FAREWELL_MS)
      await broker.close()
      await doors.close()
      await memory.close().catch(unsaved)
      await wake.close()
      await log.close()
    },
  }
}

function reportOpening({ logger }: PartContext, log: DurableLog): void {
  const { cutBytes, isBehind } = log.opened
  if (cutBytes > 0) logger.warn({ bytes: cutBytes }, 'a torn tail of the log was cut')
  if (isBehind) {
    logger.error('the log ends before what was once on disk: part of it is gone; restore it from a backup')
  }
  const refusal = log.refusal()
  if (refusal !== null) logger.error(`nothing is acknowledged: ${refusal.message}`)
}

function health(log: DurableLog): { accepting: boolean; detail: string } {
  const refusal = log.refusal()
  if (refusal !== null) return { accepting: false, detail: refusal.message }
  const stalledMs = log.stalledMs()
  if (stalledMs < SLOW_MS) return { accepting: true, detail: 'listening' }
  const detail = `the disk has not finished a write for ${Math.round(stalledMs / 1_000)} s`
  return { accepting: stalledMs < STUCK_MS, detail }
}

/** Puts the record into the log, now or once there is room. */
function announce(log: DurableLog, record: () => Parameters<DurableLog['append']>[0]): void {
  log.append(record(), (refusal) => {
    if (refusal !== null) setTimeout(announce, TICK_MS, log, record)
  })
}

// Puts the broker together: log, memory, Aedes and the doors, in the order in which each needs the one before.

import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRecord } from '../contract/log.ts'
import { DAY } from '../contract/time.ts'
import { buildTopic } from '../contract/topics.ts'
import type { BrokerStatus } from '../contract/wake.ts'
import { openAuditLog } from '../runtime/audit.ts'
import { logFolder } from '../runtime/log/segment.ts'
import type { PartContext, RunningPart } from '../runtime/part.ts'
import { readRegistry, watchRegistry } from '../runtime/registry.ts'
import { villageId } from '../runtime/village-id.ts'
import { watchVitals } from '../runtime/vitals.ts'
import { Broker } from './broker.ts'
import { Denials } from './denials.ts'
import { DeviceConfigs } from './device-configs.ts'
import { DOOR_LIMITS, type Doors, openDoors } from './doors.ts'
import { Identities } from './identities.ts'
import { type DurableLog, openDurableLog } from './log/durable-log.ts'
import { BrokerMemory } from './memory/broker-memory.ts'
import { readSnapshot } from './memory/snapshot.ts'
import { openWakeDoor, type WakeDoor } from './wake.ts'

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

interface Inside {
  readonly context: PartContext
  readonly log: DurableLog
  readonly memory: BrokerMemory
  readonly identities: Identities
  readonly broker: Broker
  readonly wake: WakeDoor
}

/** `thread`: the bundle of `log/log-thread.ts`. `tickMs`: how often status is told and the snapshot saved. `limits`: of connections. */
export async function startBroker(
  context: PartContext,
  thread: URL,
  tickMs = TICK_MS,
  limits = DOOR_LIMITS,
): Promise<RunningBroker> {
  const { settings, dataFolder, logger, clock, fail } = context
  const inside = await openInside(context, thread)
  const { log, memory, broker, wake } = inside
  const configs = openConfigs(inside)
  const since = clock.now()
  const vitals = watchVitals()
  const status = (): BrokerStatus => ({ ...statusOf(inside, since), vitals: vitals.read() })
  wake.serve(
    (stored) => log.removeStored(stored, clock.now() - KEPT_MS),
    () => ({ end: log.size().end, status: status() }),
  )
  log.onCommit(({ end }) => wake.tell(end))
  const registry = watchRegistry(
    dataFolder,
    (changed) => {
      broker.updateRegistry(changed)
      configs.publish().catch(fail)
    },
    (fault) => logger.error(fault.message),
  )
  const doors = await openDoors(broker, settings, dataFolder, logger, limits)
  await announce(log, () => ({ type: 'listening', arrival: clock.now() }))
  const tick = setInterval(() => {
    memory.save().catch((error: unknown) => reportUnsaved(context, error))
    configs.refresh().catch(fail)
    wake.tellStatus(log.size().end, status())
  }, tickMs)
  return {
    ports: { mqtt: doors.mqtt, mqtts: doors.mqtts },
    refused: () => memory.refusedNow(),
    async stop() {
      clearInterval(tick)
      vitals.stop()
      registry.close()
      await stop(inside, doors)
    },
  }
}

async function openInside(context: PartContext, thread: URL): Promise<Inside> {
  const { settings, dataFolder, logger, clock, fail } = context
  const village = villageId(settings.PANTAU_VILLAGE)
  const anonymous = settings.PANTAU_MQTT_ANONYMOUS === 'on'
  const folder = logFolder(dataFolder)
  const wake = await openWakeDoor(dataFolder, clock)
  const snapshot = readSnapshot(dataFolder)
  const known = snapshot?.position ?? null
  const log = await openDurableLog({ thread, folder, known, clock, onDeath: fail })
  reportOpening(context, log)
  const identities = new Identities(readRegistry(dataFolder))
  const memory = await BrokerMemory.open({
    dataFolder,
    logFolder: folder,
    snapshot,
    end: () => log.size().end,
    append: (record) => new Promise((done) => log.append(record, done)),
    isKnown: (device) => anonymous || identities.has(device),
    clock,
  })
  const denials = new Denials(openAuditLog(dataFolder, clock), clock, logger)
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
    onDenied: (who, topic) => denials.note(who, topic),
  })
  return { context, log, memory, identities, broker, wake }
}

function openConfigs({ context, identities, memory, broker }: Inside): DeviceConfigs {
  const village = villageId(context.settings.PANTAU_VILLAGE)
  return new DeviceConfigs({
    dataFolder: context.dataFolder,
    topicOf(device) {
      const kind = identities.kindOf(device)
      return kind === null ? null : buildTopic({ village, kind, device, channel: 'config' })
    },
    held: () => memory.configs(),
    tell: (topic, payload) => broker.tell(topic, payload),
    onFault: (message) => context.logger.error(message),
  })
}

/** Nobody comes in, what was taken is answered, everybody goes, and what is known is saved. */
async function stop({ context, log, memory, broker, wake }: Inside, doors: Doors): Promise<void> {
  doors.shut()
  broker.quiet()
  await new Promise<void>((done) =>
    log.append({ type: 'stopped', arrival: context.clock.now() }, () => done()),
  )
  await sleep(FAREWELL_MS)
  await broker.close()
  await doors.close()
  await memory.close().catch((error: unknown) => reportUnsaved(context, error))
  await wake.close()
  await log.close()
}

/** A disk without room for the snapshot has none for the log either, whose refusal is told. */
function reportUnsaved({ logger }: PartContext, error: unknown): void {
  logger.warn({ err: error }, 'the snapshot was not saved')
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

function statusOf({ broker, memory, log }: Inside, since: number): BrokerStatus {
  const { bytes, segments } = log.size()
  return {
    since,
    clients: broker.clients(),
    ...memory.counts(),
    logBytes: bytes,
    logSegments: segments,
    ...health(log),
  }
}

function health(log: DurableLog): { accepting: boolean; detail: string } {
  const refusal = log.refusal()
  if (refusal !== null) return { accepting: false, detail: refusal.message }
  const stalledMs = log.stalledMs()
  if (stalledMs < SLOW_MS) return { accepting: true, detail: 'listening' }
  const detail = `the disk has not finished a write for ${Math.round(stalledMs / 1_000)} s`
  return { accepting: stalledMs < STUCK_MS, detail }
}

/** Puts the record into the log, now or once there is room; resolves with the disk's first answer. */
function announce(log: DurableLog, record: () => LogRecord): Promise<void> {
  return new Promise((done) => {
    log.append(record(), (refusal) => {
      if (refusal !== null) setTimeout(() => void announce(log, record), TICK_MS)
      done()
    })
  })
}

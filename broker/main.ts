// The broker's process.

import { DAY } from '../contract/time.ts'
import type { BrokerStatus } from '../contract/wake.ts'
import { logFolder } from '../runtime/log/segment.ts'
import { type PartContext, type RunningPart, runPart } from '../runtime/part.ts'
import { readRegistry, watchRegistry } from '../runtime/registry.ts'
import { villageId } from '../runtime/village-id.ts'
import { Broker } from './broker.ts'
import { openDoors } from './doors.ts'
import { openDurableLog } from './log/durable-log.ts'
import { BrokerMemory } from './retained.ts'
import { openWakeDoor } from './wake.ts'

const LOG_THREAD = new URL('./log-thread.js', import.meta.url)
const TICK_MS = 1_000
/** Segments stay this long after the store has them. */
const KEPT_MS = DAY

await runPart('broker', start)

async function start({ settings, dataFolder, logger, clock, fail }: PartContext): Promise<RunningPart> {
  const village = villageId(settings.PANTAU_VILLAGE)
  const folder = logFolder(dataFolder)
  const log = await openDurableLog(LOG_THREAD, folder, fail)
  if (log.cutBytes > 0) logger.warn({ bytes: log.cutBytes }, 'a torn tail of the log was cut')
  const memory = await BrokerMemory.open(dataFolder, folder, log.size().end)
  memory.follow(() => log.size().end)
  const broker = await Broker.open({
    village,
    log,
    memory,
    registry: readRegistry(dataFolder),
    limitPayload: settings.PANTAU_LIMIT_PAYLOAD,
    limitRatePerS: settings.PANTAU_LIMIT_RATE,
    anonymous: settings.PANTAU_MQTT_ANONYMOUS === 'on',
    clock,
    logger,
  })
  const since = clock.now()
  const status = (): BrokerStatus => ({
    since,
    ...broker.counts(),
    refused: Object.fromEntries(memory.refused),
    logBytes: log.size().bytes,
    logSegments: log.size().segments,
    accepting: log.refusal() === null,
    detail: log.refusal()?.message ?? 'listening',
  })
  const wake = await openWakeDoor(
    dataFolder,
    clock,
    (stored) => log.removeStored(stored, clock.now() - KEPT_MS),
    () => ({ end: log.size().end, status: status() }),
  )
  log.onCommit(({ end }) => wake.tell(end))
  const registry = watchRegistry(
    dataFolder,
    (changed) => void broker.updateRegistry(changed).catch(fail),
    (fault) => logger.error(fault.message),
  )
  const doors = await openDoors(broker, settings, dataFolder)
  await new Promise<void>((done, refuse) =>
    log.append({ type: 'listening', arrival: clock.now() }, (refusal) =>
      refusal === null ? done() : refuse(refusal),
    ),
  )
  const tick = setInterval(() => {
    memory.save()
    wake.tell(log.size().end, status())
  }, TICK_MS)
  return {
    ports: { mqtt: doors.mqtt, mqtts: doors.mqtts },
    async stop() {
      clearInterval(tick)
      registry.close()
      await broker.close()
      await doors.close()
      log.append({ type: 'stopped', arrival: clock.now() }, () => undefined)
      await log.close()
      memory.save()
      await wake.close()
    },
  }
}

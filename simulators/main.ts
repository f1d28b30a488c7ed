// The simulators' process, under `npm start` or alone by `npm run simulate`.

import { setTimeout as sleep } from 'node:timers/promises'
import { PantauError } from '../contract/errors.ts'
import type { TimeMs } from '../contract/time.ts'
import { DAY, SECOND } from '../contract/time.ts'
import { offsetMinutes } from '../domain/time-zone.ts'
import { type DeviceCredentials, registerSimulated } from '../runtime/devices.ts'
import { openFeed } from '../runtime/feed-client.ts'
import { type PartContext, type RunningPart, runPart } from '../runtime/part.ts'
import { type LoadedVillage, loadVillage } from '../runtime/village.ts'
import { fleetsOf } from './fleets.ts'
import { pastRows } from './history.ts'
import { runLive } from './live.ts'
import { parseSimulatorOptions, type SimulatorOptions } from './options.ts'
import { openPace } from './pace.ts'
import { isFresh, rememberPast } from './past-marker.ts'
import { type LinkCounts, openLink } from './publisher.ts'
import { randomOf } from './random.ts'
import { openSeries } from './series.ts'
import { openTruthFile } from './truth-file.ts'
import { buildWorld, type World } from './world.ts'

/** The series lie beside the sources; the build lies in `dist/`. */
const SERIES = new URL('../simulators/series/', import.meta.url)

const argv = process.argv.slice(2)
await runPart('simulators', (context) => start(context, parseSimulatorOptions(argv)), [])

async function start(context: PartContext, options: SimulatorOptions): Promise<RunningPart> {
  const village = villageOf(context)
  const begin = beginning(context.clock.now(), options)
  const utcOffsetMs = offsetMinutes(begin, village.village.timezone) * 60 * SECOND
  const world = buildWorld({
    village: village.village,
    devices: village.devices,
    utcOffsetMs,
    sources: openSeries(SERIES, utcOffsetMs),
    fleets: village.gtfsPath === null ? [] : fleetsOf(village.gtfsPath),
    options,
  })
  const credentials = await register(context, village, world)
  await fillPast(context, world, options, begin)
  return publish(context, world, credentials, options, begin)
}

function villageOf({ settings }: PartContext): LoadedVillage {
  const loaded = loadVillage(settings.PANTAU_VILLAGE)
  if (loaded.ok) return loaded.village
  throw new PantauError('bad_village', `${settings.PANTAU_VILLAGE}:\n${loaded.faults.join('\n')}`)
}

/** Faster time with a known end begins in the past, so that no reading is ahead of the machine's clock. */
function beginning(now: TimeMs, { speed, durationS }: SimulatorOptions): TimeMs {
  return speed > 1 && durationS !== null ? now - (speed - 1) * durationS * SECOND : now
}

async function register(
  { dataFolder, clock }: PartContext,
  { village }: LoadedVillage,
  { devices }: World,
): Promise<ReadonlyMap<string, DeviceCredentials>> {
  const made = await registerSimulated(
    dataFolder,
    village.id,
    devices.map(({ id, kind, name, lat, lon }) => ({ id, kind, name, lat, lon })),
    clock.now(),
  )
  return new Map(made.map((credentials) => [credentials.id, credentials]))
}

/** A fresh village gets its past by the import path; one that has run before keeps the past it has. */
async function fillPast(
  { dataFolder, logger }: PartContext,
  { models }: World,
  { historyDays }: SimulatorOptions,
  begin: TimeMs,
): Promise<void> {
  if (historyDays === 0 || !isFresh(dataFolder)) return
  const feed = openFeed(dataFolder)
  const result = await feed.importRows(pastRows(models, begin - historyDays * DAY, begin))
  logger.info({ ...result, refused: result.refused.length }, `the past ${historyDays} days are in the store`)
  rememberPast(dataFolder, begin)
}

function publish(
  { settings, clock, logger }: PartContext,
  { models }: World,
  credentials: ReadonlyMap<string, DeviceCredentials>,
  options: SimulatorOptions,
  begin: TimeMs,
): RunningPart {
  const url = options.url ?? `mqtt://${brokerHost(settings.PANTAU_HOST)}:${settings.PANTAU_MQTT_PORT}`
  const counts: LinkCounts = { published: 0, acknowledged: 0, dropped: 0 }
  const onFault = (message: string): void => logger.warn({ counts }, message)
  const devices = models.flatMap((model) => {
    const own = credentials.get(model.id)
    return own === undefined
      ? []
      : [{ model, link: openLink(url, own, counts, randomOf(options.seed, 'link', model.id), onFault) }]
  })
  const truth = options.truth === null ? null : openTruthFile(options.truth, models, begin)
  if (options.speed > 1 && options.durationS === null) {
    logger.warn(
      'faster time without --duration runs ahead of the clock: readings more than PANTAU_MAX_AHEAD ahead are refused',
    )
  }
  const run = runLive(devices, openPace(clock, options.speed, begin), (now) => truth?.writeUntil(now))
  const stop = async (): Promise<void> => {
    run.stop()
    await Promise.race([Promise.all(devices.map(({ link }) => link.close())), sleep(3 * SECOND)])
    truth?.close()
    logger.info({ counts }, 'the simulators stop')
  }
  if (options.durationS !== null) setTimeout(() => process.emit('SIGTERM'), options.durationS * SECOND)
  return { stop }
}

function brokerHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

// `npm start`: the whole village on this machine. Broker, ingest, dashboard and, while the village is a simulated one, its
// simulators, each a process of its own; one line says when it is ready; SIGINT or SIGTERM stops all of it.

import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { PantauError } from '../contract/errors.ts'
import type { Settings } from '../contract/settings.ts'
import { systemClock } from '../contract/time.ts'
import type { Village } from '../contract/village.ts'
import { ensureFirstAccount } from '../runtime/accounts.ts'
import { lockDataFolder, openDataFolder } from '../runtime/data-folder.ts'
import { type Logger, openLogger } from '../runtime/logger.ts'
import type { PartName } from '../runtime/part.ts'
import { removeReadyFile, writeReadyFile } from '../runtime/ready-file.ts'
import { readRegistry } from '../runtime/registry.ts'
import { loadSettings, settingsAsEnvironment } from '../runtime/settings.ts'
import { VERSION } from '../runtime/version.ts'
import { noteSettings } from './shown-setting.ts'
import { openSupervisor, type Ports, type Supervisor } from './supervisor.ts'
import type { CheckedVillage } from './village-thread.ts'

/** Parts lie beside the folder of the commands in the build. */
const PROGRAMS = dirname(dirname(fileURLToPath(import.meta.url)))

export async function main(argv: readonly string[]): Promise<number> {
  const { settings, sources, warnings } = loadSettings(argv, process.env)
  const logger = openLogger('start', settings)
  for (const warning of warnings) logger.warn(warning)
  const village = await checkVillage(settings.PANTAU_VILLAGE)
  const dataFolder = openDataFolder(settings.PANTAU_DATA)
  const lock = lockDataFolder(dataFolder, process.pid)
  try {
    await noteSettings(dataFolder, { settings, sources })
    return await runVillage(settings, dataFolder, village, logger)
  } finally {
    removeReadyFile(dataFolder)
    lock.release()
  }
}

/** In a thread of its own: what reading the timetable takes goes with it, and the supervisor stays small for months. */
async function checkVillage(folder: string): Promise<Village> {
  const thread = new Worker(new URL('./village-thread.js', import.meta.url), { workerData: folder })
  const [checked] = (await once(thread, 'message')) as [CheckedVillage]
  if (checked.ok) return checked.village
  const faults = checked.faults.map((fault) => `  ${fault}`).join('\n')
  throw new PantauError('bad_village', `${folder} is no village folder that can be used:\n${faults}`)
}

async function runVillage(
  settings: Settings,
  dataFolder: string,
  village: Village,
  logger: Logger,
): Promise<number> {
  removeReadyFile(dataFolder)
  const firstLogin = await ensureFirstAccount(dataFolder, systemClock.now())
  const stopped = stopSignal()
  const environment = { ...process.env, ...settingsAsEnvironment(settings), PANTAU_DATA: dataFolder }
  const supervisor = openSupervisor(environment, logger, () => systemClock.monotonicMs(), stopped.fail)
  try {
    const starting = startParts(supervisor, settings, dataFolder, village)
    const started = await Promise.race([starting, stopped.promise])
    if (started !== 'stopped') {
      announce(settings, dataFolder, village, started, firstLogin)
      await stopped.promise
    }
  } finally {
    removeReadyFile(dataFolder)
    await supervisor.stop()
  }
  return 0
}

/**
 * Flags of Node for a part. Three semi-spaces of 16 MiB a thread, V8's default, let garbage lie that smaller ones clear away in passing; the
 * broker has them, since there they save work when much is published.
 */
function flagsOf(name: PartName): readonly string[] {
  return name === 'broker' ? [] : ['--max-semi-space-size=4']
}

interface Doors {
  readonly mqtt: number
  readonly http: number
}

/** Broker and ingest need nobody; the dashboard shows what ingest has, and the simulators need the broker's port. */
async function startParts(
  supervisor: Supervisor,
  settings: Settings,
  dataFolder: string,
  village: Village,
): Promise<Doors> {
  const startPart = (name: PartName): Promise<Ports> =>
    supervisor.start({ name, program: join(PROGRAMS, `${name}.js`), flags: flagsOf(name) })
  const [broker] = await Promise.all([startPart('broker'), startPart('ingest')])
  const mqtt = broker['mqtt'] ?? settings.PANTAU_MQTT_PORT
  const mqtts = broker['mqtts']
  supervisor.setEnvironment({
    PANTAU_MQTT_PORT: String(mqtt),
    ...(typeof mqtts === 'number' ? { PANTAU_MQTTS_PORT: String(mqtts) } : {}),
  })
  const simulated = simulates(settings, dataFolder, village) ? startPart('simulators') : null
  const [dashboard] = await Promise.all([startPart('dashboard'), simulated])
  const http = dashboard['http'] ?? settings.PANTAU_HTTP_PORT
  supervisor.setEnvironment({ PANTAU_HTTP_PORT: String(http) })
  return { mqtt, http }
}

/** Simulators run in a simulated village as long as no real device has ever been added, or when they are asked for. */
function simulates(settings: Settings, dataFolder: string, village: Village): boolean {
  if (settings.PANTAU_SIMULATE !== 'auto') return settings.PANTAU_SIMULATE === 'on'
  return village.simulated && !readRegistry(dataFolder).everReal
}

function announce(
  settings: Settings,
  dataFolder: string,
  village: Village,
  doors: Doors,
  firstLogin: string | null,
): void {
  const host =
    settings.PANTAU_HOST === '0.0.0.0' || settings.PANTAU_HOST === '::' ? '127.0.0.1' : settings.PANTAU_HOST
  const address = host.includes(':') ? `[${host}]` : host
  const http = `${settings.PANTAU_TLS_CERT === null ? 'http' : 'https'}://${address}:${doors.http}`
  writeReadyFile(dataFolder, {
    pid: process.pid,
    http,
    mqtt: `mqtt://${address}:${doors.mqtt}`,
    village: village.id,
    version: VERSION,
    // Credentials may stand in the store's URL.
    store: settings.PANTAU_STORE.split(':')[0] ?? settings.PANTAU_STORE,
  })
  if (firstLogin !== null) process.stdout.write(`The first sign-in, name and password, is in ${firstLogin}\n`)
  process.stdout.write(`Pantau is ready: ${village.name} is at ${http}\n`)
}

/** Resolves when a signal comes, rejects when a part is given up. */
function stopSignal(): { promise: Promise<'stopped'>; fail: (fault: PantauError) => void } {
  let fail: (fault: PantauError) => void = () => undefined
  const promise = new Promise<'stopped'>((done, reject) => {
    process.on('SIGTERM', () => done('stopped'))
    process.on('SIGINT', () => done('stopped'))
    fail = reject
  })
  // A part may be given up before anybody waits.
  promise.catch(() => undefined)
  return { promise, fail }
}

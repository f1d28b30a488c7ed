// Ingest's process.

import { PantauError } from '../contract/errors.ts'
import type { Counters, IngestHealth } from '../contract/feed.ts'
import type { Registry } from '../contract/registry.ts'
import { DAY, HOUR, MINUTE } from '../contract/time.ts'
import { logFolder } from '../runtime/log/segment.ts'
import { type PartContext, type RunningPart, runPart } from '../runtime/part.ts'
import { watchRegistry } from '../runtime/registry.ts'
import { socketPath } from '../runtime/sockets.ts'
import { type LoadedVillage, loadVillage } from '../runtime/village.ts'
import { openCalls } from './door/calls.ts'
import { openDoor } from './door/door.ts'
import { openTransfer } from './door/transfer.ts'
import { type KnownDevice, knownDevices } from './known-devices.ts'
import { type AirIndices, openAirIndices } from './live/air-indices.ts'
import { openLiveFeed } from './live/live-feed.ts'
import { LiveState } from './live/live-state.ts'
import { Pipeline } from './pipeline.ts'
import { Rates } from './rates.ts'
import { openStore } from './store/index.ts'
import type { Store } from './store/store.ts'
import { tripPlaces } from './trip-places.ts'
import { openWakeClient, type WakeClient } from './wake-client.ts'

/** Values older than this are not shown after a start: who was silent for longer is seen to be. */
const LATEST_MS = DAY
/** The state before may have begun long ago. */
const STATES_MS = 30 * DAY
const HOURLY_TIMES = 10

await runPart('ingest', start)

async function start(context: PartContext): Promise<RunningPart> {
  const { settings, dataFolder, logger, clock } = context
  const village = villageOf(settings.PANTAU_VILLAGE)
  const store = await openStore({ settings, dataFolder, village: village.village, clock })
  const live = new LiveState(tripPlaces(village.gtfsPath))
  let known: ReadonlyMap<string, KnownDevice> = new Map()
  const setKnown = (registry: Registry): void => {
    known = knownDevices(registry, village.village, village.devices, settings.PANTAU_SIMULATE)
    const hidden = registry.devices.filter((device) => !known.has(device.id)).map((device) => device.id)
    live.setKnown(known, new Set(hidden))
  }
  const registry = watchRegistry(dataFolder, setKnown, (fault) => logger.error(fault.message))
  setKnown(registry.current())
  const restore = async (isImported: boolean): Promise<void> => {
    const now = clock.now()
    const latest = await store.latest(null, now - LATEST_MS)
    live.restore(latest, await store.states({ from: now - STATES_MS, to: now }), isImported)
  }
  await restore(false)

  const air = openAirIndices(store, live, clock, (error) =>
    logger.warn({ err: error }, 'the indices could not be computed'),
  )
  const rates = new Rates(clock)
  const pipeline = await openPipeline(context, store, live, air, rates, () => wake)
  const wake = openWakeClient({
    path: socketPath(dataFolder, 'wake'),
    clock,
    onEnd: (end) => pipeline.moveEnd(end),
    onThere: ({ since }) => live.listening(since),
    onAway: (since) => live.away(since),
  })
  const feed = openLiveFeed({
    live,
    clock,
    judgedUntil: () => pipeline.judgedUntil(clock.now()),
    keepSpans: (spans) => {
      store.putStates(spans).catch((error: unknown) => logger.warn({ err: error }, 'states were not kept'))
    },
  })
  const door = await openDoor({
    dataFolder,
    feed,
    logger,
    calls: openCalls({
      store,
      isKnown: (id) => live.has(id),
      health: () => healthOf(context, store, pipeline, wake, rates),
      counters: () => countersOf(context, store, pipeline, wake),
      registryChanged: () => registry.refresh(),
    }),
    transfer: openTransfer({
      store,
      known: () => known,
      async onImported() {
        await restore(true)
        air.recompute()
      },
    }),
  })
  const upkeep = openUpkeep(context, store)
  return {
    async stop() {
      upkeep.stop()
      registry.close()
      wake.close()
      feed.stop()
      air.stop()
      await door.close()
      await pipeline.stop()
      await store.close()
    },
  }
}

function villageOf(folder: string): LoadedVillage {
  const loaded = loadVillage(folder)
  if (loaded.ok) return loaded.village
  throw new PantauError('bad_village', `${folder}:\n${loaded.faults.join('\n')}`)
}

async function openPipeline(
  { settings, dataFolder, logger, clock, fail }: PartContext,
  store: Store,
  live: LiveState,
  air: AirIndices,
  rates: Rates,
  wake: () => WakeClient,
): Promise<Pipeline> {
  return Pipeline.open({
    folder: logFolder(dataFolder),
    store,
    limits: {
      maxAgeMs: settings.PANTAU_MAX_AGE,
      maxAheadMs: settings.PANTAU_MAX_AHEAD,
      maxPayloadBytes: settings.PANTAU_LIMIT_PAYLOAD,
    },
    clock,
    logger,
    random: Math.random,
    shown: {
      observation(observation) {
        live.applyObservation(observation)
        rates.count(1, Object.keys(observation.values).length)
        // An hour that has closed already: its mean counts in an index.
        if (
          observation.kind === 'sensor' &&
          observation.time < Math.floor(observation.arrival / HOUR) * HOUR
        ) {
          air.noteLate(observation.device)
        }
      },
      status: (status) => live.applyStatus(status),
      event: ({ device, event }) => logger.info({ device, event }, `${device}: ${event}`),
      listening: (since) => live.listening(since),
      stopped: (at) => live.away(at),
    },
    onStored(position, { conflictsByDevice }) {
      live.addConflicts(conflictsByDevice)
      wake().tellStored(position)
    },
    onFault: fail,
  })
}

async function healthOf(
  { clock }: PartContext,
  store: Store,
  pipeline: Pipeline,
  wake: WakeClient,
  rates: Rates,
): Promise<IngestHealth> {
  const broker = wake.status()
  const { messagesPerS, readingsPerS } = rates.perS()
  return {
    broker:
      broker === null
        ? { ok: false, detail: 'the broker does not answer' }
        : { ok: broker.accepting, detail: broker.detail },
    ingest: { ok: true, detail: 'reading the log' },
    store: await store.health(),
    storeName: store.name,
    storeBytes: await store.bytes(),
    logBytes: wake.lastStatus()?.logBytes ?? 0,
    logSegments: wake.lastStatus()?.logSegments ?? 0,
    lagMs: pipeline.lagMs(clock.now()),
    messagesPerS,
    readingsPerS,
  }
}

/** Counted by the log: what was received and acknowledged; by the broker: what it refused; by the store: what became of the rest. */
async function countersOf(
  { clock }: PartContext,
  store: Store,
  pipeline: Pipeline,
  wake: WakeClient,
): Promise<Counters> {
  const { observations, readings, window_s, notes } = await store.counters()
  const { received = 0, acknowledged = 0, ...others } = notes
  const status = wake.lastStatus()
  return {
    messages: { received, acknowledged, refused: status?.refused ?? {} },
    observations,
    readings,
    lag_ms: pipeline.lagMs(clock.now()),
    logBytes: status?.logBytes ?? 0,
    ...(window_s === undefined ? {} : { window_s }),
    notes: others,
  }
}

/** What the store does in quiet moments: hourly means, checkpoints, and the end of what is too old. */
function openUpkeep({ settings, clock, logger }: PartContext, store: Store): { stop(): void } {
  const attempt = (what: string, work: () => Promise<void>): void => {
    work().catch((error: unknown) => logger.warn({ err: error }, `${what} failed; it is tried again`))
  }
  const checkpoint = setInterval(() => attempt('the checkpoint', () => store.checkpoint()), MINUTE / 2)
  const retention = setInterval(() => {
    const now = clock.now()
    const raw = now - settings.PANTAU_RETENTION
    attempt('retention', () => store.dropBefore(raw, now - HOURLY_TIMES * settings.PANTAU_RETENTION))
  }, HOUR)
  return {
    stop() {
      clearInterval(checkpoint)
      clearInterval(retention)
    },
  }
}

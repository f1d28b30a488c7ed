// Ingest's process: puts store, live state, pipeline and door together, in the order in which each needs the one before.

import { PantauError } from '../contract/errors.ts'
import type { Registry } from '../contract/registry.ts'
import { DAY } from '../contract/time.ts'
import { loadTripLines } from '../runtime/gtfs-trips.ts'
import { logFolder } from '../runtime/log/segment.ts'
import { type PartContext, type RunningPart, runPart } from '../runtime/part.ts'
import { type RegistryWatch, watchRegistry } from '../runtime/registry.ts'
import { socketPath } from '../runtime/sockets.ts'
import { type LoadedVillage, loadVillage } from '../runtime/village.ts'
import { watchVitals } from '../runtime/vitals.ts'
import { type ClockDoubts, openClockDoubts } from './clock-doubts.ts'
import { CLONES_NOTE, readClones } from './clones.ts'
import { openQuality } from './derive/quality.ts'
import { openCalls } from './door/calls.ts'
import { openDoor } from './door/door.ts'
import { openFlagCalls } from './door/flag-calls.ts'
import { openTransfer } from './door/transfer.ts'
import { countersOf, healthOf } from './health.ts'
import { type KnownDevice, knownDevices } from './known-devices.ts'
import { type AirIndices, openAirIndices } from './live/air-indices.ts'
import { BrokerPresence } from './live/broker-presence.ts'
import { openLiveFeed } from './live/live-feed.ts'
import { LiveState } from './live/live-state.ts'
import { Pipeline } from './pipeline.ts'
import { Rates } from './rates.ts'
import { openSpanKeeper } from './span-keeper.ts'
import { openStore } from './store/index.ts'
import type { Store } from './store/store.ts'
import { tripPlaces } from './trip-places.ts'
import { openUpkeep } from './upkeep.ts'
import { openWakeClient, type WakeClient } from './wake-client.ts'

/** The state that a device is in may have begun long ago. */
const STATES_MS = 30 * DAY

await runPart('ingest', start)

async function start(context: PartContext): Promise<RunningPart> {
  const { settings, dataFolder, logger, clock, fail } = context
  const village = villageOf(settings.PANTAU_VILLAGE)
  const { timezone: zone } = village.village
  const store = await openStore({ settings, dataFolder, village: village.village, clock })
  const { live, registry, known } = openDevices(context, village)
  live.restore(await store.latest(null, 0), await lastSpans(context, store))
  const clones = readClones((await store.notes())[CLONES_NOTE])
  for (const [device, suspicion] of clones.entries()) live.applyClone(device, null, suspicion)

  const onAirFault = (error: unknown): void => logger.warn({ err: error }, 'the indices were not computed')
  const air = openAirIndices({ store, live, clock, zone, onFault: onAirFault })
  const onQualityFault = (error: unknown): void =>
    logger.warn({ err: error }, 'readings were not judged; it is tried again')
  const quality = await openQuality({ store, live, air, clock, onFault: onQualityFault })
  const doubts = openClockDoubts({
    store,
    clock,
    logger,
    onFlags: quality.refresh,
    onFault: (error) => logger.warn({ err: error }, 'arrivals in doubt were not flagged'),
  })
  const rates = new Rates(clock)
  const presence = new BrokerPresence(live)
  const pipeline = await openPipeline(context, {
    store,
    live,
    air,
    doubts,
    rates,
    presence,
    wake: () => wake,
  })
  const wake: WakeClient = openWakeClient({
    path: socketPath(dataFolder, 'wake'),
    clock,
    onEnd: (end) => pipeline.moveEnd(end),
    onThere: ({ since }) => presence.there(since),
    onAway: (since) => presence.gone(since),
  })
  const spans = openSpanKeeper(store, logger, fail)
  const feed = openLiveFeed({
    live,
    clock,
    judgedUntil() {
      if (pipeline.isCaughtUp() || wake.lastStatus() === null) presence.settle()
      return pipeline.judgedUntil(clock.now()) ?? (presence.isAway ? clock.now() : null)
    },
    keepSpans: (changed) => spans.keep(changed),
  })
  const vitals = watchVitals()
  const parts = { store, pipeline, wake, rates, vitals }
  const door = await openDoor({
    dataFolder,
    feed,
    logger,
    calls: {
      ...openCalls({
        store,
        isKnown: (id) => live.has(id),
        health: () => healthOf(parts, clock.now()),
        counters: () => countersOf(parts, clock.now()),
        registryChanged: () => registry.refresh(),
      }),
      ...openFlagCalls(quality, (id) => live.has(id)),
    },
    transfer: openTransfer({
      store,
      clock,
      known,
      standing: (id) => live.standing(id),
      async onImported() {
        live.restoreImported(await store.latest(null, 0), await lastSpans(context, store))
        air.recompute()
      },
    }),
  })
  const upkeep = openUpkeep(store, settings.PANTAU_RETENTION, clock, logger)
  return {
    async stop() {
      vitals.stop()
      registry.close()
      wake.close()
      air.stop()
      await door.close()
      await quality.stop()
      await pipeline.stop()
      await doubts.stop()
      feed.stop()
      await spans.finish()
      await upkeep.stop()
      await store.close()
    },
  }
}

interface Devices {
  readonly live: LiveState
  readonly registry: RegistryWatch
  readonly known: () => ReadonlyMap<string, KnownDevice>
}

/** Live state of the devices of registry and village, as the registry changes. */
function openDevices({ settings, dataFolder, logger }: PartContext, village: LoadedVillage): Devices {
  const live: LiveState = new LiveState({
    placeOnTrip: tripPlaces(village.gtfsPath === null ? new Map() : loadTripLines(village.gtfsPath)),
    showsUnknown: settings.PANTAU_MQTT_ANONYMOUS === 'on',
    onUnknown: () => registry.refresh(),
  })
  let known: ReadonlyMap<string, KnownDevice> = new Map()
  const setKnown = (registered: Registry): void => {
    known = knownDevices(registered, village.village, village.devices, settings.PANTAU_SIMULATE)
    const hidden = registered.devices.filter((device) => !known.has(device.id)).map((device) => device.id)
    live.setKnown(known, new Set(hidden))
  }
  const registry = watchRegistry(dataFolder, setKnown, (fault) => logger.error(fault.message))
  setKnown(registry.current())
  return { live, registry, known: () => known }
}

function villageOf(folder: string): LoadedVillage {
  const loaded = loadVillage(folder)
  if (loaded.ok) return loaded.village
  throw new PantauError('bad_village', `${folder}:\n${loaded.faults.join('\n')}`)
}

function lastSpans({ clock }: PartContext, store: Store): ReturnType<Store['states']> {
  const now = clock.now()
  return store.states({ from: now - STATES_MS, to: now })
}

interface PipelineParts {
  readonly store: Store
  readonly live: LiveState
  readonly air: AirIndices
  readonly doubts: ClockDoubts
  readonly rates: Rates
  readonly presence: BrokerPresence
  readonly wake: () => WakeClient
}

function openPipeline(
  { settings, dataFolder, logger, clock, fail }: PartContext,
  { store, live, air, doubts, rates, presence, wake }: PipelineParts,
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
      message: (readings) => rates.count(1, readings),
      observation: (observation) => live.applyObservation(observation),
      refusedTime: ({ device, kind }, time, arrival) => live.applyRefusedTime(device, kind, time, arrival),
      status: (status) => live.applyStatus(status),
      event: ({ device, event }) => logger.info({ device, event }, `${device}: ${event}`),
      clone: ({ device, kind }, suspicion) => live.applyClone(device, kind, suspicion),
      listening: (since, lastRecord) => presence.recordListening(since, lastRecord),
      stopped: (at) => presence.recordStopped(at),
    },
    onStored({ observations, position }, { conflictsByDevice }) {
      live.addConflicts(conflictsByDevice)
      air.noteStored(observations)
      doubts.noteStored(observations)
      wake().tellStored(position)
    },
    onFault: fail,
  })
}

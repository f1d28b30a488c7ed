// A stretch of simulated time through ingest's own modules: each message is decoded and shown to live state as the pipeline does it, and
// live state is asked each simulated second what changed, as the live feed does it. Time is an argument everywhere, so a week takes a
// minute; what is left out is the wire, the log and the store, which other tests and benchmarks run.

import type { LiveDevice } from '../../contract/feed.ts'
import type { Observation } from '../../contract/observation.ts'
import { DAY, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { buildTopic } from '../../contract/topics.ts'
import type { VillageDevice } from '../../contract/village.ts'
import type { ShapeLine } from '../../domain/transit/shape-line.ts'
import { decoderOf } from '../../ingest/decode/index.ts'
import { expectedDevice } from '../../ingest/known-devices.ts'
import { LiveState } from '../../ingest/live/live-state.ts'
import { tripPlaces } from '../../ingest/trip-places.ts'
import type { DeviceModel } from '../../simulators/device-model.ts'
import { deliveries } from './delivery.ts'

export interface Watcher {
  /** As decoded, in the order of arrival. */
  observation?(observation: Observation): void
  /** What live state shows of a device since that second. */
  shown?(device: LiveDevice, at: TimeMs): void
  /** A second has passed, and all that changed in it was shown. */
  second?(at: TimeMs): void
}

export interface VillageRun {
  readonly village: string
  readonly devices: readonly VillageDevice[]
  readonly models: readonly DeviceModel[]
  /** Lines of the trips, by trip. */
  readonly lines: ReadonlyMap<string, ShapeLine>
  readonly from: TimeMs
  readonly to: TimeMs
}

/** The settings' defaults. */
const LIMITS = { maxAgeMs: 30 * DAY, maxAheadMs: 5 * MINUTE, maxPayloadBytes: 65_536 }

/** Runs it all; returns how many messages there were. */
export function runVillage(run: VillageRun, watcher: Watcher): number {
  const live = new LiveState({
    placeOnTrip: tripPlaces(run.lines),
    showsUnknown: false,
    onUnknown: () => undefined,
  })
  live.setKnown(new Map(run.devices.map((device) => [device.id, expectedDevice(device, true)])), new Set())
  live.listening(run.from)
  let second = run.from
  let messages = 0
  const collectUntil = (time: TimeMs): void => {
    for (; second <= time; second += SECOND) {
      for (const device of live.collect(second).changed) watcher.shown?.(device, second)
      watcher.second?.(second)
    }
  }
  for (const { topic, payload, arrival } of deliveries(run.models, run.village, run.from, run.to)) {
    collectUntil(arrival)
    messages += 1
    const message = { topic: buildTopic(topic), parsed: topic, payload, arrival }
    const { observations, status, refusedTimes } = decoderOf(topic).decode(message, LIMITS)
    for (const observation of observations) {
      live.applyObservation(observation)
      watcher.observation?.(observation)
    }
    for (const time of refusedTimes) {
      live.applyRefusedTime(topic.device, topic.kind, time, arrival)
    }
    if (status !== null) live.applyStatus(status)
  }
  collectUntil(run.to)
  return messages
}

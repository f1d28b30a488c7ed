// The past of a fresh village: what the same models would have sent, as rows for the import, in the order of time.

import type { TransferRow } from '../contract/feed.ts'
import { DAY, HOUR, type TimeMs } from '../contract/time.ts'
import type { DeviceModel, Sample } from './device-model.ts'
import { firstTick } from './world.ts'

/** Positions of vehicles older than this are shown to nobody (contract section 4), so there is no use in making them. */
const VEHICLE_PAST_MS = 2 * HOUR
/** Older than this a hotspot's past has only what states, plots and reports are made of: the start waits for all of it. */
const WHOLE_PAST_MS = DAY
const HOTSPOT_CORE = ['up', 'latency_ms', 'loss_pct', 'clients']
/** Rows are made for spans of this length at a time, so that the whole past never lies in memory. */
const CHUNK_MS = 6 * HOUR

/** Rows of all models in [from, to), chunk by chunk, each chunk in the order of time. */
export function* pastRows(models: readonly DeviceModel[], from: TimeMs, to: TimeMs): Generator<TransferRow> {
  for (let start = from; start < to; start += CHUNK_MS) {
    const end = Math.min(to, start + CHUNK_MS)
    const rows = models.flatMap((model) => rowsOf(model, Math.max(start, earliest(model, from, to)), end, to))
    rows.sort((a, b) => a.time - b.time)
    yield* rows
  }
}

function earliest(model: DeviceModel, from: TimeMs, to: TimeMs): TimeMs {
  return model.kind === 'vehicle' ? Math.max(from, to - VEHICLE_PAST_MS) : from
}

function rowsOf(model: DeviceModel, from: TimeMs, to: TimeMs, now: TimeMs): TransferRow[] {
  const rows: TransferRow[] = []
  for (let time = firstTick(model, from); time < to; time += model.everyMs) {
    const deviceTime = model.deviceTime(time)
    // A clock that was ahead would have been refused at the door.
    if (deviceTime >= now || !model.isReachable(time)) continue
    const sample = model.sampleAt(time)
    if (sample === null) continue
    const isCut = model.kind === 'hotspot' && now - time > WHOLE_PAST_MS
    const values = isCut ? core(sample.values) : sample.values
    rows.push({ kind: model.kind, device: model.id, time: deviceTime, ...sample, values })
  }
  return rows
}

function core(values: Sample['values']): Sample['values'] {
  const kept: Record<string, number> = {}
  for (const metric of HOTSPOT_CORE) {
    const value = values[metric]
    if (value !== undefined) kept[metric] = value
  }
  return kept
}

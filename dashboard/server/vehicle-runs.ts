// Follows the vehicles of the live stream: the rules of their runs, departures and paces are `domain/transit/vehicle-runs.ts`. A dashboard
// that has just started goes through the last hour's positions first, beside the stream, and then goes on from there: a restart forgets
// neither how fast the routes get on nor when a stop was last left.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LiveDevice } from '../../contract/feed.ts'
import { type Clock, HOUR, type TimeMs } from '../../contract/time.ts'
import type { GtfsFeed } from '../../domain/transit/gtfs.ts'
import { TripPlaces } from '../../domain/transit/trip-places.ts'
import { type VehicleFix, VehicleRuns } from '../../domain/transit/vehicle-runs.ts'
import type { FeedCall } from './feed.ts'
import type { LiveChange, LiveMirror } from './live-mirror.ts'

const RECALLED_MS = HOUR
/** So many positions are gone through before others have their turn: some milliseconds. */
const SLICE = 300

export interface FollowedRuns {
  readonly runs: VehicleRuns
  /** Takes in where a vehicle is; returns it with its delay, the same object where there is no timetable to be late for. */
  withDelay(device: LiveDevice): LiveDevice
}

export function followVehicleRuns(
  mirror: LiveMirror,
  feed: GtfsFeed,
  call: FeedCall,
  clock: Clock,
): FollowedRuns {
  let runs = new VehicleRuns(feed)
  /** What came while the past was gone through; null while it is not. */
  let held: LiveChange[] | null = null
  let isRecalled = false
  /** Time of each vehicle's last fix. */
  const seen = new Map<string, TimeMs>()
  const delayed = new WeakMap<LiveDevice, LiveDevice>()

  const recall = async (vehicles: readonly LiveDevice[]): Promise<void> => {
    const now = clock.now()
    isRecalled = true
    // The store may lag behind what is shown.
    held = [{ time: now, changed: vehicles, removed: [] }]
    try {
      const past = new VehicleRuns(feed)
      await replay(past, await pastFixes(feed, call, vehicles, now))
      for (const change of held) take(past, change)
      runs = past
    } catch {
      // Without a past what is known begins now, as it stands in `runs`.
    } finally {
      held = null
    }
  }
  /** A device is shown anew for other reasons than a fix: each fix is taken once. */
  const see = ({ id, kind, transit }: LiveDevice): void => {
    if (kind !== 'vehicle' || (transit !== undefined && seen.get(id) === transit.time)) return
    if (transit === undefined) {
      seen.delete(id)
      runs.remove(id)
      return
    }
    seen.set(id, transit.time)
    runs.see(id, transit)
  }
  mirror.onChange((change) => {
    for (const device of change.changed) see(device)
    for (const id of change.removed) {
      seen.delete(id)
      runs.remove(id)
    }
    held?.push(change)
    const vehicles = isRecalled ? [] : mirror.devices().filter(({ transit }) => transit?.trip != null)
    if (vehicles.length > 0) void recall(vehicles)
  })
  return {
    get runs() {
      return runs
    },
    withDelay(device) {
      const { id, kind, transit } = device
      if (kind !== 'vehicle' || transit === undefined) return device
      const known = delayed.get(device)
      if (known !== undefined) return known
      see(device)
      const delayS = transit.stale ? null : runs.delayS(id, transit.time)
      const shown = delayS === null ? device : { ...device, transit: { ...transit, delayS } }
      delayed.set(device, shown)
      return shown
    },
  }
}

function take(runs: VehicleRuns, { changed, removed }: LiveChange): void {
  for (const { id, kind, transit } of changed) {
    if (kind !== 'vehicle') continue
    if (transit === undefined) runs.remove(id)
    else runs.see(id, transit)
  }
  for (const id of removed) runs.remove(id)
}

interface PastFix extends VehicleFix {
  readonly vehicle: string
}

/** Of the last hour, matched to their trips, in order of time. */
async function pastFixes(
  feed: GtfsFeed,
  call: FeedCall,
  vehicles: readonly LiveDevice[],
  now: number,
): Promise<readonly PastFix[]> {
  const places = new TripPlaces((trip) => feed.trips.get(trip)?.line)
  const fixes: PastFix[] = []
  for (const { id } of vehicles) {
    const { positions } = await call('track', { device: id, from: now - RECALLED_MS, to: now })
    for (const [index, { time, trip, lat, lon }] of positions.entries()) {
      const place = trip === null ? null : places.placeOf(id, trip, { lat, lon }, time)
      const alongM = place?.alongM ?? null
      fixes.push({ vehicle: id, trip: place?.isOnTrip === true ? trip : null, alongM, time })
      if (index % SLICE === SLICE - 1) await nextTurn()
    }
  }
  return fixes.sort((a, b) => a.time - b.time)
}

async function replay(runs: VehicleRuns, fixes: readonly PastFix[]): Promise<void> {
  for (const [index, { vehicle, ...fix }] of fixes.entries()) {
    runs.see(vehicle, fix)
    if (index % SLICE === SLICE - 1) await nextTurn()
  }
}

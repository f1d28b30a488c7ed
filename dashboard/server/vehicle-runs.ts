// Follows the vehicles of the live stream: the rules of their runs, departures and paces are `domain/transit/vehicle-runs.ts`.

import type { GtfsFeed } from '../../domain/transit/gtfs.ts'
import { VehicleRuns } from '../../domain/transit/vehicle-runs.ts'
import type { LiveMirror } from './live-mirror.ts'

export function followVehicleRuns(mirror: LiveMirror, feed: GtfsFeed): VehicleRuns {
  const runs = new VehicleRuns(feed)
  mirror.onChange(({ changed, removed }) => {
    for (const { id, kind, transit } of changed) {
      if (kind !== 'vehicle') continue
      if (transit === undefined) runs.remove(id)
      else runs.see(id, transit)
    }
    for (const id of removed) runs.remove(id)
  })
  return runs
}

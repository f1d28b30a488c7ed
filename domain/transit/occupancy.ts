// Occupancy of a vehicle from counts (domain C11): the names are those of GTFS-realtime's OccupancyStatus, which are no linear scale.

import type { Occupancy } from '../../contract/observation.ts'

export interface Load {
  readonly passengers: number
  /** Null when it is not known. */
  readonly seats: number | null
  /** Seated and standing; null when it is not known. */
  readonly capacity: number | null
}

/** Status, and percentage of the capacity rounded half up, which may exceed 100; null when the capacity is not known. [rule] */
export function occupancyOf({ passengers, seats, capacity }: Load): {
  status: Occupancy
  percentage: number | null
} {
  if (seats === null || capacity === null || capacity <= 0)
    return { status: 'NO_DATA_AVAILABLE', percentage: null }
  return {
    status: statusOf(passengers, seats, capacity),
    percentage: Math.floor((100 * passengers) / capacity + 0.5),
  }
}

function statusOf(passengers: number, seats: number, capacity: number): Occupancy {
  if (passengers === 0) return 'EMPTY'
  if (passengers >= capacity) return 'FULL'
  if (passengers <= seats / 2) return 'MANY_SEATS_AVAILABLE'
  if (passengers < seats) return 'FEW_SEATS_AVAILABLE'
  return passengers < seats + (capacity - seats) / 2 ? 'STANDING_ROOM_ONLY' : 'CRUSHED_STANDING_ROOM_ONLY'
}

import { expect, it } from 'vitest'
import { occupancyOf } from './occupancy.ts'

// Domain C11 and vectors transit-occupancy; the names are GTFS-realtime's.
it.each([
  [0, 20, 40, 'EMPTY', 0],
  [9, 24, 60, 'MANY_SEATS_AVAILABLE', 15],
  [10, 20, 40, 'MANY_SEATS_AVAILABLE', 25],
  [11, 20, 40, 'FEW_SEATS_AVAILABLE', 28],
  [19, 20, 40, 'FEW_SEATS_AVAILABLE', 48],
  [20, 20, 40, 'STANDING_ROOM_ONLY', 50],
  [29, 20, 40, 'STANDING_ROOM_ONLY', 73],
  [30, 20, 40, 'CRUSHED_STANDING_ROOM_ONLY', 75],
  [45, 24, 60, 'CRUSHED_STANDING_ROOM_ONLY', 75],
  [40, 20, 40, 'FULL', 100],
  [55, 20, 40, 'FULL', 138],
  [7, 12, 14, 'FEW_SEATS_AVAILABLE', 50],
] as const)(
  '%d passengers on %d seats of %d places are %s, %d %%',
  (passengers, seats, capacity, status, percentage) => {
    expect(occupancyOf({ passengers, seats, capacity })).toEqual({ status, percentage })
  },
)

it('without seats or capacity there is no data', () => {
  const none = { status: 'NO_DATA_AVAILABLE', percentage: null }
  expect(occupancyOf({ passengers: 5, seats: null, capacity: 40 })).toEqual(none)
  expect(occupancyOf({ passengers: 5, seats: 20, capacity: null })).toEqual(none)
})

// Five hours of three bus routes of Washington DC with their timetable (WMATA, 16 February 2026): how many positions match their trip, and
// predictions against when the buses came. What came is where the trace itself crosses the stops; it is under WMATA's terms and is not
// part of the repository.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND, type TimeMs } from '../contract/time.ts'
import type { GtfsFeed, TripStop } from '../domain/transit/gtfs.ts'
import { stopPasses } from '../domain/transit/stop-passes.ts'
import { VehicleRuns } from '../domain/transit/vehicle-runs.ts'
import { tripPlaces } from '../ingest/trip-places.ts'
import { loadGtfs, loadTripLines } from '../runtime/gtfs-trips.ts'

const FOLDER = '/work/shared/data/vehicle-positions'
const GTFS = `${FOLDER}/wmata-3routes-gtfs.zip`

interface Row {
  readonly trip: string
  readonly vehicle: string
  readonly time: TimeMs
  readonly lat: number
  readonly lon: number
}

interface Told {
  readonly at: TimeMs
  readonly time: TimeMs
  readonly low: TimeMs
  readonly high: TimeMs
  readonly scheduled: TimeMs
}

interface Held {
  readonly horizonS: number
  readonly errorS: number
  readonly timetableErrorS: number
  readonly isInRange: boolean
}

describe.skipIf(!existsSync(GTFS))('a real day of buses', () => {
  const { matched, onTrip, all, held } = replay(loadGtfs(GTFS), rows())

  it('has all but a few positions on the trips that they name', () => {
    expect(all).toBeGreaterThan(20_000)
    expect(onTrip / all).toBeGreaterThan(0.95)
    expect(matched / all).toBeGreaterThan(0.9)
  })

  it.each([
    [4, 6, 70, 200],
    [9, 11, 110, 300],
  ])(
    '%i to %i minutes ahead arrivals err by %i s at the median, less than the timetable',
    (from, to, median, most) => {
      const of = held.filter(({ horizonS }) => horizonS > from * 60 && horizonS <= to * 60)
      const errors = sorted(of.map(({ errorS }) => errorS))
      const timetable = sorted(of.map(({ timetableErrorS }) => timetableErrorS))
      expect(of.length).toBeGreaterThan(1_000)
      expect(quantile(errors, 0.5)).toBeLessThanOrEqual(median)
      expect(quantile(errors, 0.9)).toBeLessThanOrEqual(most)
      expect(quantile(errors, 0.5)).toBeLessThan(quantile(timetable, 0.5))
      expect(of.filter(({ isInRange }) => isInRange).length / of.length).toBeGreaterThanOrEqual(0.8)
    },
  )
})

function rows(): readonly Row[] {
  const text = gunzipSync(readFileSync(`${FOLDER}/wmata-vehicle-positions-2026-02-16.csv.gz`)).toString()
  const [header = '', ...lines] = text.trim().split('\n')
  const names = header.split(',')
  const column = (name: string): ((cells: readonly string[]) => string) => {
    const index = names.indexOf(`vehicle.${name}`)
    return (cells) => cells[index] ?? ''
  }
  const [trip, vehicle, lat, lon, time] = [
    column('trip.trip_id'),
    column('vehicle.id'),
    column('position.latitude'),
    column('position.longitude'),
    column('timestamp'),
  ]
  return lines
    .map((line) => line.split(','))
    .map((cells) => ({
      trip: trip(cells),
      vehicle: vehicle(cells),
      time: Number(time(cells)) * SECOND,
      lat: Number(lat(cells)),
      lon: Number(lon(cells)),
    }))
    .sort((a, b) => a.time - b.time)
}

function replay(feed: GtfsFeed, trace: readonly Row[]) {
  const placeOf = tripPlaces(loadTripLines(GTFS))
  const runs = new VehicleRuns(feed)
  const before = new Map<string, { trip: string; alongM: number; time: TimeMs }>()
  const told = new Map<string, Map<TripStop, Told[]>>()
  const held: Held[] = []
  let matched = 0
  let onTrip = 0
  for (const { trip: tripId, vehicle, time, lat, lon } of trace) {
    const trip = feed.trips.get(tripId)
    const place = placeOf({
      device: vehicle,
      kind: 'vehicle',
      time,
      arrival: time,
      timeIsArrival: false,
      values: {},
      position: { lat, lon },
      trip: tripId,
    })
    if (trip === undefined || place === null) continue
    if (place.isOnTrip) onTrip += 1
    if (place.alongM !== null) matched += 1
    runs.see(vehicle, { trip: place.isOnTrip ? tripId : null, alongM: place.alongM, time })
    if (place.alongM === null) continue
    const last = before.get(vehicle)
    before.set(vehicle, { trip: tripId, alongM: place.alongM, time })
    if (last?.trip !== tripId) told.delete(vehicle)
    else if (time - last.time <= MINUTE) {
      for (const pass of stopPasses(trip.stops, last, { alongM: place.alongM, time }, 0)) {
        const stop = trip.stops[pass.index]
        if (pass.type !== 'came' || stop === undefined) continue
        held.push(...(told.get(vehicle)?.get(stop) ?? []).map((one) => hold(one, pass.time)))
      }
    }
    const tellings = told.get(vehicle) ?? new Map<TripStop, Told[]>()
    told.set(vehicle, tellings)
    for (const { stop, time: comes, low, high, scheduled } of runs.predict(vehicle, time)?.arrivals ?? []) {
      if (scheduled === null) continue
      const own = tellings.get(stop) ?? []
      own.push({ at: time, time: comes, low, high, scheduled })
      tellings.set(stop, own)
    }
  }
  return { matched, onTrip, all: trace.length, held }
}

function hold({ at, time, low, high, scheduled }: Told, came: TimeMs): Held {
  return {
    horizonS: (came - at) / SECOND,
    errorS: (time - came) / SECOND,
    timetableErrorS: (scheduled - came) / SECOND,
    isInRange: came >= low && came <= high,
  }
}

function sorted(errors: readonly number[]): readonly number[] {
  return errors.map(Math.abs).sort((a, b) => a - b)
}

function quantile(values: readonly number[], share: number): number {
  return values[Math.floor(share * (values.length - 1))] ?? Number.NaN
}

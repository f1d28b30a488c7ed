import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../contract/time.ts'
import { haversineM } from '../domain/geo/geodesy.ts'
import { fleetsOf } from './fleets.ts'
import { randomOf } from './random.ts'
import { runRouteDay } from './route-day.ts'
import { fleetModels } from './vehicle.ts'

const OFFSET = 7 * HOUR
/** 03:00 in the village, when the day of the fleet begins. */
const DAY_BEGIN = Date.UTC(2026, 10, 20, 20)
/** Faster than any bus in a town. */
const FASTEST_M_S = 26

const FLEETS = fleetsOf(new URL('../villages/cideng/noncommercial/gtfs.zip', import.meta.url).pathname)

const vehicles = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `bus-${index}`, everyMs: 10 * SECOND }))

const models = (seed: number, fleet = FLEETS[0], count = 4) =>
  fleet === undefined ? [] : fleetModels(seed, { ...fleet, vehicles: vehicles(count) }, OFFSET)

const ticks = (from: number, to: number, stepMs: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / stepMs) }, (_, step) => from + step * stepMs)

describe('a day of a route', () => {
  it.each(FLEETS.map((fleet) => [fleet.route, fleet] as const))(
    'on %s never goes back, nor faster than a bus can',
    (_, fleet) => {
      const day = runRouteDay(
        {
          patterns: fleet.patterns,
          vehicles: 5,
          start: DAY_BEGIN,
          end: DAY_BEGIN + 6 * HOUR,
          traffic: () => 0.5,
        },
        randomOf(1, 'day', fleet.route),
      )
      expect(day).toHaveLength(5)
      for (const run of day.flat()) {
        const links = run.times.slice(1).map((time, index) => ({
          s: (time - (run.times[index] ?? 0)) / SECOND,
          m: (run.alongM[index + 1] ?? 0) - (run.alongM[index] ?? 0),
        }))
        expect(links.filter(({ s, m }) => s <= 0 || m < 0)).toEqual([])
        expect(links.filter(({ s, m }) => m / s >= FASTEST_M_S)).toEqual([])
      }
    },
  )

  it('has no two vehicles in one place all the way', () => {
    const fleet = FLEETS[0]
    const day = runRouteDay(
      {
        patterns: fleet?.patterns ?? [],
        vehicles: 6,
        start: DAY_BEGIN,
        end: DAY_BEGIN + 20 * HOUR,
        traffic: () => 1,
      },
      randomOf(2, 'day'),
    )
    const runs = day.flat().map((run) => `${run.pattern.trip} ${run.times.join()}`)
    expect(runs.length).toBeGreaterThan(12)
    expect(new Set(runs).size).toBe(runs.length)
  })
})

describe('a simulated vehicle', () => {
  const moments = ticks(DAY_BEGIN + 4 * HOUR, DAY_BEGIN + 5 * HOUR, 10 * SECOND)

  it('is the same for the same seed, and another for another', () => {
    const samples = (seed: number) => models(seed).map((model) => moments.map((time) => model.sampleAt(time)))
    expect(samples(1)).toEqual(samples(1))
    expect(samples(1)).not.toEqual(samples(2))
  })

  it('says the same of a moment in whatever order days and moments are asked', () => {
    const days = ticks(DAY_BEGIN, DAY_BEGIN + 5 * DAY, 3 * HOUR + 7 * MINUTE)
    const forward = models(1)[0]
    const backward = models(1)[0]
    const inOrder = days.map((time) => forward?.sampleAt(time))
    expect(
      days
        .toReversed()
        .map((time) => backward?.sampleAt(time))
        .toReversed(),
    ).toEqual(inOrder)
  })

  it.each(FLEETS.filter((_, index) => index % 12 === 0).map((fleet) => [fleet.route, fleet] as const))(
    'on %s reports a place within 60 m of the shape',
    (_, fleet) => {
      const places = models(3, fleet, 2)
        .flatMap((model) => moments.map((time) => model.sampleAt(time)))
        .flatMap((sample) => (sample === null ? [] : [sample]))
      expect(places.length).toBeGreaterThan(100)
      for (const trip of new Set(places.map((sample) => sample.trip ?? ''))) {
        const pattern = fleet.patterns.find((one) => one.trip === trip)
        const shape = ticks(0, pattern?.stops.at(-1)?.alongM ?? 0, 20).map((alongM) =>
          fleet.placeAt(trip, alongM),
        )
        const offs = places
          .filter((sample) => sample.trip === trip)
          .map(({ position }) =>
            Math.min(...shape.map((place) => haversineM(place, position ?? { lat: 0, lon: 0 }))),
          )
        expect(offs.filter((offM) => offM > 60)).toEqual([])
      }
    },
  )

  it('tells its arrivals in pieces as in one, over the turn of its day as well', () => {
    const model = models(1)[0]
    const from = DAY_BEGIN + 18 * HOUR
    const to = DAY_BEGIN + 2 * DAY
    const whole = model?.truth(from, to) ?? []
    const pieces = ticks(from, to, 10 * MINUTE).flatMap(
      (time) => model?.truth(time, time + 10 * MINUTE) ?? [],
    )
    expect(pieces.length).toBeGreaterThan(0)
    expect(whole).toEqual(pieces)
  })

  it('rests for a quarter of an hour before its day begins anew', () => {
    const resting = models(1).flatMap((model) =>
      ticks(DAY_BEGIN - 12 * MINUTE, DAY_BEGIN, 30 * SECOND).map((time) => model.sampleAt(time)),
    )
    expect(resting.filter((sample) => sample !== null)).toEqual([])
  })
})

// Routes and stops of the village's public transport, fetched once: names, colours, shapes and where the stops are.

import type { RoutesAnswer, StopsAnswer } from '../../contract/api.ts'
import { type Answer, getJson } from './api.ts'
import { type RouteLine, routeLine } from './map/route-line.ts'

export type Route = RoutesAnswer['routes'][number]
export type Stop = StopsAnswer['stops'][number]

export const routes = new Map<string, Route>()
export const stops = new Map<string, Stop>()

/** Stops asked for at once; a village's surroundings have fewer, a city more. */
const PAGE = 1_000
const MOST_PAGES = 5

/** Fetches both; what does not come is left out, and the map goes on without it. */
export async function loadTransitPlan(bounds: readonly number[]): Promise<Answer<null>> {
  const [routesAnswer, stopsFault] = await Promise.all([
    getJson<RoutesAnswer>('/api/v1/transit/routes'),
    loadStops(bounds),
  ])
  if (routesAnswer.ok) for (const route of routesAnswer.value.routes) routes.set(route.id, route)
  if (!routesAnswer.ok) return routesAnswer
  return stopsFault ?? { ok: true, value: null }
}

async function loadStops(bounds: readonly number[]): Promise<Answer<null> | null> {
  let cursor = ''
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await getJson<StopsAnswer>(
      `/api/v1/transit/stops?bbox=${bounds.join(',')}&limit=${PAGE}${cursor}`,
    )
    if (!answer.ok) return answer
    for (const stop of answer.value.stops) stops.set(stop.id, stop)
    if (answer.value.next === undefined) return null
    cursor = `&cursor=${encodeURIComponent(answer.value.next)}`
  }
  return null
}

const lines = new Map<string, RouteLine | null>()

/** The shape of a route in a direction, in units of the world map at zoom 0; null where there is none. */
export function lineOf(
  route: string | null,
  direction: number | null,
  project: (lat: number, lon: number) => { readonly x: number; readonly y: number },
): RouteLine | null {
  if (route === null || direction === null) return null
  const key = `${route} ${direction}`
  const kept = lines.get(key)
  if (kept !== undefined) return kept
  const shape = routes.get(route)?.directions.find((one) => one.direction === direction)?.shape
  // Before the plan is there nothing is kept: it may still come.
  if (shape === undefined) return null
  const points = shape.flatMap(([lon = 0, lat = 0]) => {
    const { x, y } = project(lat, lon)
    return [x, y]
  })
  const line = points.length < 4 ? null : routeLine(Float64Array.from(points))
  lines.set(key, line)
  return line
}

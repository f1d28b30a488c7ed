// What is asked of the server while it is looked at, of stops, vehicles and routes: asked for again every 20 s, the last answer kept while
// a new one is on its way.

import type { ArrivalsAnswer, HeadwaysAnswer, VehicleArrivalsAnswer } from '../../contract/api.ts'
import { type Clock, SECOND } from '../../contract/time.ts'
import { type Fault, getJson } from './api.ts'

export interface Board<Answer> {
  readonly answer: Answer | null
  readonly fault: Fault | null
}

const AGAIN_MS = 20 * SECOND
const MOST_KEPT = 20

export class Arrivals {
  readonly #stops: Boards<ArrivalsAnswer>
  readonly #vehicles: Boards<VehicleArrivalsAnswer>
  readonly #routes: Boards<HeadwaysAnswer>

  constructor(clock: Clock, onChange: () => void) {
    this.#stops = new Boards(clock, onChange, (stop) => `stops/${stop}/arrivals`)
    this.#vehicles = new Boards(clock, onChange, (vehicle) => `vehicles/${vehicle}/arrivals`)
    this.#routes = new Boards(clock, onChange, (route) => `routes/${route}/headways`)
  }

  /** What is known of a stop; asks when that is old. */
  of(stop: string): Board<ArrivalsAnswer> {
    return this.#stops.of(stop)
  }

  /** The stops ahead of a vehicle; asks when that is old. */
  ofVehicle(vehicle: string): Board<VehicleArrivalsAnswer> {
    return this.#vehicles.of(vehicle)
  }

  /** How evenly the vehicles of a route come; asks when that is old. */
  headwaysOf(route: string): Board<HeadwaysAnswer> {
    return this.#routes.of(route)
  }

  /** The next look asks anew. */
  retry(stop: string): void {
    this.#stops.retry(stop)
  }
}

class Boards<Answer> {
  readonly #clock: Clock
  readonly #onChange: () => void
  readonly #pathOf: (id: string) => string
  readonly #boards = new Map<string, Board<Answer> & { readonly askedMs: number }>()

  constructor(clock: Clock, onChange: () => void, pathOf: (id: string) => string) {
    this.#clock = clock
    this.#onChange = onChange
    this.#pathOf = pathOf
  }

  of(id: string): Board<Answer> {
    const kept = this.#boards.get(id)
    const now = this.#clock.monotonicMs()
    if (kept === undefined || now - kept.askedMs > AGAIN_MS) {
      if (this.#boards.size > MOST_KEPT) this.#boards.clear()
      this.#boards.set(id, { answer: kept?.answer ?? null, fault: kept?.fault ?? null, askedMs: now })
      void this.#ask(id, now)
    }
    return this.#boards.get(id) ?? { answer: null, fault: null }
  }

  retry(id: string): void {
    this.#boards.delete(id)
    this.#onChange()
  }

  async #ask(id: string, askedMs: number): Promise<void> {
    const answer = await getJson<Answer>(`/api/v1/transit/${this.#pathOf(encodeURIComponent(id))}`)
    const before = this.#boards.get(id)?.answer ?? null
    this.#boards.set(
      id,
      answer.ok
        ? { answer: answer.value, fault: null, askedMs }
        : { answer: before, fault: answer.fault, askedMs },
    )
    this.#onChange()
  }
}

// What the server knew when it wrote the map's page, for the page to go on with: it travels in the page itself, so that the first
// answers need no second question.

import type { ArrivalsAnswer, VillageAnswer } from '../../contract/api.ts'
import type { NearStop } from './answers/next-bus.ts'
import type { Language } from './format.ts'

/** Id of the element that holds it. */
export const START_DATA = 'start-data'

export interface StartData {
  readonly language: Language
  readonly village: VillageAnswer
  /** The place that the answers are for. */
  readonly place: StartPlace
  readonly stop: NearStop | null
  readonly arrivals: ArrivalsAnswer | null
  /** Short names of the routes among the arrivals. */
  readonly routes: Readonly<Record<string, string>>
}

export interface StartPlace {
  readonly type: 'center' | 'picked'
  readonly id: string | null
  readonly name: string
  readonly lat: number
  readonly lon: number
}

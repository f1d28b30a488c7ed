// How things stand for one visitor: the place, the three answers for it, and of what time they are. What every public page begins
// from.

import type { FastifyRequest } from 'fastify'
import type { ArrivalsAnswer } from '../../../contract/api.ts'
import { formatTime, type TimeMs } from '../../../contract/time.ts'
import { type AnswerRow, type AnswersInput, answerRows } from '../../web/answers/answer-rows.ts'
import { type NearStop, nearestStop, type Stop } from '../../web/answers/next-bus.ts'
import type { Language } from '../../web/format.ts'
import type { StartPlace } from '../../web/start-data.ts'
import type { Words } from '../../web/text/words.ts'
import { arrivalsAt } from '../arrivals.ts'
import type { Context } from '../context.ts'
import { arrivalSource } from '../routes/transit.ts'
import { languageOf, placeOf, publicFeatures, wordsOf } from './visitor.ts'

export interface Situation {
  readonly context: Context
  readonly language: Language
  readonly words: Words
  readonly now: TimeMs
  /** When the village was last heard of; null before it ever was. */
  readonly feedTime: TimeMs | null
  /** False while the last known state is shown. */
  readonly isFresh: boolean
  readonly isSimulated: boolean
  readonly place: StartPlace
  readonly stop: NearStop | null
  readonly arrivals: ArrivalsAnswer | null
  readonly input: AnswersInput
  readonly rows: readonly AnswerRow[]
}

export function situationOf(context: Context, request: FastifyRequest): Situation {
  const { village } = context.village
  const language = languageOf(request, village.languages)
  const words = wordsOf(context, language)
  const place = placeOf(context, words, request)
  const now = context.clock.now()
  const feedTime = context.mirror.lastUpdate()
  const features = publicFeatures(context)
  const stop = nearStop(context, place)
  const arrivals = stop === null ? null : arrivalsOf(context, stop.stop)
  const input: AnswersInput = {
    words,
    now,
    feedTime: feedTime ?? now,
    form: 'clock',
    villageName: village.name,
    place,
    features,
    stop,
    arrivals,
    routeName: (route) => routeName(context, route),
  }
  return {
    context,
    language,
    words,
    now,
    feedTime,
    isFresh: context.mirror.isFresh(),
    isSimulated: features.some(({ properties }) => properties.simulated),
    place,
    stop,
    arrivals,
    input,
    rows: answerRows(input),
  }
}

/** A picked stop is the stop, however near another one is. */
function nearStop(context: Context, place: StartPlace): NearStop | null {
  const picked = context.transit.stops.find(({ id }) => `stop:${id}` === place.id)
  return picked === undefined ? nearestStop(context.transit.stops, place) : { stop: picked, distanceM: 0 }
}

/** As everybody may see them. */
export function arrivalsOf(context: Context, stop: Stop): ArrivalsAnswer {
  const now = context.clock.now()
  const arrivals = arrivalsAt(arrivalSource(context, null, now), stop.id)
  return { stop: stop.id, name: stop.name, time: formatTime(now), arrivals: [...arrivals] }
}

export function routeName(context: Context, route: string): string {
  return context.transit.routes.find(({ id }) => id === route)?.shortName ?? route
}

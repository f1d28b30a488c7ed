// The three answers of the live page, for one place, in words, before any map is read (reference/ui 3).

import type { ArrivalsAnswer } from '../../../../contract/api.ts'
import { answerRows } from '../../answers/answer-rows.ts'
import { answersMarkup, waitingMarkup } from '../../answers/answer-view.ts'
import { routeLabel } from '../../answers/bus-answer.ts'
import { type NearStop, nearestStop } from '../../answers/next-bus.ts'
import { domMarkup } from '../../dom/dom-markup.ts'
import { words } from '../../text/texts.ts'
import { routes, stops } from '../../transit-plan.ts'
import { heardTime, type MapState } from './map-state.ts'

export { BASIS_ICONS, BASIS_TEXTS } from '../../answers/next-bus.ts'

/** The rows; null before the first data while what the server sent still stands. */
export function answersView(state: MapState): readonly Node[] | null {
  const said = words()
  if (state.store.feedTime === null) {
    return document.documentElement.lang === state.start?.language ? null : waitingMarkup(domMarkup, said)
  }
  const stop = stopOf(state)
  const rows = answerRows({
    words: said,
    now: state.now(),
    feedTime: heardTime(state),
    form: 'minutes',
    villageName: state.village.name,
    place: state.place,
    features: [...state.store.devices.values()],
    stop,
    arrivals: stop === null ? null : arrivalsOf(state, stop.stop.id),
    routeName: (route) => (routes.has(route) ? routeLabel(route) : (state.start?.routes[route] ?? route)),
  })
  return answersMarkup(domMarkup, said, rows)
}

/** The stop nearest to the place; before the plan is there, the one that the server found. */
function stopOf(state: MapState): NearStop | null {
  if (stops.size > 0) return nearestStop(stops.values(), state.place)
  return state.start !== null && state.place === state.start.place ? state.start.stop : null
}

function arrivalsOf(state: MapState, stop: string): ArrivalsAnswer | null {
  const heard = state.arrivals.of(stop).answer
  const first = state.start?.arrivals ?? null
  return heard ?? (first?.stop === stop ? first : null)
}

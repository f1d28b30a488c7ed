// Explains how evenly the vehicles of a route leave a stop (domain C9): the planned headway, each departure that was seen, and what riders
// wait because of both.

import type { Explanation, ExplanationInput } from '../../../contract/explain.ts'
import { formatTime, MINUTE } from '../../../contract/time.ts'
import type { Context } from '../context.ts'
import { headwaysOf } from '../headways.ts'
import { wrongParameter } from '../refusal.ts'
import { arrivalSourceFor } from '../routes/transit.ts'
import type { Question } from './explainer.ts'
import { RULES } from './rules.ts'

/** Fewer departures make no headway to speak of. */
const DEPARTURES_NEEDED = 3

/** Of the route that the question names, at a stop; null when it does not call there, or nobody gets on there. */
export function explainHeadway(context: Context, stop: string, question: Question): Explanation | null {
  const now = context.clock.now()
  if (question.route === null) throw wrongParameter('route', 'name the route whose headway it is')
  if (now - question.at > MINUTE) throw wrongParameter('at', 'a headway is explained as it is now')
  if (!context.transit.routes.some(({ id }) => id === question.route)) return null
  const { feed, runs, vehicles } = arrivalSourceFor(context, question.audience, now)
  const shown = new Set(vehicles.map(({ id }) => id))
  const answer = headwaysOf({ feed, runs, now, shown }, question.route)
  for (const { direction, planned_s, stops } of answer.directions) {
    const found = stops.find((one) => one.stop === stop)
    if (found === undefined) continue
    const departures = runs.departures(question.route, direction === 1 ? 1 : 0, stop, now)
    return {
      subject: { stop, route: question.route, name: found.name, value: question.value },
      time: formatTime(now),
      from: answer.since,
      value: found.observed?.mean_s ?? null,
      unit: 's',
      rule: RULES['headway-quality'],
      inputs: [
        ...(planned_s === null ? [] : [{ name: 'headway', value: planned_s, unit: 's' }]),
        ...departures.map(({ time }) => ({ name: 'departure', value: formatTime(time), unit: 'time' })),
        ...qualityInputs(found.observed),
      ],
      completeness: {
        known: departures.length,
        needed: DEPARTURES_NEEDED,
        share: Math.min(1, departures.length / DEPARTURES_NEEDED),
      },
      ...(found.reason === undefined ? {} : { reason: found.reason }),
      readings: `/api/v1/transit/routes/${encodeURIComponent(question.route)}/headways`,
    }
  }
  return null
}

function qualityInputs(
  observed: ReturnType<typeof headwaysOf>['directions'][number]['stops'][number]['observed'],
): readonly ExplanationInput[] {
  if (observed === null) return []
  return [
    { name: 'headway_cv', value: observed.cv, unit: '1' },
    { name: 'expected_wait', value: observed.expected_wait_s, unit: 's' },
    { name: 'scheduled_wait', value: observed.scheduled_wait_s, unit: 's' },
    { name: 'excess_wait', value: observed.excess_wait_s, unit: 's' },
    { name: 'bunched', value: observed.bunched, unit: 'count' },
    { name: 'gaps', value: observed.gaps, unit: 'count' },
    ...(observed.grade === null ? [] : [{ name: 'headway_grade', value: observed.grade }]),
  ]
}

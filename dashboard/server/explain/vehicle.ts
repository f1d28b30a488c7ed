// Explains what is told of a vehicle itself: how old its place is, how full it says it is, and its delay where it keeps a timetable (domain
// C7, C10, C11).

import type { Explanation, ExplanationInput } from '../../../contract/explain.ts'
import type { LiveDevice } from '../../../contract/feed.ts'
import { formatTime, HOUR, MINUTE, SECOND } from '../../../contract/time.ts'
import { scheduledSecond } from '../../../domain/transit/arrival.ts'
import { formatGtfsTime } from '../../../domain/transit/gtfs-time.ts'
import { GONE_MS, STALE_MS } from '../../../domain/transit/punctuality.ts'
import type { Context } from '../context.ts'
import { isTooFew } from '../public-view.ts'
import { wrongParameter } from '../refusal.ts'
import { type Explainer, oneOf, type Question, readingsPath } from './explainer.ts'
import { RULES } from './rules.ts'

type Answer = Pick<Explanation, 'value' | 'unit' | 'rule' | 'inputs' | 'completeness'>

export const vehicle: Explainer = {
  valuesOf: (_context, { kind, transit }) =>
    kind !== 'vehicle' || transit === undefined
      ? []
      : [
          'position_age',
          ...(transit.occupancy === null ? [] : ['occupancy']),
          ...(transit.delayS === undefined ? [] : ['delay']),
        ],
  explain: async (context, device, question) => {
    const now = context.clock.now()
    if (now - question.at > MINUTE) throw wrongParameter('at', 'a vehicle is explained as it is now')
    return {
      subject: { device: device.id, value: question.value },
      time: formatTime(device.transit?.time ?? now),
      ...answerOf(context, device, question, now),
      readings: readingsPath(device.id, ['speed', 'passengers'], now - HOUR, now + MINUTE),
    }
  },
}

function answerOf(context: Context, device: LiveDevice, question: Question, now: number): Answer {
  if (question.value === 'occupancy') return occupancy(device, question)
  return question.value === 'delay' ? delay(context, device, now) : age(device, now)
}

/** Seconds since the last fix; beyond the first limit the vehicle counts as silent, beyond the second it leaves the map. */
function age({ transit }: LiveDevice, now: number): Answer {
  return {
    value: transit === undefined ? null : Math.max(0, Math.round((now - transit.time) / SECOND)),
    unit: 's',
    rule: RULES['position-age'],
    inputs: [
      ...lastFix(transit?.time),
      { name: 'stale_after', value: STALE_MS / SECOND, unit: 's' },
      { name: 'gone_after', value: GONE_MS / SECOND, unit: 's' },
    ],
    completeness: oneOf(transit !== undefined),
  }
}

/** The name that the vehicle sends, and the count of passengers where it may be told. */
function occupancy({ transit, values }: LiveDevice, { audience }: Question): Answer {
  const passengers = values['passengers']
  const isTold =
    passengers !== undefined && (audience === 'staff' || !isTooFew('passengers', passengers.value))
  return {
    value: transit?.occupancy ?? null,
    rule: RULES['occupancy'],
    inputs: [
      ...lastFix(transit?.time),
      ...(isTold ? [{ name: 'passengers', value: passengers.value, unit: 'count' }] : []),
    ],
    completeness: oneOf(transit?.occupancy != null),
  }
}

function delay({ runs }: Context, { id, transit }: LiveDevice, now: number): Answer {
  const run = runs.predict(id, now)
  return {
    value: run?.delayS ?? null,
    unit: 's',
    rule: RULES['vehicle-delay'],
    inputs: [
      ...lastFix(transit?.time),
      ...(run === null
        ? []
        : [
            { name: 'trip', value: run.trip.id },
            { name: 'run_start', value: `${run.start.date} ${formatGtfsTime(run.start.second)}` },
            { name: 'matched_distance', value: Math.round(run.place.alongM * 10) / 10, unit: 'm' },
            {
              name: 'timetable',
              value: formatTime(
                Math.round(run.start.time + scheduledSecond(run.trip.stops, run.place.alongM) * SECOND),
              ),
              unit: 'time',
            },
          ]),
    ],
    completeness: oneOf(run?.delayS != null),
  }
}

function lastFix(time: number | undefined): readonly ExplanationInput[] {
  return time === undefined ? [] : [{ name: 'last_fix', value: formatTime(time), unit: 'time' }]
}

// Every number that Pantau answers belongs to one of these classes, and each class says what must stand with its numbers. A number of a new
// member fits none, and the walk fails with its path until a line here says what it is; most new numbers fit a class that is there.

import { METRICS } from '../../contract/metrics.ts'
import type { FoundNumber } from './numbers.ts'

export type Need = 'unit' | 'time' | 'rule'

export interface NumberClass {
  readonly name: string
  readonly why: string
  readonly needs: readonly Need[]
  /** The only one that is right. */
  readonly unit?: string
  fits(number: FoundNumber): boolean
}

/** By the names of members. */
function members(names: string): (number: FoundNumber) => boolean {
  const known = new Set(names.split(/\s+/))
  return ({ member }) => known.has(member)
}

/** By the way to it, in names of members. */
function way(pattern: RegExp): (number: FoundNumber) => boolean {
  return ({ names }) => pattern.test(names.join('.'))
}

const either =
  (...classes: readonly ((number: FoundNumber) => boolean)[]) =>
  (number: FoundNumber): boolean =>
    classes.some((isOne) => isOne(number))

const METRIC_NAMES = new Set(Object.values(METRICS).flatMap((metrics) => Object.keys(metrics)))
const placeIn = ({ tuple }: FoundNumber): number => tuple?.place ?? -1
const isPointValue = (number: FoundNumber): boolean => way(/series\.points$/)(number) && placeIn(number) === 1
const isOfKnownMetric = ({ holders }: FoundNumber): boolean =>
  METRIC_NAMES.has(String(holders[0]?.['metric']))
const isBucketed = ({ holders }: FoundNumber): boolean => holders.at(-1)?.['every'] != null

/** The first that fits counts. */
export const NUMBER_CLASSES: readonly NumberClass[] = [
  {
    name: 'time of a point',
    why: 'milliseconds since 1970 UTC by contract section 4: it is the time of the value after it',
    needs: [],
    fits: (number) => way(/series\.points$/)(number) && placeIn(number) === 0,
  },
  {
    name: 'count of a bucket',
    why: 'how many readings a time has: the answer names step, function and rule, and the unit is no longer the metric’s',
    needs: ['time', 'rule'],
    unit: 'count',
    fits: (number) => isPointValue(number) && isBucketed(number) && number.holders.at(-1)?.['fn'] === 'count',
  },
  {
    name: 'value of a bucket',
    why: 'mean, quantile or count of the readings of a time: the answer names step, function and rule',
    needs: ['unit', 'time', 'rule'],
    fits: (number) => isPointValue(number) && isOfKnownMetric(number) && isBucketed(number),
  },
  {
    name: 'value of a point',
    why: 'as the device sent it: its time stands before it, its unit beside the series',
    needs: ['unit', 'time'],
    fits: (number) => isPointValue(number) && isOfKnownMetric(number),
  },
  {
    name: 'value of a point of an unknown metric',
    why: 'contract section 3: unknown names are stored as they come, without a unit',
    needs: ['time'],
    fits: isPointValue,
  },
  {
    name: 'reading',
    why: 'as the device sent it, nothing computed; of a metric that the contract does not know there is no unit',
    needs: ['unit', 'time'],
    fits: (number) =>
      way(/properties\.values\.\w+\.value$/)(number) && METRIC_NAMES.has(number.names.at(-2) ?? ''),
  },
  {
    name: 'reading of an unknown metric',
    why: 'contract section 3: unknown names are stored as they come, without a unit',
    needs: ['time'],
    fits: way(/properties\.values\.\w+\.value$/),
  },
  {
    name: 'place',
    why: 'degrees of WGS 84 by contract section 4, longitude first in GeoJSON',
    needs: [],
    fits: members('lat lon coordinates bounds shape latitude longitude'),
  },
  {
    name: 'name in digits',
    why: 'it names or orders something and measures nothing: ids, places in an order, directions, weekdays, GTFS route types',
    needs: [],
    fits: members('id n sequence stopSequence direction directionId days type seq status'),
  },
  {
    name: 'setting',
    why: 'what the village was told, and holds until somebody changes it: interval of a device, radius of a hotspot, a window that is looked at',
    needs: ['unit'],
    fits: members('expect_every_s radius_m window_s'),
  },
  {
    name: 'plan',
    why: 'from the timetable, as its publisher wrote it; the days it holds for stand above',
    needs: ['unit', 'time'],
    fits: members('start_s end_s'),
  },
  {
    name: 'headway of the plan',
    why: 'in the list of routes the published number itself; the plan and its days stand above',
    needs: ['unit', 'time'],
    fits: way(/routes\.directions\.headways\.headway_s$/),
  },
  {
    name: 'count',
    why: 'of the things that its name says, at the time of the answer or in its period',
    needs: ['time'],
    fits: either(
      members(
        'conflicts takeovers tokens received acknowledged taken stored duplicates segments browsers devices reporting departures windows valid over hotspots',
      ),
      way(/\.(refused|quarantined)\.\w+$|^notes\.\w+$/),
    ),
  },
  {
    name: 'count by a rule',
    why: 'of things whose state a rule decides',
    needs: ['time', 'rule'],
    fits: either(
      way(/^counts\.\w+\.\w+$/),
      way(/^(up|down|unknown|degraded|maintenance)$/),
      members('bunched gaps'),
    ),
  },
  {
    name: 'measure of our own works',
    why: 'read off the machine at the time of the answer: sizes, rates, lag',
    needs: ['unit', 'time'],
    fits: members('bytes logBytes rss_bytes uptime_s lag_ms messages_per_s readings_per_s'),
  },
  {
    name: 'measure that a device sent beside its readings',
    why: 'of its position: speed and bearing as the beacon said them',
    needs: ['unit', 'time'],
    fits: either(way(/transit\.(speed|bearing)$/), way(/^features\.properties\.(speed|bearing)$/)),
  },
  {
    name: 'air index and what it is made of',
    why: 'computed: index, sub-indices, means of concentrations, share of the hours that were there',
    needs: ['unit', 'time', 'rule'],
    fits: either(
      way(/(ispu|us-aqi|eaqi)\.(value|completeness|parts\.(value|concentration))$/),
      way(/^stations\.(value|completeness|parts\.(value|concentration))$/),
    ),
  },
  {
    name: 'exceedance',
    why: 'a mean, the limit it is held against, and how much of its data was there',
    needs: ['unit', 'time', 'rule'],
    fits: way(/^(exceedances|tallies)\.(value|limit|completeness)$/),
  },
  {
    name: 'figure of connectivity',
    why: 'computed from states and readings of a period',
    needs: ['unit', 'time', 'rule'],
    fits: members(
      'availability knownShare up_s down_s unknown_s maintenance_s outages mtbf_s mttr_s latency_p50_ms latency_p95_ms latency_error loss_pct clockOffset_ms',
    ),
  },
  {
    name: 'figure of transit',
    why: 'computed from positions and the plan',
    needs: ['unit', 'time', 'rule'],
    fits: members(
      'delay_s headway_s planned_s pace behind_s mean_s cv expected_wait_s scheduled_wait_s excess_wait_s',
    ),
  },
  {
    name: 'part of an explanation',
    why: 'the value that is explained and what the rule took: every one with its unit, under the rule and the time of the explanation',
    needs: ['unit', 'time', 'rule'],
    fits: way(/^(value|inputs\.value)$/),
  },
  {
    name: 'completeness of an explanation',
    why: 'how much of what the rule needs is there: two amounts, counts unless a unit stands beside them, and their ratio',
    needs: ['time', 'rule'],
    fits: way(/^completeness\.(known|needed|share)$/),
  },
  {
    name: 'member of GTFS-realtime',
    why: 'unit and meaning by the GTFS-realtime 2.0 reference: m/s, degrees, seconds since 1970, seconds; the header says when it was made',
    needs: ['time'],
    fits: either(
      way(/^entity\.vehicle\.position\.(speed|bearing)$/),
      way(
        /^entity\.(tripUpdate|vehicle)\..*(timestamp|delay|time|uncertainty|occupancyPercentage|currentStopSequence)$/,
      ),
      way(/^entity\.tripUpdate\.delay$/),
      way(/^header\.timestamp$/),
    ),
  },
]

export function classOf(number: FoundNumber): NumberClass | null {
  return NUMBER_CLASSES.find(({ fits }) => fits(number)) ?? null
}

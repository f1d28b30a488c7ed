// What each answer says of its numbers (contract/about.ts): the units that no name says, and the rules of what is computed. They are the
// same in every answer of a route, so they stand here once and cost nothing to make.

import type { About, Rule } from '../../contract/about.ts'
import type { AirIndex, Every } from '../../contract/feed.ts'
import { AIR_RULES } from '../../domain/air/rules.ts'
import { RULES } from './explain/rules.ts'
import type { Audience } from './public-view.ts'

/** A share from 0 to 1, or a ratio. */
const RATIO = '1'

export const INDEX_UNITS: Readonly<Record<AirIndex['index'], string>> = {
  ispu: 'ISPU',
  'us-aqi': 'US AQI',
  eaqi: 'EAQI',
}

const MOVING = { speed: 'm/s', bearing: 'degrees' }

const ABOUT_DEVICES: About = {
  units: {
    ...MOVING,
    completeness: RATIO,
    ...Object.fromEntries(
      Object.entries(INDEX_UNITS).flatMap(([index, unit]) => [
        [`${index}.value`, unit],
        [`${index}.parts.value`, unit],
      ]),
    ),
  },
  rules: {
    state: RULES['device-state'],
    ...AIR_RULES,
    delay_s: RULES['arrival-delay'],
  },
}

const CLOCK_RULES = { clockOffset_ms: RULES['clock-error'] }

export const ABOUT_ADMIN_DEVICES: About = { units: {}, rules: CLOCK_RULES }

const ABOUT_DEVICES_STAFF: About = {
  ...ABOUT_DEVICES,
  rules: { ...ABOUT_DEVICES.rules, ...CLOCK_RULES },
}

/** Features of devices: one, a page of them, or a live snapshot. */
export function aboutDevices(audience: Audience): About {
  return audience === 'staff' ? ABOUT_DEVICES_STAFF : ABOUT_DEVICES
}

export const ABOUT_VILLAGE: About = { units: {}, rules: { counts: RULES['device-state'] } }

export const ABOUT_VEHICLES: About = { units: MOVING, rules: { delay_s: RULES['arrival-delay'] } }

/** `parts.value` is a sub-index, whatever the unit of the concentration beside it. */
export function aboutStations(index: AirIndex['index']): About {
  const unit = INDEX_UNITS[index]
  return {
    units: { 'stations.value': unit, 'parts.value': unit, completeness: RATIO },
    rules: { stations: AIR_RULES[index] },
  }
}

const SHARES = { availability: RATIO, knownShare: RATIO }

export const ABOUT_SUMMARY: About = {
  units: SHARES,
  rules: {
    ...Object.fromEntries(
      ['up', 'down', 'unknown', 'degraded', 'maintenance'].map((state) => [state, RULES['device-state']]),
    ),
    availability: RULES.availability,
    knownShare: RULES.availability,
  },
}

/** `isSketched`: the percentiles were merged of days. */
export function aboutUptime(isSketched: boolean): About {
  const percentile: Rule = isSketched ? RULES['percentile-sketch'] : RULES.percentile
  return {
    units: { ...SHARES, latency_error: RATIO, outages: 'count' },
    rules: {
      ...Object.fromEntries(
        [
          'availability',
          'knownShare',
          'up_s',
          'down_s',
          'unknown_s',
          'maintenance_s',
          'outages',
          'mtbf_s',
          'mttr_s',
        ].map((member) => [member, RULES.availability]),
      ),
      latency_p50_ms: percentile,
      latency_p95_ms: percentile,
      latency_error: percentile,
      loss_pct: RULES['mean-loss'],
    },
  }
}

/** Of readings as they were sent there is nothing to tell. */
export function aboutReadings(every: Every | null): Partial<About> {
  return every === null ? {} : { rules: { series: RULES.bucket } }
}

export const ABOUT_ARRIVALS: About = {
  units: {},
  rules: {
    predicted: RULES['arrival-live'],
    low: RULES['arrival-live'],
    high: RULES['arrival-live'],
    scheduled: RULES['arrival-timetable'],
    delay_s: RULES['arrival-delay'],
    headway_s: RULES['arrival-headway'],
  },
}

export const ABOUT_HEADWAYS: About = {
  units: { pace: RATIO, cv: RATIO },
  rules: {
    planned_s: RULES['arrival-headway'],
    pace: RULES['route-pace'],
    behind_s: RULES['vehicle-spacing'],
    observed: RULES['headway-quality'],
  },
}

export function aboutExceedances(rule: Rule): About {
  return { units: { completeness: RATIO }, rules: { exceedances: rule, tallies: rule } }
}

// The rules by which numbers are computed that the dashboard shows, each with the version that is raised when its result may change: what an
// explanation names, and what an answer names beside the number, is one table. Those of the air indices are in domain/air/rules.ts.

import type { Rule } from '../../../contract/about.ts'

export const RULES = {
  'device-state': {
    name: 'device-state',
    version: '1',
    source:
      'Pantau rule B2 (three missed intervals and 10 s), by arrival; unreachable below a parent as Nagios Core base/checks.c; degraded by rule B8',
  },
  availability: {
    name: 'availability',
    version: '1',
    source: 'Pantau rule B1: up / (up + down); unknown and maintenance stand outside; cut to two decimals',
  },
  percentile: {
    name: 'percentile',
    version: '1',
    source: 'Hyndman and Fan 1996, type 7, of all readings (Pantau rule B5); a time-out is loss, not latency',
  },
  'percentile-sketch': {
    name: 'percentile',
    version: '1',
    source: 'DDSketch (Masson, Rim, Lee, VLDB 2019) of all readings, days merged (Pantau rule B5)',
  },
  'mean-loss': {
    name: 'mean-loss',
    version: '1',
    source: 'Mean of what the hotspot reports: 100 (1 - received / sent) of each report (Pantau rule B6)',
  },
  'clock-error': {
    name: 'clock-error',
    version: '1',
    source:
      'Pantau rule B13: the least delayed of the last 60 messages, as the clock filter of RFC 5905, section 10',
  },
  bucket: {
    name: 'bucket',
    version: '1',
    source:
      'Interface, section 4: readings of [time, time + every) in the village’s zone, without what is out of range or was flagged by hand',
  },
  'arrival-live': {
    name: 'arrival-live',
    version: '2',
    source:
      'Pantau rules C3 and C6, domain/transit/run-together.ts: the trip has no timetable (google/transit, Schedule Reference, frequencies.txt); ways by the pace of late, stands by the headway before (Newell and Potts 1964)',
  },
  'arrival-delay': {
    name: 'arrival-delay',
    version: '1',
    source: 'Pantau rules C6 and C7, domain/transit/arrival.ts',
  },
  'arrival-timetable': {
    name: 'arrival-timetable',
    version: '1',
    source: 'Pantau rules C1 and C2; google/transit, Schedule Reference',
  },
  'arrival-headway': {
    name: 'arrival-headway',
    version: '1',
    source:
      'Pantau rule C3; google/transit, Schedule Reference, frequencies.txt with exact_times 0: no timetable',
  },
  'route-pace': {
    name: 'route-pace',
    version: '2',
    source:
      'Pantau rule C6, domain/transit/travel-times.ts: seconds taken over seconds of the plan, the latest most',
  },
  'vehicle-spacing': {
    name: 'vehicle-spacing',
    version: '1',
    source:
      'Pantau rule C9: bunched below half the planned headway, a gap above one and a half times it (TCQSM, 2nd edition)',
  },
  'vehicle-delay': {
    name: 'vehicle-delay',
    version: '1',
    source:
      'Pantau rule C7: seen at a place less due there by the timetable; within 15 m of a stop by its times',
  },
  'position-age': {
    name: 'position-age',
    version: '1',
    source:
      'Pantau rule C10, by the position’s own time: silent after 90 s (GTFS-realtime best practices), off the map after 10 minutes',
  },
  occupancy: {
    name: 'occupancy',
    version: '1',
    source:
      'As the vehicle sends it: OccupancyStatus of GTFS-realtime; how a beacon makes it of a count is Pantau rule C11',
  },
  'headway-quality': {
    name: 'headway-quality',
    version: '1',
    source:
      'Pantau rule C9: expected wait is sum(h²) / (2 sum(h)); grade by the coefficient of variation (TCQSM, 2nd edition)',
  },
} as const satisfies Record<string, Rule>

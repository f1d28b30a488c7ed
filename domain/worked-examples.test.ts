// Every worked example of the rules (reference/domain), A1 to C11, by its clause and as it is printed there: numbers to the digits that
// stand there. Cases beyond them are in `vectors.json` and beside the rules.

import { describe, expect, it } from 'vitest'
import { callFunction } from './functions.ts'

type Case = readonly [clause: string, fn: string, input: Readonly<Record<string, unknown>>, value: unknown]

const near = (value: number, digits: number): unknown => expect.closeTo(value, digits)

const aqi = (pollutant: string, concentration: number): Record<string, unknown> => ({
  pollutant,
  concentration,
})
const hours = (text: string): (number | null)[] =>
  text.split(' ').map((one) => (one === '-' ? null : Number(one)))
const minutes = (values: readonly number[]): Record<string, unknown> => ({
  values,
  times_s: values.map((_, index) => 60 * index),
})
const rssi = { rx_gain_dbi: 0, rssi_min_dbm: -67, n: 3, margin_db: 10 }
const heartbeat = { every_s: 60, missed: 3, grace_s: 10 }
const silent = [0, 60].map((t) => ({ t, type: 'reading' }))
const flap = { was_flapping: false, low: 20, high: 30 }
/** 21 states, oldest first, 1 at these positions from 1 on. */
const states = (...up: readonly number[]): number[] =>
  Array.from({ length: 21 }, (_, index) => (up.includes(index + 1) ? 1 : 0))
const bus = { seats: 24, capacity: 60 }

const CASES: readonly Case[] = [
  ['A1', 'us_aqi', aqi('pm2_5', 12.49), { aqi: 57 }],
  ['A1', 'us_aqi', aqi('pm2_5', 61.87), { aqi: 155 }],
  ['A1', 'us_aqi', aqi('pm2_5', 350), { aqi: 549 }],
  ['A1', 'us_aqi', aqi('pm10', 520), { aqi: 407 }],
  ['A1', 'us_aqi', aqi('o3_8h', 0.0639), { aqi: 77 }],
  [
    'A1',
    'us_aqi_combine',
    { parts: [aqi('so2_1h', 330), aqi('so2_24h', 120)] },
    { aqi: 200, category: 'Unhealthy' },
  ],
  [
    'A1',
    'us_aqi_combine',
    { parts: [aqi('pm2_5', 21), aqi('o3_8h', 0.073)] },
    { aqi: 108, dominant: 'o3_8h' },
  ],
  [
    'A2',
    'nowcast_pm',
    { pollutant: 'pm2_5', hours: hours('34.9 43 50 64.9 69.2 66.2 53.7 48.6 49.2 35 - 21').reverse() },
    28.4,
  ],
  ['A2', 'us_aqi', aqi('pm2_5', 28.4), { aqi: 87 }],
  ['A2', 'nowcast_pm', { pollutant: 'pm2_5', hours: hours('32 30 28 31 29 30 33 35 30 28 27 30') }, 30.4],
  ['A2', 'nowcast_pm', { pollutant: 'pm2_5', hours: hours('- - 22 21') }, null],
  ['A2', 'nowcast_o3', { hours_ppb: [52] }, 48],
  ['A2', 'nowcast_o3', { hours_ppb: [null, 47, 60] }, 44],
  ['A3', 'ispu', aqi('pm2_5', 42), { index: 83, category: 'Sedang' }],
  ['A3', 'ispu', aqi('pm10', 95), { index: 73 }],
  ['A3', 'ispu', aqi('so2', 250), { index: 132 }],
  ['A3', 'ispu', aqi('co', 5_200), { index: 65 }],
  ['A3', 'ispu', aqi('no2', 500), { index: 132 }],
  ['A3', 'ispu', aqi('hc', 60), { index: 64 }],
  ['A3', 'ispu', aqi('pm2_5', 320), { index: 328 }],
  ['A3', 'ispu', aqi('pm2_5', 15.5), { index: 50 }],
  ['A4', 'eaqi', aqi('pm2_5', 22), { level: 3 }],
  ['A4', 'eaqi', aqi('no2', 10), { level: 1 }],
  ['A4', 'eaqi', aqi('o3', 101), { level: 3 }],
  ['A4', 'eaqi', aqi('so2', 300), { level: 6 }],
  ['A5', 'convert', { gas: 'no2', value: 94.1, from: 'ug/m3', to: 'ppb' }, near(50, 1)],
  ['A5', 'convert', { gas: 'o3', value: 120, from: 'ug/m3', to: 'ppb' }, near(61.1, 1)],
  ['A5', 'convert', { gas: 'co', value: 8_000, from: 'ug/m3', to: 'ppm' }, near(6.98, 2)],
  ['A5', 'convert', { gas: 'so2', value: 35, from: 'ppb', to: 'ug/m3' }, near(91.7, 1)],
  ['A6', 'correct_barkjohn', { cf1: 60, rh: 75 }, near(30.725, 3)],
  ['A6', 'correct_epa2022', { pm: 45, rh: 75 }, near(31.708, 3)],
  ['A6', 'correct_epa2022', { pm: 220, rh: 75 }, near(177.274, 3)],
  ['A6', 'correct_epa2022', { pm: 300, rh: 75 }, near(289.526, 3)],
  ['A6', 'correct_barkjohn', { cf1: 3, rh: 90 }, 0],
  ['A6', 'correct_kappa', { pm: 60, rh: 85 }, near(26.03, 2)],
  ['A6', 'correct_kappa', { pm: 60, rh: 40 }, near(52.01, 2)],
  ['A7', 'qc_spike', { values: [20, 22, 95, 21, 20], suspect: 30, fail: 60 }, [2, 3, 4, 3, 2]],
  ['A7', 'qc_rate', { ...minutes([10, 30, 31]), suspect: 0.2, fail: 0.5 }, [1, 3, 1]],
  [
    'A7',
    'qc_flat',
    { ...minutes([7, 7, 7, 7, 7, 7, 7, 7]), suspect_s: 240, fail_s: 360, tolerance: 0.1 },
    [1, 1, 1, 1, 3, 3, 4, 4],
  ],
  ['A7', 'qc_buddy', { value: 95, neighbours: [41, 38, 44], threshold: 3, min_std: 5, num_min: 3 }, 3],
  ['A7', 'qc_aggregate', { flags: [3, 1, 2] }, 3],
  ['A7', 'qc_aggregate', { flags: [1, 2] }, 1],
  ['A8', 'window_mean', { values: day(17), need: 0.75 }, { value: null, completeness: near(0.708, 3) }],
  ['A8', 'window_mean', { values: day(18), need: 0.75 }, { value: 9.5, completeness: 0.75 }],
  [
    'A9',
    'local_day',
    { date: '2026-11-24', timezone: 'Asia/Jakarta' },
    { from: '2026-11-23T17:00:00.000Z', to: '2026-11-24T17:00:00.000Z' },
  ],
  ['A9', 'date_of', { time: '2026-11-23T16:59:59.999Z', timezone: 'Asia/Jakarta' }, '2026-11-23'],
  [
    'A10',
    'exceed',
    { standard: 'pp22', pollutant: 'pm2_5', averaging: '24h', value: 55 },
    { exceeds: false },
  ],
  ['A11', 'leq', { levels: [52, 58, 67], weights: null }, near(62.86, 2)],
  ['A11', 'lden', { day: 62, evening: 58, night: 54 }, near(62.93, 2)],
  ['A11', 'lsm', { ls: 61, lm: 52 }, near(60.03, 2)],
  ['A12', 'water_stage', { post: 'Manggarai', thresholds_cm: [750, 850, 950], level_cm: 855 }, 2],
  ['A12', 'water_stage', { post: 'Manggarai', thresholds_cm: [750, 850, 950], level_cm: 749.9 }, 4],
  ['A12', 'water_stage', { post: 'Katulampa', thresholds_cm: [80, 150, 200], level_cm: 150 }, 2],
  [
    'A13',
    'idw',
    {
      points: [
        { lat: -6.17, lon: 106.8, value: 30 },
        { lat: -6.17, lon: 106.81, value: 60 },
        { lat: -6.175, lon: 106.805, value: 45 },
      ],
      ...{ lat: -6.17, lon: 106.804, power: 2, radius_m: 2_000, nearest_m: 1_000, min_points: 3 },
    },
    { value: near(40.94, 2) },
  ],
  [
    'B1',
    'availability',
    {
      from: 0,
      to: 7_200,
      changes: [
        [0, 'up'],
        [1_800, 'down'],
        [2_400, 'up'],
        [3_600, 'unknown'],
        [4_200, 'up'],
      ],
      maintenance: [[6_000, 6_600]],
    },
    {
      up_s: 5_400,
      down_s: 600,
      unknown_s: 600,
      maintenance_s: 600,
      availability: 0.9,
      knownShare: near(0.909, 3),
      outages: 1,
      mtbf_s: 5_400,
      mttr_s: 600,
    },
  ],
  ['B2', 'heartbeat_state', { ...heartbeat, events: silent, now: 250 }, { state: 'up' }],
  ['B2', 'heartbeat_state', { ...heartbeat, events: silent, now: 251 }, { state: 'down', since: 120 }],
  [
    'B2',
    'heartbeat_state',
    { ...heartbeat, events: [...silent, { t: 400, type: 'reading' }], now: 400 },
    { state: 'up', since: 400 },
  ],
  ['B3', 'flap', { ...flap, states: states(21) }, { percent: near(6.25, 2) }],
  ['B3', 'flap', { ...flap, states: states(1) }, { percent: near(3.75, 2) }],
  ['B3', 'flap', { ...flap, states: states(12, 14, 16, 18) }, { percent: near(44.21, 2), flapping: true }],
  ['B3', 'flap', { ...flap, states: [0, 1, 0, ...Array(18).fill(1)] }, { percent: near(11.64, 2) }],
  [
    'B4',
    'merge_outages',
    {
      outages: [
        [0, 300],
        [340, 500],
      ],
      gap_s: 60,
    },
    [[0, 500]],
  ],
  [
    'B4',
    'merge_outages',
    {
      outages: [
        [0, 300],
        [360, 500],
      ],
      gap_s: 60,
    },
    [
      [0, 300],
      [360, 500],
    ],
  ],
  ['B5', 'percentile', { values: [18, 22, 25, 31, 120], p: 0.5 }, 25],
  ['B5', 'percentile', { values: [18, 22, 25, 31, 120], p: 0.95 }, near(102.2, 6)],
  ['B5', 'percentile', { values: [18, 22, 25, 31, 120], p: 0.99 }, near(116.44, 6)],
  [
    'B6',
    'jitter',
    {
      packets: [
        [0, 100],
        [20, 125],
        [40, 138],
      ],
    },
    near(0.73, 3),
  ],
  ['B6', 'jitter_rtt', { rtt_ms: [30, 34, 31] }, near(0.422, 3)],
  [
    'B6',
    'loss',
    { seqs: [100, 101, 103, 103, 106] },
    { expected: 7, lost: 3, duplicates: 1, loss_pct: near(42.857, 3) },
  ],
  ['B8', 'grade', { loss_pct: 0.9, p95_ms: 99 }, 'good'],
  ['B9', 'fspl', { distance_m: 1, mhz: 2_437 }, near(40.18, 2)],
  ['B9', 'fspl', { distance_m: 1, mhz: 5_180 }, near(46.73, 2)],
  ['B9', 'fspl', { distance_m: 60, mhz: 2_437 }, near(75.75, 2)],
  ['B9', 'log_distance', { distance_m: 60, mhz: 2_437, n: 3 }, near(93.53, 2)],
  ['B9', 'p1411', { environment: 'residential_nlos', distance_m: 80, ghz: 2.437 }, near(84.09, 2)],
  ['B9', 'p1238', { environment: 'office_nlos', distance_m: 15, ghz: 2.4 }, near(67.51, 2)],
  ['B10', 'radius', { ...rssi, eirp_dbm: 27, mhz: 2_437 }, near(28.9, 1)],
  ['B10', 'radius', { ...rssi, eirp_dbm: 23, mhz: 5_180 }, near(12.8, 1)],
  ['B11', 'rssi', { rssi_dbm: -67 }, { grade: 'good', quality_pct: 66 }],
  [
    'B13',
    'clock',
    {
      pairs: [
        [0, 1.8],
        [600, 601.9],
        [1_200, 1_202.4],
      ],
    },
    { offset_s: near(1.8, 6), drift_ppm: near(-500, 3) },
  ],
  [
    'C2',
    'service_time',
    { service_date: '20261124', time: '23:59:30', timezone: 'Asia/Jakarta' },
    '2026-11-24T16:59:30.000Z',
  ],
  [
    'C2',
    'service_time',
    { service_date: '20261124', time: '24:10:00', timezone: 'Asia/Jakarta' },
    '2026-11-24T17:10:00.000Z',
  ],
  [
    'C3',
    'frequency_starts',
    { start_time: '06:00:00', end_time: '06:45:00', headway_secs: 900 },
    ['06:00:00', '06:15:00', '06:30:00'],
  ],
  [
    'C4',
    'interpolate_stops',
    {
      stops: [
        { dist: 0, time: '07:00:00' },
        { dist: 300, time: null },
        { dist: 1_200, time: '07:06:00' },
      ],
    },
    ['07:00:00', '07:01:30', '07:06:00'],
  ],
  ['C5', 'haversine', { lat1: 0, lon1: 0, lat2: 0, lon2: 1 }, near(111_195.08, 2)],
  ['C5', 'haversine', { lat1: -6.1702, lon1: 106.8071, lat2: -6.1751, lon2: 106.811 }, near(694.81, 2)],
  [
    'C6',
    'project',
    {
      shape: [
        [-6.17, 106.8],
        [-6.17, 106.81],
      ],
      lat: -6.1703,
      lon: 106.804,
    },
    { along_m: near(442.2, 1), offset_m: near(33.4, 1) },
  ],
  [
    'C7',
    'predict',
    {
      stops: [
        { dist: 0, arr: 21_600, dep: 21_600 },
        { dist: 800, arr: 21_780, dep: 21_800 },
        { dist: 2_000, arr: 22_080, dep: 22_080 },
      ],
      ...{ along_m: 400, time_s: 21_750, min_dwell_s: 10, at_stop_m: 15 },
    },
    {
      delay_s: 60,
      arrivals: [
        { dist: 800, arrival: 21_840 },
        { dist: 2_000, arrival: 22_130 },
      ],
    },
  ],
  [
    'C8',
    'rt_delays',
    {
      stops: 20,
      updates: [
        { stop_sequence: 3, delay: 300 },
        { stop_sequence: 8, delay: 60 },
        { stop_sequence: 10, relationship: 'NO_DATA' },
      ],
    },
    [null, null, 300, 300, 300, 300, 300, 60, 60, ...Array(11).fill(null)],
  ],
  [
    'C9',
    'headway',
    { departures_s: [0, 480, 1_500, 1_560, 2_400], scheduled_headway_s: 600 },
    {
      mean_s: 600,
      cv: near(0.612, 3),
      awt_s: near(412.5, 6),
      ewt_s: near(112.5, 6),
      bunched: 1,
      gaps: 1,
      los: 'E',
    },
  ],
  [
    'C10',
    'on_time',
    { delays_s: [-70, -30, 45, 290, 420] },
    { early: 1, on_time: 3, late: 1, share: near(0.6, 9) },
  ],
  ['C10', 'stale', { position_time: 0, now: 90 }, { stale: false }],
  ['C11', 'occupancy', { ...bus, passengers: 9 }, { status: 'MANY_SEATS_AVAILABLE', percentage: 15 }],
  ['C11', 'occupancy', { ...bus, passengers: 45 }, { status: 'CRUSHED_STANDING_ROOM_ONLY', percentage: 75 }],
]

/** 24 hours of which so many are there: 1, 2, 3 and on. */
function day(present: number): (number | null)[] {
  return Array.from({ length: 24 }, (_, hour) => (hour < present ? hour + 1 : null))
}

describe('the worked examples of the rules', () => {
  it.each(CASES)('%s %s %j', (_, fn, input, value) => {
    const outcome = callFunction(fn, input)
    expect(outcome).not.toHaveProperty('error')
    const said = 'value' in outcome ? outcome.value : undefined
    // Members beyond those that the example names are allowed.
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !('asymmetricMatch' in value))
      expect(said).toMatchObject(value)
    else expect(said).toEqual(value)
  })

  it('of devices that their parents explain (B7)', () => {
    const nodes = {
      top: { state: 'down' },
      mid: { state: 'down', parent: 'top' },
      leaf: { state: 'down', parent: 'mid' },
    }
    expect(callFunction('suppress', { nodes })).toMatchObject({
      value: { top: { state: 'down' }, mid: { cause: 'top' }, leaf: { state: 'unreachable', cause: 'top' } },
    })
  })

  it('of the outage between silence and the next reading (B2) lie in the history of states', () => {
    const changes = [
      [0, 'up'],
      [120, 'down'],
      [400, 'up'],
    ]
    const outcome = callFunction('availability', { from: 0, to: 460, changes, maintenance: [] })
    expect(outcome).toMatchObject({ value: { down_s: 280, outages: 1 } })
  })
})

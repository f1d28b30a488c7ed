// US AQI, revision of May 2024 (EPA-454/B-24-002, table 6; domain A1).

import { halfUp, truncate } from '../rounding.ts'

type Row = readonly [concentrationLow: number, concentrationHigh: number]

/** Index bands that the rows of a pollutant stand for. */
const BANDS = [
  [0, 50],
  [51, 100],
  [101, 150],
  [151, 200],
  [201, 300],
  [301, 500],
] as const

interface Table {
  /** Rows from the band `first` on. */
  readonly first: number
  /** Decimals that the concentration is cut to. */
  readonly digits: number
  readonly rows: readonly Row[]
}

/** PM in ug/m3, O3 and CO in ppm, NO2 and SO2 in ppb. */
const TABLES = {
  pm2_5: {
    first: 0,
    digits: 1,
    rows: [
      [0, 9],
      [9.1, 35.4],
      [35.5, 55.4],
      [55.5, 125.4],
      [125.5, 225.4],
      [225.5, 325.4],
    ],
  },
  pm10: {
    first: 0,
    digits: 0,
    rows: [
      [0, 54],
      [55, 154],
      [155, 254],
      [255, 354],
      [355, 424],
      [425, 604],
    ],
  },
  o3_8h: {
    first: 0,
    digits: 3,
    rows: [
      [0, 0.054],
      [0.055, 0.07],
      [0.071, 0.085],
      [0.086, 0.105],
      [0.106, 0.2],
    ],
  },
  o3_1h: {
    first: 2,
    digits: 3,
    rows: [
      [0.125, 0.164],
      [0.165, 0.204],
      [0.205, 0.404],
      [0.405, 0.604],
    ],
  },
  no2_1h: {
    first: 0,
    digits: 0,
    rows: [
      [0, 53],
      [54, 100],
      [101, 360],
      [361, 649],
      [650, 1_249],
      [1_250, 2_049],
    ],
  },
  so2_1h: {
    first: 0,
    digits: 0,
    rows: [
      [0, 35],
      [36, 75],
      [76, 185],
      [186, 304],
    ],
  },
  so2_24h: {
    first: 4,
    digits: 0,
    rows: [
      [305, 604],
      [605, 1_004],
    ],
  },
  co_8h: {
    first: 0,
    digits: 1,
    rows: [
      [0, 4.4],
      [4.5, 9.4],
      [9.5, 12.4],
      [12.5, 15.4],
      [15.5, 30.4],
      [30.5, 50.4],
    ],
  },
} as const satisfies Record<string, Table>

export type UsAqiPollutant = keyof typeof TABLES

/** In the order in which a tie is decided. [rule] */
export const US_AQI_POLLUTANTS = [
  'pm2_5',
  'pm10',
  'o3_8h',
  'o3_1h',
  'no2_1h',
  'so2_1h',
  'so2_24h',
  'co_8h',
] as const satisfies readonly UsAqiPollutant[]

/** 1 h of SO2 at or above this, ppb, gives 200 from the hour; a 24 h mean at or above it gives its own index. */
export const SO2_1H_MOST_PPB = 305
/** 1 h of O3 counts beside the 8 h from here on, ppm. */
export const O3_1H_LEAST_PPM = 0.125

export const US_AQI_CATEGORIES = [
  'Good',
  'Moderate',
  'Unhealthy for Sensitive Groups',
  'Unhealthy',
  'Very Unhealthy',
  'Hazardous',
] as const
export type UsAqiCategory = (typeof US_AQI_CATEGORIES)[number]

/**
 * US AQI of a concentration in the table's unit, a whole number; above 500 the last row's line goes on. Null below 0, without data, or
 * where the table has no row for it: O3 over 8 h above 0.200 ppm, over 1 h below 0.125 ppm, SO2 over 24 h below 305 ppb.
 */
export function usAqi(pollutant: UsAqiPollutant, concentration: number | null): number | null {
  if (concentration === null || !Number.isFinite(concentration) || concentration < 0) return null
  const { first, digits, rows }: Table = TABLES[pollutant]
  const cut = truncate(concentration, digits)
  if (pollutant === 'so2_1h' && cut >= SO2_1H_MOST_PPB) return 200
  const index = rows.findIndex(([, high]) => cut <= high)
  // Only the last band goes on beyond its end (disagreement D-1); O3 over 8 h and SO2 over 1 h end before it.
  const last = rows.length - 1
  const reachesEnd = first + last === BANDS.length - 1
  const at = index >= 0 ? index : reachesEnd ? last : -1
  const row = rows[at]
  const band = BANDS[first + at]
  if (row === undefined || band === undefined || cut < row[0]) return null
  return halfUp(((band[1] - band[0]) / (row[1] - row[0])) * (cut - row[0]) + band[0])
}

export function usAqiCategory(index: number): UsAqiCategory {
  const at = BANDS.findIndex(([, high]) => index <= high)
  return US_AQI_CATEGORIES[at < 0 ? BANDS.length - 1 : at] ?? 'Hazardous'
}

// European Air Quality Index, bands of 2024, hourly values in ug/m3 (ETC HE Report 2024/17; domain A4). A class, no number in
// between; an upper bound belongs to the better class.

const UPPER_BOUNDS = {
  pm2_5: [5, 15, 50, 90, 140],
  pm10: [15, 45, 120, 195, 270],
  no2: [10, 25, 60, 100, 150],
  o3: [60, 100, 120, 160, 180],
  so2: [20, 40, 125, 190, 275],
} as const

export type EaqiPollutant = keyof typeof UPPER_BOUNDS
export const EAQI_POLLUTANTS = Object.keys(UPPER_BOUNDS) as readonly EaqiPollutant[]

export const EAQI_CATEGORIES = ['Good', 'Fair', 'Moderate', 'Poor', 'Very poor', 'Extremely poor'] as const
export type EaqiCategory = (typeof EAQI_CATEGORIES)[number]

/** Level 1 to 6; null below 0 or without data. */
export function eaqi(pollutant: EaqiPollutant, hourlyUgM3: number | null): number | null {
  if (hourlyUgM3 === null || !Number.isFinite(hourlyUgM3) || hourlyUgM3 < 0) return null
  const at = UPPER_BOUNDS[pollutant].findIndex((bound) => hourlyUgM3 <= bound)
  return at < 0 ? EAQI_CATEGORIES.length : at + 1
}

export function eaqiCategory(level: number): EaqiCategory {
  return EAQI_CATEGORIES[level - 1] ?? 'Extremely poor'
}

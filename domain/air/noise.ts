// Levels of noise over a time (domain A11): energies are averaged, never decibels.

/** The decree's tolerance, dB(A). */
export const NOISE_TOLERANCE_DBA = 3

/** Limits of Lsm by what the land is used for, dB(A): Kep-48/MENLH/11/1996. */
export const NOISE_LIMITS_DBA = {
  housing: 55,
  trade: 70,
  offices: 65,
  green_space: 50,
  industry: 70,
  government: 60,
  recreation: 70,
  hospital: 55,
  school: 55,
  worship: 55,
} as const

/** A level, and how much of the time it holds, in any unit. */
export interface WeightedLevel {
  readonly dba: number
  readonly weight: number
}

/** Equivalent level, dB(A); null when no time is covered. */
export function equivalentLevel(levels: readonly WeightedLevel[]): number | null {
  const weights = levels.reduce((sum, { weight }) => sum + weight, 0)
  if (weights <= 0) return null
  return (
    10 * Math.log10(levels.reduce((sum, { dba, weight }) => sum + weight * 10 ** (dba / 10), 0) / weights)
  )
}

/** Day-evening-night level of the European Union: day 07 to 19, evening 19 to 23 (+5 dB), night 23 to 07 (+10 dB), local hours.
 * 2002/49/EC, annex I. */
export function dayEveningNightLevel(day: number, evening: number, night: number): number {
  const energy = 12 * 10 ** (day / 10) + 4 * 10 ** ((evening + 5) / 10) + 8 * 10 ** ((night + 10) / 10)
  return 10 * Math.log10(energy / 24)
}

/** Indonesia's day-night level Lsm: day 06 to 22, night 22 to 06 (+5 dB), local hours. Kep-48/MENLH/11/1996. */
export function siangMalamLevel(siang: number, malam: number): number {
  return 10 * Math.log10((16 * 10 ** (siang / 10) + 8 * 10 ** ((malam + 5) / 10)) / 24)
}

// How much of a signal is lost on its way, dB (domain B9). Free space and log-distance need no knowledge of the place; the ITU's
// site-general models do: Rec. ITU-R P.1411-11, section 4.1.1 (outdoors) and P.1238-11 (indoors), both with f in GHz.

const LIGHT_M_S = 299_792_458

/** Exponents of the log-distance model: 2.0 in the open, 2.7 to 3.5 in streets, 3 to 4 through walls. */
export const OUTDOOR_EXPONENT = 3

/** Free space, ITU-R P.525; null at no distance. */
export function freeSpaceLossDb(distanceM: number, mhz: number): number | null {
  if (distanceM <= 0 || mhz <= 0) return null
  return 20 * Math.log10((4 * Math.PI * distanceM * mhz * 1e6) / LIGHT_M_S)
}

/** Free space to the first metre, then 10 n dB a decade; nearer than a metre is a metre. Null without a frequency. */
export function logDistanceLossDb(distanceM: number, mhz: number, exponent: number): number | null {
  const first = freeSpaceLossDb(1, mhz)
  return first === null ? null : first + 10 * exponent * Math.log10(Math.max(distanceM, 1))
}

/** Median loss 10 a log10(d) + b + 10 g log10(f), its standard deviation, and what it was fitted on. */
export interface SiteModel {
  readonly a: number
  readonly b: number
  readonly g: number
  readonly sigmaDb: number
  readonly distancesM?: readonly [number, number]
  readonly ghz?: readonly [number, number]
}

export const P1411 = {
  urban_los: { a: 2.12, b: 29.2, g: 2.11, sigmaDb: 5.06, distancesM: [5, 660] },
  highrise_nlos: { a: 4, b: 10.2, g: 2.36, sigmaDb: 7.6, distancesM: [30, 715] },
  // Fitted at 10 to 73 GHz only: not for Wi-Fi.
  lowrise_nlos: { a: 5.06, b: -4.68, g: 2.02, sigmaDb: 9.33, ghz: [10, 73] },
  residential_nlos: { a: 3.01, b: 18.8, g: 2.07, sigmaDb: 3.07, distancesM: [30, 170] },
} as const satisfies Record<string, SiteModel>

export const P1238 = {
  office_los: { a: 1.46, b: 34.62, g: 2.03, sigmaDb: 3.76 },
  office_nlos: { a: 2.46, b: 29.53, g: 2.38, sigmaDb: 5.04 },
  corridor_los: { a: 1.63, b: 28.12, g: 2.25, sigmaDb: 4.07 },
  corridor_nlos: { a: 2.77, b: 29.27, g: 2.48, sigmaDb: 7.63 },
  industrial_los: { a: 2.31, b: 24.52, g: 2.06, sigmaDb: 2.69 },
  industrial_nlos: { a: 3.79, b: 21.01, g: 1.34, sigmaDb: 9.05 },
} as const satisfies Record<string, SiteModel>

/** Median loss of a site; null at no distance. Also beyond what the model was fitted on, see `isFittedFor`. */
export function siteLossDb({ a, b, g }: SiteModel, distanceM: number, ghz: number): number | null {
  if (distanceM <= 0 || ghz <= 0) return null
  return 10 * a * Math.log10(distanceM) + b + 10 * g * Math.log10(ghz)
}

/** Whether the recommendation gives the model for that distance and frequency. */
export function isFittedFor({ distancesM, ghz }: SiteModel, distanceM: number, atGhz: number): boolean {
  const isWithin = (span: readonly [number, number] | undefined, value: number): boolean =>
    span === undefined || (value >= span[0] && value <= span[1])
  return isWithin(distancesM, distanceM) && isWithin(ghz, atGhz)
}

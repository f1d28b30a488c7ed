// How far a hotspot reaches: where its signal falls to what a phone needs, by the log-distance model (domain B10). The `radius_m` that a
// village states for a hotspot stands before it. The way back is often the shorter: a phone sends 15 to 18 dBm.

import { freeSpaceLossDb, OUTDOOR_EXPONENT } from './path-loss.ts'

export interface Link {
  readonly eirpDbm: number
  readonly rxGainDbi: number
  /** Weakest signal that will do, dBm. */
  readonly rssiMinDbm: number
  readonly mhz: number
  readonly exponent: number
  /** For fading and bodies, dB. */
  readonly marginDb: number
}

/** A phone outdoors that holds a voice call. [rule] */
export const PHONE = { rxGainDbi: 0, rssiMinDbm: -67, marginDb: 10, exponent: OUTDOOR_EXPONENT } as const

/** Metres; null without a frequency or with an exponent at or below 0. */
export function radiusM({ eirpDbm, rxGainDbi, rssiMinDbm, mhz, exponent, marginDb }: Link): number | null {
  const first = freeSpaceLossDb(1, mhz)
  if (first === null || exponent <= 0) return null
  return 10 ** ((eirpDbm + rxGainDbi - rssiMinDbm - marginDb - first) / (10 * exponent))
}

/** Equivalent isotropically radiated power: transmitter, antenna, less the cable. */
export function eirpDbm(txDbm: number, antennaDbi: number, cableDb: number): number {
  return txDbm + antennaDbi - cableDb
}

export function dbmToMw(dbm: number): number {
  return 10 ** (dbm / 10)
}

// Gas concentrations at 25 degC and 1 atm, where a mole has 24.45 L (domain A5; PP 22/2021 uses the same state). The tables of the
// European Union stand at 20 degC: never mix them with these.

/** g/mol. */
const MOLAR_MASS_G = { o3: 48, no2: 46.01, so2: 64.07, co: 28.01 } as const
const MOLAR_VOLUME_L = 24.45

export type Gas = keyof typeof MOLAR_MASS_G
export const GASES = Object.keys(MOLAR_MASS_G) as readonly Gas[]

export const CONCENTRATION_UNITS = ['ug/m3', 'mg/m3', 'ppb', 'ppm'] as const
export type ConcentrationUnit = (typeof CONCENTRATION_UNITS)[number]

/** How many of the small unit of its family (ug/m3 or ppb) a unit holds. */
const UNITS = {
  'ug/m3': { isVolume: false, size: 1 },
  'mg/m3': { isVolume: false, size: 1_000 },
  ppb: { isVolume: true, size: 1 },
  ppm: { isVolume: true, size: 1_000 },
} as const satisfies Record<ConcentrationUnit, { isVolume: boolean; size: number }>

export function ugM3ToPpb(gas: Gas, ugM3: number): number {
  return (ugM3 * MOLAR_VOLUME_L) / MOLAR_MASS_G[gas]
}

export function ppbToUgM3(gas: Gas, ppb: number): number {
  return (ppb * MOLAR_MASS_G[gas]) / MOLAR_VOLUME_L
}

/** The value of a gas in another unit. */
export function convert(gas: Gas, value: number, from: ConcentrationUnit, to: ConcentrationUnit): number {
  const [source, target] = [UNITS[from], UNITS[to]]
  const small = value * source.size
  if (source.isVolume === target.isVolume) return small / target.size
  return (source.isVolume ? ppbToUgM3(gas, small) : ugM3ToPpb(gas, small)) / target.size
}

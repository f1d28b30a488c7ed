// Gas concentrations at 25 degC and 1 atm, where a mole has 24.45 L (domain A5; PP 22/2021 uses the same state).

const MOLAR_MASS_G = { o3: 48, no2: 46.01, so2: 64.07, co: 28.01 } as const
const MOLAR_VOLUME_L = 24.45

export type Gas = keyof typeof MOLAR_MASS_G

export function ugM3ToPpb(gas: Gas, ugM3: number): number {
  return (ugM3 * MOLAR_VOLUME_L) / MOLAR_MASS_G[gas]
}

export function ppbToUgM3(gas: Gas, ppb: number): number {
  return (ppb * MOLAR_MASS_G[gas]) / MOLAR_VOLUME_L
}

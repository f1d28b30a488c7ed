// ISPU, Indonesia's air pollutant standard index (Permen LHK P.14/2020, annex I; domain A3).

import { halfUp } from '../rounding.ts'
import { type Nodes, onLine } from './breakpoints.ts'

/** Nodes of index and 24 h mean in ug/m3. The node of the last column is 400, as the older decree has it (disagreement D-4). */
const INDEX_NODES = [50, 100, 200, 300, 400] as const
export const ISPU_CONCENTRATIONS = {
  pm2_5: [15.5, 55.4, 150.4, 250.4, 500],
  pm10: [50, 150, 350, 420, 500],
  o3: [120, 235, 400, 800, 1_000],
  no2: [80, 200, 1_130, 2_260, 3_000],
  so2: [52, 180, 400, 800, 1_200],
  co: [4_000, 8_000, 15_000, 30_000, 45_000],
  hc: [45, 100, 215, 432, 648],
} as const

export type IspuPollutant = keyof typeof ISPU_CONCENTRATIONS

/** In the order in which a tie is decided. */
export const ISPU_POLLUTANTS = Object.keys(ISPU_CONCENTRATIONS) as readonly IspuPollutant[]

const NODES = Object.fromEntries(
  Object.entries(ISPU_CONCENTRATIONS).map(([pollutant, concentrations]) => [
    pollutant,
    [[0, 0], ...concentrations.map((concentration, index) => [concentration, INDEX_NODES[index] ?? 0])],
  ]),
) as unknown as Readonly<Record<IspuPollutant, Nodes>>

const MOST = 500

export const ISPU_CATEGORIES = ['Baik', 'Sedang', 'Tidak Sehat', 'Sangat Tidak Sehat', 'Berbahaya'] as const
export type IspuCategory = (typeof ISPU_CATEGORIES)[number]

/** ISPU of a 24 h mean in ug/m3, a whole number; null below 0 or without data. */
export function ispu(pollutant: IspuPollutant, mean24hUgM3: number | null): number | null {
  if (mean24hUgM3 === null) return null
  const index = onLine(NODES[pollutant], mean24hUgM3)
  return index === null ? null : Math.min(MOST, halfUp(index))
}

/** The 24 h means in ug/m3 at which a category ends, with the index there; empty for what the ISPU does not take. */
export function ispuLevels(
  metric: string,
): readonly { readonly index: number; readonly concentration: number }[] {
  const pollutant = ISPU_POLLUTANTS.find((one) => one === metric)
  if (pollutant === undefined) return []
  // The node of the last column ends no category.
  return ISPU_CONCENTRATIONS[pollutant]
    .slice(0, -1)
    .map((concentration, place) => ({ index: INDEX_NODES[place] ?? 0, concentration }))
}

/** Category of an index: annex I.A. */
export function ispuCategory(index: number): IspuCategory {
  if (index <= 50) return 'Baik'
  if (index <= 100) return 'Sedang'
  if (index <= 200) return 'Tidak Sehat'
  return index <= 300 ? 'Sangat Tidak Sehat' : 'Berbahaya'
}

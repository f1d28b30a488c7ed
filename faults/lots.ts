// Divides a campaign into lots: the rounds that share one village, one after the other. Lots are independent of each other, so that
// several can run side by side and their waiting overlaps.

import { type Fault, type Stage, stageOf } from './fault.ts'

export interface Lot {
  readonly stage: Stage
  readonly parts: readonly LotPart[]
}

/** Rounds `first` to `last` of a fault, both of them too. */
export interface LotPart {
  readonly fault: Fault
  readonly first: number
  readonly last: number
}

/** Rounds of a village: its start and its comparison as a whole are shared by so many. */
const LOT_ROUNDS = 25

/** `rounds` of each fault, or as many as it allows, in the order of the faults. Neighbours on the same stage share a lot. */
export function lotsOf(faults: readonly Fault[], rounds: number, lotRounds = LOT_ROUNDS): Lot[] {
  const lots: { stage: Stage; parts: LotPart[]; room: number }[] = []
  for (const fault of faults) {
    const all = Math.min(rounds, fault.mostRounds ?? rounds)
    const stage = stageOf(fault)
    for (let first = 1; first <= all; ) {
      let lot = lots.at(-1)
      if (lot === undefined || lot.stage !== stage || lot.room === 0) {
        lot = { stage, parts: [], room: lotRounds }
        lots.push(lot)
      }
      const last = Math.min(all, first + lot.room - 1)
      lot.parts.push({ fault, first, last })
      lot.room -= last - first + 1
      first = last + 1
    }
  }
  return lots
}

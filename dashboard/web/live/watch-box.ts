// What of a village is watched: all of it while it is small, since its readers then share one room of the server and the answers
// are right for any place; of a large one what is seen and somewhat more.

import type { VillageAnswer } from '../../../contract/api.ts'
import type { Watch } from '../../../contract/live.ts'

const WHOLE_VILLAGE = 2_000
/** Shares of the view's size, on each side. */
const PAD = 0.2

export interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

export function watchOf({ counts }: Pick<VillageAnswer, 'counts'>, view: Box): Watch {
  const devices = Object.values(counts)
    .flatMap((states) => Object.values(states))
    .reduce((sum, number) => sum + number, 0)
  if (devices <= WHOLE_VILLAGE) return {}
  const [width, height] = [(view.east - view.west) * PAD, (view.north - view.south) * PAD]
  // Whole hundredths of a degree, so that near views are one room.
  const out = (value: number, round: (value: number) => number): number => round(value * 100) / 100
  return {
    bbox: [
      out(view.west - width, Math.floor),
      out(view.south - height, Math.floor),
      out(view.east + width, Math.ceil),
      out(view.north + height, Math.ceil),
    ],
  }
}

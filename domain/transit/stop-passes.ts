// When a vehicle came to the stops and left them, from where it was at two fixes: between the fixes it is taken to go at one
// speed; or, where it stood at a stop at one of them and the link's speed is known, at that, and to have stood for the rest. It has come once it is within 15 m of a stop, and left once it is 15 m past it, so that the scatter of fixes of a vehicle
// that stands there is neither.

import { SECOND, type TimeMs } from '../../contract/time.ts'
import { STOP_RULE } from './arrival.ts'

/** A vehicle on a trip, matched to its line. */
export interface PlaceAtTime {
  readonly alongM: number
  readonly time: TimeMs
}

export interface StopPass {
  /** Index among the trip's stops. */
  readonly index: number
  readonly type: 'came' | 'left'
  readonly time: TimeMs
}

/** Metres a second on the way to a stop, by its index. */
export type LinkSpeed = (index: number) => number

/** What was passed after `from` and up to `to`, in order; nothing when the vehicle did not move on. */
export function stopPasses(
  stops: readonly { readonly alongM: number }[],
  from: PlaceAtTime,
  to: PlaceAtTime,
  atStopM: number = STOP_RULE.atStopM,
  linkSpeed: LinkSpeed | null = null,
): readonly StopPass[] {
  if (to.alongM <= from.alongM || to.time <= from.time) return []
  const passes: StopPass[] = []
  for (const [index, stop] of stops.entries()) {
    if (stop.alongM - atStopM > to.alongM) break
    for (const [type, lineM] of [
      ['came', stop.alongM - atStopM],
      ['left', stop.alongM + atStopM],
    ] as const) {
      if (lineM <= from.alongM || lineM > to.alongM) continue
      const share = (lineM - from.alongM) / (to.alongM - from.alongM)
      const steady = from.time + share * (to.time - from.time)
      const isEndAtStop = Math.abs((type === 'came' ? to : from).alongM - stop.alongM) <= atStopM
      const time =
        linkSpeed === null || !isEndAtStop
          ? steady
          : type === 'came'
            ? Math.min(steady, from.time + ((lineM - from.alongM) / linkSpeed(index)) * SECOND)
            : Math.max(steady, to.time - ((to.alongM - lineM) / linkSpeed(index + 1)) * SECOND)
      passes.push({ index, type, time: Math.round(time) })
    }
  }
  return passes.sort((a, b) => a.time - b.time || a.index - b.index)
}

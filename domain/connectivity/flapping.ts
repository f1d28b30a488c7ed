// A device whose state changes again and again raises one alert, not one a change (domain B3): Nagios' weighted share of changes
// (NagiosEnterprises/nagioscore `base/flapping.c`, `include/defaults.h`, `include/objects.h`).

/** States that are looked at. */
export const FLAP_STATES = 21

/** Percent at which flapping begins and at which it ends; in between it stays what it was. */
export interface FlapThresholds {
  readonly low: number
  readonly high: number
}

export const FLAP_THRESHOLDS: FlapThresholds = { low: 20, high: 30 }

/** Weight of the oldest change, and how much more the newest weighs. */
const OLDEST_WEIGHT = 0.75
const NEWEST_MORE = 0.5

/**
 * Weighted percent of changes among the last 21 hard states, oldest first; the latest change weighs most. Null with fewer states: not
 * evaluated. [rule]
 */
export function flapPercent(states: readonly (string | number)[]): number | null {
  if (states.length < FLAP_STATES) return null
  const last = states.slice(-FLAP_STATES)
  const changes = FLAP_STATES - 1
  let sum = 0
  for (let change = 1; change <= changes; change += 1) {
    if (last[change] !== last[change - 1]) sum += OLDEST_WEIGHT + (NEWEST_MORE * (change - 1)) / (changes - 1)
  }
  return (sum * 100) / changes
}

/** Whether the device flaps, by what it did before. */
export function isFlapping(
  percent: number,
  wasFlapping: boolean,
  { low, high }: FlapThresholds = FLAP_THRESHOLDS,
): boolean {
  if (percent >= high) return true
  return percent > low && wasFlapping
}

// Outages that a short recovery divides are one for those who are called by them (domain B4). Seconds down stay unmerged.

/** [from, to), in any one unit of time. */
export type OutageSpan = readonly [from: number, to: number]

/** Up for less than this between two outages joins them; exactly this does not. [rule] */
export const MERGE_GAP_MS = 60_000

/** Outages, oldest first, those joined whose time between is shorter than `gap`: from the first begin to the last end. */
export function mergeOutages(outages: readonly OutageSpan[], gap: number): readonly OutageSpan[] {
  const merged: OutageSpan[] = []
  for (const [from, to] of [...outages].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && from - last[1] < gap)
      merged[merged.length - 1] = [last[0], Math.max(last[1], to)]
    else merged.push([from, to])
  }
  return merged
}

// Percentiles of latency (domain B5). Those of hours are never averaged into a day's, and a time-out is loss, not latency.

/** R type 7, as numpy and DuckDB's `quantile_cont` have it; `share` 0 to 1. Values in any order; null when there are none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  if (below === undefined) return null
  const above = sorted[Math.floor(place) + 1] ?? below
  return below + (above - below) * (place - Math.floor(place))
}

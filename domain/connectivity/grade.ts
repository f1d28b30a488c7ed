// Grade of a link by loss and latency (domain B8).

export type Grade = 'good' | 'fair' | 'poor' | 'unknown'

/** Loss in %, 95th percentile of latency in ms; unknown when either is absent. [rule] */
export function grade(lossPct: number | null, latencyP95Ms: number | null): Grade {
  if (lossPct === null || latencyP95Ms === null) return 'unknown'
  if (lossPct < 1 && latencyP95Ms < 100) return 'good'
  return lossPct < 5 && latencyP95Ms < 200 ? 'fair' : 'poor'
}

// Whether a hotspot kept what was promised for it (reference/ui 4, SLA report).

/** Below this share of known time there is no verdict. */
const LEAST_KNOWN = 0.9

export type Verdict = 'met' | 'missed' | 'unsure'

/** Whether the target, in percent, was reached; too little known is neither a pass nor a failure. */
export function verdictOf(availability: number, knownShare: number | null, targetPct: number): Verdict {
  if ((knownShare ?? 0) < LEAST_KNOWN) return 'unsure'
  return availability * 100 >= targetPct ? 'met' : 'missed'
}

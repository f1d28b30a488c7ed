// What a received signal is good for (domain B11). Sites differ by 3 to 5 dB; all agree on -67 dBm for voice.

/** Weakest signal of each grade, dBm. */
const GRADES = [
  [-50, 'excellent'],
  [-67, 'good'],
  [-75, 'fair'],
  [-85, 'weak'],
] as const

export type SignalGrade = (typeof GRADES)[number][1] | 'unusable'

export function signalGrade(rssiDbm: number): SignalGrade {
  return GRADES.find(([weakest]) => rssiDbm >= weakest)?.[1] ?? 'unusable'
}

/** 0 at -100 dBm and below, 100 at -50 dBm and above, linear between. */
export function signalQualityPct(rssiDbm: number): number {
  return Math.min(100, Math.max(0, 2 * (rssiDbm + 100)))
}

// Interarrival jitter, a running mean of how much transit times differ (RFC 3550, sections 6.4.1 and A.8; domain B6).

/** The share of each new difference. */
const GAIN = 16

export interface Packet {
  readonly sentMs: number
  readonly receivedMs: number
}

/** Jitter in ms after the packets, in the order of arrival; null of fewer than two, which have no difference. */
export function jitterMs(packets: readonly Packet[]): number | null {
  return smoothed(packets.map(({ sentMs, receivedMs }) => receivedMs - sentMs))
}

/** The same from round trips alone, as pings give them: the difference of successive ones, ms. */
export function jitterOfRoundTripsMs(roundTripsMs: readonly number[]): number | null {
  return smoothed(roundTripsMs)
}

function smoothed(transits: readonly number[]): number | null {
  if (transits.length < 2) return null
  let jitter = 0
  transits.reduce((before, transit) => {
    jitter += (Math.abs(transit - before) - jitter) / GAIN
    return transit
  })
  return jitter
}

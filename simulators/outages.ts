// The failure model of a hotspot: power cuts, uplinks that break, flapping, and an upstream that takes several down. The
// rates are ours, of the size that the published backhaul series show (an availability of 96.5 % in UK 2018).

import { DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../contract/time.ts'
import { covers, localDay, type Span } from './device-model.ts'
import { logNormal, poisson, type Random, randomOf } from './random.ts'

export interface Outage extends Span {
  readonly cause: 'power' | 'uplink' | 'flapping'
}

/** Expected number of each a day and device. */
const PER_DAY = { power: 0.12, uplink: 0.2, flapping: 0.04 } as const
/** Some places are worse than others: the rates of a device are multiplied by a draw of this spread. */
const PLACE_SPREAD = 0.8
const POWER_MEDIAN = 25 * MINUTE
const UPLINK_MEDIAN = 12 * MINUTE
/** No outage is longer, so that looking back two days finds all that reach into a day. */
const LONGEST = 20 * HOUR

export interface OutageSchedule {
  /** The outage that the device itself is in. */
  at(time: TimeMs): Outage | null
  /** Outages that begin in [from, to). */
  beginningIn(from: TimeMs, to: TimeMs): readonly Outage[]
}

export function outageSchedule(seed: number, device: string, utcOffsetMs: number): OutageSchedule {
  const days = new Map<number, readonly Outage[]>()
  const place = logNormal(randomOf(seed, 'place', device), 1, PLACE_SPREAD)
  const ofDay = (day: number): readonly Outage[] => {
    const known = days.get(day)
    if (known !== undefined) return known
    const drawn = drawDay(randomOf(seed, 'outages', device, day), day * DAY - utcOffsetMs, place)
    days.set(day, drawn)
    // A year of days would stay for ever in a long run.
    if (days.size > 16) days.delete(Math.min(...days.keys()))
    return drawn
  }
  const around = (time: TimeMs): readonly Outage[] => {
    const day = localDay(time, utcOffsetMs)
    return [...ofDay(day - 1), ...ofDay(day)]
  }
  return {
    at: (time) => around(time).find((outage) => covers(outage, time)) ?? null,
    beginningIn(from, to) {
      const outages: Outage[] = []
      for (let day = localDay(from, utcOffsetMs); day <= localDay(to - 1, utcOffsetMs); day += 1) {
        outages.push(...ofDay(day).filter((outage) => outage.from >= from && outage.from < to))
      }
      return outages.sort((a, b) => a.from - b.from)
    },
  }
}

function drawDay(random: Random, start: TimeMs, place: number): readonly Outage[] {
  const outages: Outage[] = []
  const single = (cause: 'power' | 'uplink', median: number): void => {
    for (let left = poisson(random, PER_DAY[cause] * place); left > 0; left -= 1) {
      const from = start + Math.floor(random() * DAY)
      outages.push({ cause, from, to: from + Math.min(LONGEST, Math.ceil(logNormal(random, median, 0.9))) })
    }
  }
  single('power', POWER_MEDIAN)
  single('uplink', UPLINK_MEDIAN)
  for (let left = poisson(random, PER_DAY.flapping * place); left > 0; left -= 1) {
    outages.push(...drawFlapping(random, start + Math.floor(random() * DAY)))
  }
  return outages.sort((a, b) => a.from - b.from)
}

/** Six to twelve short outages with short ups between. */
function drawFlapping(random: Random, start: TimeMs): Outage[] {
  const outages: Outage[] = []
  let from = start
  for (let left = 6 + Math.floor(random() * 7); left > 0; left -= 1) {
    const to = from + Math.floor((70 + 110 * random()) * SECOND)
    outages.push({ cause: 'flapping', from, to })
    from = to + Math.floor((90 + 240 * random()) * SECOND)
  }
  return outages
}

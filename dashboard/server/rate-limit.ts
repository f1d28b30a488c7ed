// 600 requests a minute an address on the API (contract section 4), in windows of a minute from an address's first request.

import { type Clock, MINUTE } from '../../contract/time.ts'

export const REQUESTS_PER_MINUTE = 600
/** Beyond so many addresses at once the one that came first is forgotten: memory stays bounded. */
const MOST_ADDRESSES = 20_000

export interface RateLimit {
  /** Counts one; milliseconds to wait when it is one too many, else null. */
  take(address: string): number | null
}

export function createRateLimit(clock: Clock, most = REQUESTS_PER_MINUTE, windowMs = MINUTE): RateLimit {
  const windows = new Map<string, { endsMs: number; count: number }>()
  return {
    take(address) {
      const now = clock.monotonicMs()
      const key = networkOf(address)
      let window = windows.get(key)
      if (window === undefined || window.endsMs <= now) {
        window = { endsMs: now + windowMs, count: 0 }
        windows.delete(key)
        windows.set(key, window)
        if (windows.size > MOST_ADDRESSES) windows.delete(windows.keys().next().value ?? key)
      }
      window.count += 1
      return window.count > most ? window.endsMs - now : null
    },
  }
}

/** An IPv6 subscriber has a whole /64; IPv4 within IPv6 is the IPv4 address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}

// Throughput, only when asked: how fast a file comes down and, where there is a place that takes one, goes up, within the day's
// data budget. One connection, as one resident has it.

import { randomBytes } from 'node:crypto'
import type { Clock } from '../contract/time.ts'
import type { DataBudget } from './budget.ts'
import { type Exchange, fetchOnce } from './probes/fetch.ts'
import { rounded, type Values } from './probes/probe.ts'

export interface ThroughputSettings {
  /** Null measures no download. */
  readonly downUrl: string | null
  /** Takes POST; null measures no upload. */
  readonly upUrl: string | null
  /** Of one direction of one test. */
  readonly maxBytes: number
  readonly dailyBytes: number
}

export type ThroughputResult =
  | { readonly ok: true; readonly values: Values; readonly usedBytes: number; readonly leftBytes: number }
  | {
      readonly ok: false
      readonly reason: 'not_configured' | 'budget' | 'unreachable'
      readonly detail: string
    }

const MAX_MS = 10_000
/** A shorter test says more of the start of a connection than of the link. */
const MIN_BYTES = 65_536

export async function measureThroughput(
  settings: ThroughputSettings,
  budget: DataBudget,
  clock: Clock,
): Promise<ThroughputResult> {
  if (settings.downUrl === null && settings.upUrl === null) {
    return fault('not_configured', 'neither throughput_url nor throughput_upload_url is set')
  }
  const down = await oneWay('down', settings.downUrl, settings, budget, clock)
  const up = await oneWay('up', settings.upUrl, settings, budget, clock)
  const values: Values = {
    ...(typeof down === 'object' && down !== null
      ? { down_mbps: mbps(down.bytesReceived, down.bodyMs) }
      : {}),
    ...(typeof up === 'object' && up !== null ? { up_mbps: mbps(up.bytesSent, up.totalMs) } : {}),
  }
  const leftBytes = budget.leftBytes(settings.dailyBytes)
  if (Object.keys(values).length > 0) {
    return { ok: true, values, usedBytes: bytesOf(down) + bytesOf(up), leftBytes }
  }
  return down === 'no budget' || up === 'no budget'
    ? fault('budget', `${leftBytes} bytes are left of the day's ${settings.dailyBytes}`)
    : fault('unreachable', 'the server did not answer, or not with a file')
}

/** Null when it failed or was not asked for. */
async function oneWay(
  way: 'down' | 'up',
  url: string | null,
  settings: ThroughputSettings,
  budget: DataBudget,
  clock: Clock,
): Promise<Exchange | 'no budget' | null> {
  if (url === null) return null
  const granted = budget.take(settings.maxBytes, settings.dailyBytes)
  if (granted < MIN_BYTES) {
    budget.giveBack(granted)
    return 'no budget'
  }
  const limits = { maxBytes: way === 'down' ? granted : MIN_BYTES, maxMs: MAX_MS }
  const exchange = await fetchOnce(url, limits, clock, way === 'down' ? null : filler(granted))
  budget.giveBack(granted - bytesOf(exchange))
  if (exchange === null || exchange.status > 299) return null
  const moved = way === 'down' ? exchange.bytesReceived : exchange.bytesSent
  return moved < MIN_BYTES ? null : exchange
}

/** Zeros would be compressed away on some links. */
async function* filler(bytes: number): AsyncGenerator<Buffer> {
  const chunk = randomBytes(16_384)
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk.subarray(0, bytes - sent)
}

function bytesOf(exchange: Exchange | 'no budget' | null): number {
  return exchange === null || exchange === 'no budget' ? 0 : exchange.bytesReceived + exchange.bytesSent
}

function mbps(bytes: number, milliseconds: number): number {
  return rounded((bytes * 8) / 1_000 / Math.max(1, milliseconds))
}

function fault(reason: 'not_configured' | 'budget' | 'unreachable', detail: string): ThroughputResult {
  return { ok: false, reason, detail }
}

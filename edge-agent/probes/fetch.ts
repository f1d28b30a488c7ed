// One HTTP exchange on a connection of its own, with its bytes and time: what a page costs and how fast a link is.

import * as http from 'node:http'
import * as https from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../contract/time.ts'

export interface FetchLimits {
  /** The exchange is cut after so many bytes received. */
  readonly maxBytes: number
  readonly maxMs: number
}

export interface Exchange {
  readonly status: number
  /** Of the body. */
  readonly bytesReceived: number
  readonly bytesSent: number
  /** From the request to the end. */
  readonly totalMs: number
  /** From the first byte of the body to the end; 0 without a body. */
  readonly bodyMs: number
  /** True when a limit ended it, or the connection broke before its end. */
  readonly cut: boolean
}

/** GET, or POST of `upload` when given. Null when there was no answer in time. Redirects are not followed. */
export function fetchOnce(
  url: string,
  limits: FetchLimits,
  clock: Clock,
  upload: AsyncIterable<Buffer> | null = null,
): Promise<Exchange | null> {
  return new Promise((done) => {
    const start = clock.monotonicMs()
    const open = url.startsWith('https:') ? https.request : http.request
    const request = open(url, {
      // A connection of its own: DNS, TCP and TLS belong to the time.
      agent: false,
      method: upload === null ? 'GET' : 'POST',
      headers: { 'User-Agent': 'pantau-edge-agent', 'Cache-Control': 'no-cache' },
    })
    const state = { status: 0, received: 0, sent: 0, firstByteMs: null as number | null, settled: false }
    const settle = (cut: boolean): void => {
      if (state.settled) return
      state.settled = true
      clearTimeout(limit)
      request.destroy()
      const now = clock.monotonicMs()
      // An upload that is cut has no status, and yet says how fast the link is.
      const isExchange = state.status > 0 || (cut && state.sent > 0)
      if (!isExchange) done(null)
      else
        done({
          status: state.status,
          bytesReceived: state.received,
          bytesSent: state.sent,
          totalMs: now - start,
          bodyMs: state.firstByteMs === null ? 0 : now - state.firstByteMs,
          cut,
        })
    }
    const limit = setTimeout(() => settle(true), limits.maxMs)
    request.on('error', () => settle(false))
    request.on('response', (response) => {
      state.status = response.statusCode ?? 0
      response.on('data', (chunk: Buffer) => {
        state.firstByteMs ??= clock.monotonicMs()
        state.received += chunk.length
        if (state.received >= limits.maxBytes) settle(true)
      })
      response.on('end', () => settle(false))
      response.on('error', () => settle(true))
    })
    if (upload === null) request.end()
    else pipeline(Readable.from(counted(upload, state)), request).catch(() => settle(false))
  })
}

/** Counts what goes on its way, as far as the connection has taken it. */
async function* counted(upload: AsyncIterable<Buffer>, state: { sent: number }): AsyncGenerator<Buffer> {
  for await (const chunk of upload) {
    yield chunk
    state.sent += chunk.length
  }
}

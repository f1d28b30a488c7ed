// Ingest's door (contract/feed.ts): HTTP over a Unix socket for the dashboard and the commands.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { FeedAnswer, FeedMethod } from '../../contract/feed.ts'
import { systemCode } from '../../runtime/files.ts'
import type { Logger } from '../../runtime/logger.ts'
import { listenOnSocket } from '../../runtime/sockets.ts'
import type { LiveFeed } from '../live/live-feed.ts'
import { StoreAwayError } from '../store/store.ts'
import { BadArgument, type Calls, readFilter, UnknownDevice } from './calls.ts'
import type { Transfer } from './transfer.ts'

export interface DoorPlan {
  readonly dataFolder: string
  readonly calls: Calls
  readonly feed: LiveFeed
  readonly transfer: Transfer
  readonly logger: Logger
}

const CALL_BYTES = 65_536
/** A follower that leaves more than this unread is closed; it comes back and gets a snapshot. */
const UNREAD_BYTES = 32 * 1024 * 1024

export async function openDoor(plan: DoorPlan): Promise<{ close(): Promise<void> }> {
  // Who opens this socket owns the village: an import of a year, or the first past on a slow machine, takes as long as it takes.
  const server: Server = createServer({ requestTimeout: 0 }, (request, response) => {
    route(plan, request, response).catch((error: unknown) => {
      plan.logger.error({ err: error }, `${request.url} failed`)
      response.destroy()
    })
  })
  await listenOnSocket(server as unknown as Parameters<typeof listenOnSocket>[0], plan.dataFolder, 'ingest')
  return {
    async close() {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}

async function route(plan: DoorPlan, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? ''
  if (request.method === 'GET' && url === '/live') return followLive(plan.feed, response)
  if (request.method === 'POST' && url.startsWith('/call/'))
    return answerCall(plan, url.slice(6), request, response)
  if (request.method === 'POST' && url === '/import') {
    return answer(response, await guarded(plan, () => plan.transfer.importText(piecesOf(request))))
  }
  if (request.method === 'POST' && url === '/export') return exportRows(plan, request, response)
  response.writeHead(404).end()
}

function followLive(feed: LiveFeed, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const leave = feed.join((line) => {
    if (response.writableLength > UNREAD_BYTES) response.destroy()
    else response.write(line)
  })
  response.once('close', leave)
}

async function answerCall(
  plan: DoorPlan,
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = Object.hasOwn(plan.calls, method) ? plan.calls[method as FeedMethod] : undefined
  if (call === undefined) {
    response.writeHead(404).end()
    return
  }
  const argument = await readArgument(request)
  // Each method checks its own argument: the door knows none of their shapes.
  const run = call as (argument: unknown) => Promise<unknown>
  answer(response, await guarded(plan, async () => run(accepted(argument))))
}

type Argument =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly detail: string }

function accepted(argument: Argument): unknown {
  if (argument.ok) return argument.value
  throw new BadArgument(argument.detail)
}

async function readArgument(request: IncomingMessage): Promise<Argument> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of piecesOf(request)) {
    bytes += chunk.length
    if (bytes > CALL_BYTES) return { ok: false, detail: `the argument is larger than ${CALL_BYTES} bytes` }
    chunks.push(chunk)
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString() || '{}') }
  } catch {
    return { ok: false, detail: 'the argument is not JSON' }
  }
}

/** The request's body; who leaves it unread can still answer. */
function piecesOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
}

type Refused = Extract<FeedAnswer<FeedMethod>, { ok: false }>
type Outcome<T> = { readonly ok: true; readonly value: T } | Refused

async function guarded<T>(plan: DoorPlan, work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (error instanceof BadArgument) return { ok: false, code: 'bad_argument', message: error.message }
    if (error instanceof UnknownDevice) return { ok: false, code: 'unknown_device', message: error.message }
    if (error instanceof StoreAwayError) return { ok: false, code: 'store_away', message: error.message }
    // Who asked has gone in the middle of it.
    if (systemCode(error) === 'ECONNRESET') plan.logger.warn('a call was cut off')
    else plan.logger.error({ err: error }, 'a call failed')
    return { ok: false, code: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

function answer(response: ServerResponse, body: Outcome<unknown>): void {
  // The rest of a body that was not read to its end is taken off the socket, or the answer would never be seen.
  response.req.resume()
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function exportRows(plan: DoorPlan, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const argument = await readArgument(request)
  const filter = await guarded(plan, async () => readFilter(accepted(argument)))
  if (!filter.ok) return answer(response, filter)
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  for await (const piece of plan.transfer.exportText(filter.value)) {
    if (response.destroyed) return
    if (!response.write(piece)) await drained(response)
  }
  // What ends without this line was cut off.
  response.end('{"end":true}\n')
}

function drained(response: ServerResponse): Promise<unknown> {
  return new Promise((done) => response.once('drain', done).once('close', done))
}

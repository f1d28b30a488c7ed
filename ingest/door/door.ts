// Ingest's door (contract/feed.ts): HTTP over a Unix socket for the dashboard and the commands.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { FeedAnswer, FeedMethod } from '../../contract/feed.ts'
import type { Logger } from '../../runtime/logger.ts'
import { listenOnSocket } from '../../runtime/sockets.ts'
import type { LiveFeed } from '../live/live-feed.ts'
import { StoreAwayError } from '../store/store.ts'
import { BadArgument, type Calls, UnknownDevice } from './calls.ts'
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
  const server: Server = createServer((request, response) => {
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
    return answer(response, await guarded(plan, () => plan.transfer.importText(request)))
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
  answer(
    response,
    await guarded(plan, () =>
      argument.ok ? run(argument.value) : Promise.reject(new BadArgument(argument.detail)),
    ),
  )
}

async function readArgument(
  request: IncomingMessage,
): Promise<{ ok: true; value: unknown } | { ok: false; detail: string }> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > CALL_BYTES) return { ok: false, detail: `the argument is larger than ${CALL_BYTES} bytes` }
    chunks.push(chunk as Buffer)
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString() || '{}') }
  } catch {
    return { ok: false, detail: 'the argument is not JSON' }
  }
}

type Answer = FeedAnswer<FeedMethod>

async function guarded(plan: DoorPlan, work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { ok: true, value: await work() } as Answer
  } catch (error) {
    if (error instanceof BadArgument) return { ok: false, code: 'bad_argument', message: error.message }
    if (error instanceof UnknownDevice) return { ok: false, code: 'unknown_device', message: error.message }
    if (error instanceof StoreAwayError) return { ok: false, code: 'store_away', message: error.message }
    plan.logger.error({ err: error }, 'a call failed')
    return { ok: false, code: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

function answer(response: ServerResponse, body: Answer): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function exportRows(plan: DoorPlan, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const argument = await readArgument(request)
  if (!argument.ok) return answer(response, { ok: false, code: 'bad_argument', message: argument.detail })
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  for await (const line of plan.transfer.exportLines(argument.value)) {
    if (response.destroyed) return
    if (!response.write(line)) await new Promise((done) => response.once('drain', done).once('close', done))
  }
  // What ends without this line was cut off.
  response.end('{"end":true}\n')
}

// For tests: an ingest that holds what a test gives it and speaks the door of contract/feed.ts on the real Unix socket.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { FeedAnswer, FeedMethod, FeedMethods, LiveDevice, LiveLine } from '../../../contract/feed.ts'
import type { TimeMs } from '../../../contract/time.ts'
import { listenOnSocket } from '../../../runtime/sockets.ts'

type Handlers = {
  [M in FeedMethod]: (argument: FeedMethods[M]['argument']) => FeedAnswer<M>
}

export interface FeedServer {
  /** Answers of `POST /call/{method}`; a test replaces them. */
  readonly handlers: Partial<Handlers>
  /** Every call so far. */
  readonly calls: { readonly method: string; readonly argument: unknown }[]
  /** Tells those who follow that devices changed. */
  change(changed: readonly LiveDevice[], removed?: readonly string[]): void
  send(line: LiveLine): void
  stop(): Promise<void>
}

export async function startFeedServer(
  dataFolder: string,
  devices: readonly LiveDevice[],
  time: TimeMs,
): Promise<FeedServer> {
  const state = new Map(devices.map((device) => [device.id, device]))
  const followers = new Set<ServerResponse>()
  const calls: FeedServer['calls'] = []
  const handlers: Partial<Handlers> = {}
  let seq = 0
  const server: Server = createServer((request, response) => {
    if (request.url === '/live') {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      followers.add(response)
      response.on('close', () => followers.delete(response))
      write(response, { type: 'snapshot', seq, time, devices: [...state.values()] })
      return
    }
    void answer(request, response)
  })
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const method = (request.url ?? '').replace('/call/', '') as FeedMethod
    const argument = JSON.parse(Buffer.concat(chunks).toString()) as never
    calls.push({ method, argument })
    const handler = handlers[method]
    const body = handler?.(argument) ?? { ok: false, code: 'failed', message: `no handler for ${method}` }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  await listenOnSocket(server, dataFolder, 'ingest')
  const send = (line: LiveLine): void => {
    for (const follower of followers) write(follower, line)
  }
  return {
    handlers,
    calls,
    send,
    change(changed, removed = []) {
      for (const device of changed) state.set(device.id, device)
      for (const id of removed) state.delete(id)
      seq += 1
      send({ type: 'delta', seq, time, changed, removed })
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function write(response: ServerResponse, line: LiveLine): void {
  response.write(`${JSON.stringify(line)}\n`)
}

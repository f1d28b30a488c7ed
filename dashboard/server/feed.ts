// The dashboard's side of the door to ingest (contract/feed.ts): calls with a time limit, and the live stream, which is
// opened again by itself whenever it ends.

import { Agent, type IncomingMessage, request } from 'node:http'
import type { FeedAnswer, FeedMethod, FeedMethods, LiveLine } from '../../contract/feed.ts'
import { Refusal } from './refusal.ts'

export type FeedCall = <M extends FeedMethod>(
  method: M,
  argument: FeedMethods[M]['argument'],
) => Promise<FeedMethods[M]['answer']>

export interface Feed {
  /** Rejects with a `Refusal`: 503 while ingest or its store is away, 404 for a device nobody knows. */
  readonly call: FeedCall
  /** Follows `GET /live` until the returned function is called. */
  follow(onLine: (line: LiveLine) => boolean, onAway: () => void): () => void
  close(): void
}

const CALL_MS = 20_000
const RETRY_MS = 500

export function openFeed(socket: string): Feed {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  return {
    call: async (method, argument) => accept(await post(socket, agent, method, argument)),
    follow: (onLine, onAway) => follow(socket, onLine, onAway),
    close: () => agent.destroy(),
  }
}

export const ingestAway = (): Refusal =>
  new Refusal(503, 'ingest is away; live state is the last one known, history comes back with it', {
    headers: { 'retry-after': '2' },
  })

function accept<M extends FeedMethod>(answer: FeedAnswer<M>): FeedMethods[M]['answer'] {
  if (answer.ok) return answer.value
  switch (answer.code) {
    case 'unknown_device':
      throw new Refusal(404, 'there is no device of that id')
    case 'bad_argument':
      throw new Refusal(400, answer.message)
    case 'store_away':
      throw new Refusal(503, answer.message, { headers: { 'retry-after': '5' } })
    case 'failed':
      throw new Error(`ingest failed: ${answer.message}`)
  }
}

async function post<M extends FeedMethod>(
  socketPath: string,
  agent: Agent,
  method: M,
  argument: FeedMethods[M]['argument'],
): Promise<FeedAnswer<M>> {
  const text = await new Promise<string>((done, fail) => {
    const asked = request(
      {
        socketPath,
        agent,
        method: 'POST',
        path: `/call/${method}`,
        timeout: CALL_MS,
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        collect(answer).then(done, fail)
      },
    )
    asked.on('timeout', () => asked.destroy(new Error('ingest does not answer')))
    asked.on('error', fail)
    asked.end(JSON.stringify(argument))
  }).catch((error: unknown) => {
    throw Object.assign(ingestAway(), { cause: error })
  })
  // The other side is of the same build: its answers are of the agreed form.
  return JSON.parse(text) as FeedAnswer<M>
}

async function collect(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function follow(socketPath: string, onLine: (line: LiveLine) => boolean, onAway: () => void): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let current: ReturnType<typeof request> | undefined

  const again = (): void => {
    onAway()
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(open, RETRY_MS)
  }
  const open = (): void => {
    const asked = request({ socketPath, path: '/live', agent: false }, (answer) => {
      if (answer.statusCode !== 200) {
        asked.destroy()
        return
      }
      // Whatever ends it ends the request too, which is where it is noticed.
      answer.on('error', () => asked.destroy())
      let rest = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          // False: a line was missed, so the stream begins anew.
          if (!stopped && !asked.destroyed && !onLine(JSON.parse(line) as LiveLine)) asked.destroy()
        }
      })
    })
    current = asked
    let ended = false
    const end = (): void => {
      if (ended) return
      ended = true
      again()
    }
    asked.on('error', end)
    asked.on('close', end)
    asked.end()
  }
  open()
  return () => {
    stopped = true
    clearTimeout(timer)
    current?.destroy()
  }
}

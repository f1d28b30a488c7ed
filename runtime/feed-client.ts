// Readings in and out of a running village, for commands and simulators: ingest's door over its Unix socket (contract/feed.ts).

import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { PantauError } from '../contract/errors.ts'
import type { FeedAnswer, FeedMethod, FeedMethods, TransferRow } from '../contract/feed.ts'
import type { TimeMs } from '../contract/time.ts'
import type { Kind } from '../contract/topics.ts'
import { systemCode } from './files.ts'
import { socketPath } from './sockets.ts'

export interface ImportResult {
  readonly rows: number
  readonly stored: number
  readonly duplicates: number
  readonly conflicts: number
  readonly refused: readonly string[]
}

export interface ExportFilter {
  readonly from: TimeMs
  readonly to: TimeMs
  readonly kind?: Kind
  readonly device?: string
}

/** All of it throws `not_running` when no village runs on the data folder. */
export interface FeedClient {
  call<M extends FeedMethod>(
    method: M,
    argument: FeedMethods[M]['argument'],
  ): Promise<FeedMethods[M]['answer']>
  importRows(rows: Iterable<TransferRow> | AsyncIterable<TransferRow>): Promise<ImportResult>
  exportRows(filter: ExportFilter): AsyncIterable<TransferRow>
}

/** Rows that are written to the socket in one piece. */
const CHUNK_ROWS = 2_000

export function openFeed(dataFolder: string): FeedClient {
  const path = socketPath(dataFolder, 'ingest')
  return {
    async call(method, argument) {
      const answer = await ask(path, `/call/${method}`, [JSON.stringify(argument)])
      return accept<FeedMethods[typeof method]['answer']>(await textOf(answer))
    },
    async importRows(rows) {
      const answer = await ask(path, '/import', linesOf(rows))
      return accept<ImportResult>(await textOf(answer))
    },
    async *exportRows(filter) {
      const answer = await ask(path, '/export', [JSON.stringify(filter)])
      let isWhole = false
      for await (const line of createInterface({ input: answer })) {
        if (line === '{"end":true}') isWhole = true
        else yield JSON.parse(line) as TransferRow
      }
      if (!isWhole)
        throw new PantauError('not_running', 'the export was cut off: ingest ended; start it again')
    },
  }
}

function ask(
  socket: string,
  path: string,
  body: Iterable<string> | AsyncIterable<string>,
): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const asked = request({ socketPath: socket, method: 'POST', path }, done)
    asked.once('error', (error) => {
      const code = systemCode(error)
      const isAway = code === 'ENOENT' || code === 'ECONNREFUSED'
      fail(
        isAway
          ? new PantauError('not_running', 'no village runs on this data folder; start it by npm start')
          : error,
      )
    })
    const source = Readable.from(body, { highWaterMark: 4 })
    // What goes wrong in making the body (a wrong row of a file) is for the caller.
    source.once('error', (error) => {
      asked.destroy()
      fail(error)
    })
    source.pipe(asked)
  })
}

async function* linesOf(rows: Iterable<TransferRow> | AsyncIterable<TransferRow>): AsyncGenerator<string> {
  let chunk: string[] = []
  for await (const row of rows) {
    chunk.push(JSON.stringify(row))
    if (chunk.length < CHUNK_ROWS) continue
    yield `${chunk.join('\n')}\n`
    chunk = []
  }
  if (chunk.length > 0) yield `${chunk.join('\n')}\n`
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  answer.setEncoding('utf8')
  for await (const chunk of answer) text += String(chunk)
  return text
}

function accept<T>(text: string): T {
  const answer = JSON.parse(text) as FeedAnswer<FeedMethod>
  if (answer.ok) return answer.value as T
  if (answer.code === 'store_away') throw new PantauError('store_unreachable', answer.message)
  if (answer.code === 'failed') throw new Error(`ingest failed: ${answer.message}`)
  throw new PantauError('input_refused', answer.message)
}

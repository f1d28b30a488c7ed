// Readings in and out of a running village, for commands and simulators: ingest's door over its Unix socket (contract/feed.ts).

import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
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

const ENDED = 'ingest ended in the middle of it; start it again'
/** Rows that are written to the socket in one piece. */
const CHUNK_ROWS = 2_000

export function openFeed(dataFolder: string): FeedClient {
  const path = socketPath(dataFolder, 'ingest')
  return {
    async call(method, argument) {
      const { answer } = await ask(path, `/call/${method}`, [JSON.stringify(argument)])
      return accept<FeedMethods[typeof method]['answer']>(await textOf(answer))
    },
    async importRows(rows) {
      const { answer, sent } = await ask(path, '/import', linesOf(rows))
      const result = accept<ImportResult>(await textOf(answer))
      await sent
      return result
    },
    async *exportRows(filter) {
      const { answer } = await ask(path, '/export', [JSON.stringify(filter)])
      // Anything but a stream of rows is the reason why there is none.
      if (answer.headers['content-type'] === 'application/json') accept(await textOf(answer))
      let isWhole = false
      try {
        for await (const line of createInterface({ input: answer })) {
          if (line === '{"end":true}') isWhole = true
          else yield JSON.parse(line) as TransferRow
        }
      } catch (error) {
        if (systemCode(error) !== 'ECONNRESET') throw error
      }
      if (!isWhole)
        throw new PantauError('not_running', 'the export was cut off: ingest ended; start it again')
    },
  }
}

interface Asked {
  readonly answer: IncomingMessage
  /** Rejects with what went wrong in making the body (a wrong row of a file); what came before it was sent. */
  readonly sent: Promise<void>
}

function ask(socket: string, path: string, body: Iterable<string> | AsyncIterable<string>): Promise<Asked> {
  return new Promise((done, fail) => {
    const asked = request({ socketPath: socket, method: 'POST', path })
    const sent = send(asked, body)
    // It is waited for with the answer; when there is none, that is told.
    sent.catch(() => undefined)
    asked.once('response', (answer) => {
      // Answered in the middle of the body: the rest of it is not wanted.
      answer.once('end', () => {
        if (!asked.writableEnded) asked.destroy()
      })
      done({ answer, sent })
    })
    asked.on('error', (error) => fail(awayFault(error)))
  })
}

function awayFault(error: Error): Error {
  const code = systemCode(error)
  const why =
    code === 'ENOENT' || code === 'ECONNREFUSED'
      ? 'no village runs on this data folder; start it by npm start'
      : code === 'ECONNRESET' || code === 'EPIPE'
        ? ENDED
        : null
  return why === null ? error : new PantauError('not_running', why, { cause: error })
}

/** Writes the body no faster than it is taken, and no further once it was answered: what is refused as a whole is not waited for. */
async function send(asked: ClientRequest, body: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let isOver = false
  const over = new Promise<void>((done) => {
    const end = (): void => {
      isOver = true
      done()
    }
    asked.once('response', end)
    asked.once('close', end)
  })
  let fault: unknown = null
  try {
    for await (const piece of body) {
      if (isOver) return
      if (!asked.write(piece)) await Promise.race([over, new Promise((done) => asked.once('drain', done))])
    }
  } catch (error) {
    fault = error
  }
  asked.end()
  if (fault !== null) throw fault
}

async function* linesOf(rows: Iterable<TransferRow> | AsyncIterable<TransferRow>): AsyncGenerator<string> {
  let chunk: string[] = []
  const taken = (): string => {
    const text = chunk.join('')
    chunk = []
    return text
  }
  try {
    for await (const row of rows) {
      chunk.push(`${JSON.stringify(row)}\n`)
      if (chunk.length >= CHUNK_ROWS) yield taken()
    }
  } catch (error) {
    // What stood before the row that could not be made is sent all the same.
    yield taken()
    throw error
  }
  yield taken()
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  answer.setEncoding('utf8')
  for await (const chunk of answer) text += String(chunk)
  return text
}

/** Throws `not_running` when the answer is cut short, as by an ingest that is stopped while it answers. */
function accept<T>(text: string): T {
  if (!text.endsWith('}')) throw new PantauError('not_running', ENDED)
  const answer = JSON.parse(text) as FeedAnswer<FeedMethod>
  if (answer.ok) return answer.value as T
  if (answer.code === 'store_away') throw new PantauError('store_unreachable', answer.message)
  if (answer.code === 'failed') throw new Error(`ingest failed: ${answer.message}`)
  throw new PantauError('input_refused', answer.message)
}

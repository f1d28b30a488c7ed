// `npm run --silent domain -- FILE | - | --list`: the rules of the three domains for lines of JSON, so that anyone can hold them against
// a table, another program or a decree without a village. A line that cannot be answered is answered with its error; the others go on.

import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PantauError } from '../contract/errors.ts'
import { callFunction, FUNCTION_NAMES, type Outcome } from '../domain/functions.ts'

const USAGE = 'npm run --silent domain -- FILE | - | --list'

/** Reads requests, a line each, and prints their answers in order; exit code 0 also when answers are errors. */
export async function main(argv: readonly string[]): Promise<number> {
  const [path, ...rest] = argv
  if (path === undefined || rest.length > 0)
    throw new PantauError('bad_command', `one FILE is taken, or - for standard input, or --list; ${USAGE}`)
  if (path === '--list') return print(FUNCTION_NAMES.map((name) => `${name}\n`))
  if (path !== '-' && path.startsWith('-'))
    throw new PantauError('bad_command', `${path} is no flag of this command; ${USAGE}`)
  return print(answers(path === '-' ? process.stdin : await open(path)))
}

async function* answers(input: Readable): AsyncGenerator<string> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  let number = 0
  for await (const line of lines) {
    number += 1
    if (line.trim() !== '') yield `${answerLine(line, number)}\n`
  }
}

/** Prints no faster than the reader takes it; a reader that has seen enough, such as `head`, ends it. */
async function print(lines: Iterable<string> | AsyncIterable<string>): Promise<number> {
  try {
    await pipeline(Readable.from(lines), process.stdout, { end: false })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
  }
  return 0
}

async function open(path: string): Promise<Readable> {
  await access(path).catch(() => {
    throw new PantauError(
      'input_refused',
      `${path} cannot be read; give the path of a file, or - for standard input`,
    )
  })
  return createReadStream(path)
}

/** One line of output for one of input: `{"id","value"}` or `{"id","error":{"code","message"}}`; `id` null where the line has none. */
export function answerLine(line: string, number: number): string {
  const request = parse(line)
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return JSON.stringify({ id: null, ...badInput(`line ${number} is no JSON object {"id","fn","input"}`) })
  const { id = null, fn, input } = request as Readonly<Record<string, unknown>>
  if (typeof fn !== 'string')
    return JSON.stringify({ id, ...badInput('fn is no text; the name of a function is taken') })
  return JSON.stringify({ id, ...callFunction(fn, input) })
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // What is no JSON is told apart by the caller.
    return undefined
  }
}

function badInput(message: string): Outcome {
  return { error: { code: 'bad_input', message } }
}

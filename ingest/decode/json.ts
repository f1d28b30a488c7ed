// From bytes to JSON. V8 parses without recursion, so depth is no danger to it; it is to whoever walks the value afterwards.

import { jsonFault } from './json-fault.ts'
import type { Taken } from './refusal.ts'
import { type Notes, note, refuse } from './refusal.ts'

export const MAX_DEPTH = 16
export const TOO_DEEP = `the JSON is nested deeper than ${MAX_DEPTH}`

export interface ParsedJson {
  readonly json: unknown
  /** What was parsed: the payload without its byte order mark. */
  readonly text: string
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/** The payload as JSON (RFC 8259). A byte order mark is skipped and counted; of a member given twice the last stands. */
export function readJson(payload: Uint8Array, notes: Notes): Taken<ParsedJson> {
  if (payload.length === 0) return refuse('not_json', 'the payload is empty; JSON is taken')
  const hasMark = BYTE_ORDER_MARK.every((byte, index) => payload[index] === byte)
  if (hasMark) note(notes, 'byte_order_mark')
  let text: string
  try {
    text = strictUtf8.decode(payload)
  } catch {
    return refuse('not_utf8', 'the payload is not UTF-8')
  }
  try {
    return { ok: true, value: { json: JSON.parse(text), text } }
  } catch {
    if (isTextDeep(text)) return refuse('too_deep', TOO_DEEP)
    const { at, found } = jsonFault(text)
    const byte = Buffer.byteLength(text.slice(0, at)) + (hasMark ? BYTE_ORDER_MARK.length : 0)
    return refuse('not_json', `the payload is not JSON: ${found} at byte ${byte}`)
  }
}

/** True when brackets nest deeper than `levels` in a parsed value. */
export function isDeeperThan(json: unknown, levels: number): boolean {
  if (typeof json !== 'object' || json === null) return false
  if (levels === 0) return true
  return Object.values(json).some((member) => isDeeperThan(member, levels - 1))
}

/** The same of a text that is not JSON, as far as its brackets tell. */
function isTextDeep(text: string): boolean {
  let depth = 0
  for (const { kind } of brackets(text)) {
    depth += kind === 'open' ? 1 : kind === 'close' ? -1 : 0
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** The texts of the elements of an array that was parsed from `text`, as they were sent. */
export function elementTexts(text: string): string[] {
  const elements: string[] = []
  let depth = 0
  let from = 0
  for (const { kind, at } of brackets(text)) {
    if (kind === 'open') {
      depth += 1
      if (depth === 1) from = at + 1
    } else if (kind === 'close') depth -= 1
    if ((kind === 'comma' && depth === 1) || (kind === 'close' && depth === 0)) {
      elements.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  return elements
}

function* brackets(text: string): Generator<{ kind: 'open' | 'close' | 'comma'; at: number }> {
  let inText = false
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]
    if (inText) {
      if (letter === '\\') at += 1
      else if (letter === '"') inText = false
    } else if (letter === '"') inText = true
    else if (letter === '{' || letter === '[') yield { kind: 'open', at }
    else if (letter === '}' || letter === ']') yield { kind: 'close', at }
    else if (letter === ',') yield { kind: 'comma', at }
  }
}

// A cursor is opaque to the client and bound to its query: it carries where to go on, and is signed, so that a forged,
// cut or foreign one is refused rather than guessed at.

import { wrongParameter } from './refusal.ts'
import type { SigningKey } from './signing-key.ts'

/** `query` is whatever the cursor must not outlive: route, subject and filters. */
export function makeCursor(key: SigningKey, query: string, place: string): string {
  const text = Buffer.from(place).toString('base64url')
  return `${text}.${key.sign(`cursor ${query}`, place)}`
}

/** The place that `makeCursor` was given; null without a cursor. Refuses one that is not of this query. */
export function readCursor(key: SigningKey, query: string, cursor: string | undefined): string | null {
  if (cursor === undefined) return null
  const [text = '', signature = '', ...rest] = cursor.split('.')
  const place = Buffer.from(text, 'base64url').toString()
  if (rest.length > 0 || !key.verifies(`cursor ${query}`, place, signature)) {
    throw wrongParameter('cursor', 'the cursor is not one of this query; start again without it')
  }
  return place
}

/** A page of a list that is in memory, by position; the list's order must hold from one page to the next. */
export function pageOf<T>(
  key: SigningKey,
  query: string,
  rows: readonly T[],
  limit: number,
  cursor: string | undefined,
  idOf: (row: T) => string,
): { readonly rows: readonly T[]; readonly next?: string } {
  const after = readCursor(key, query, cursor)
  const start = after === null ? 0 : firstBehind(rows, after, idOf)
  const page = rows.slice(start, start + limit)
  const last = page.at(-1)
  return start + limit < rows.length && last !== undefined
    ? { rows: page, next: makeCursor(key, query, idOf(last)) }
    : { rows: page }
}

/** Rows are sorted by id: one that was removed since does not lose the place. */
function firstBehind<T>(rows: readonly T[], after: string, idOf: (row: T) => string): number {
  const index = rows.findIndex((row) => idOf(row) > after)
  return index < 0 ? rows.length : index
}

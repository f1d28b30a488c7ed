// A list that the server gives in pages, fetched as a whole up to a bound.

import { type Answer, getJson } from '../api.ts'

const PAGE = 1_000

/**
 * The rows of all pages of `path`, at most `mostPages`; the first fault in their place. Null when `isWanted` says meanwhile that something
 * newer was asked for.
 */
export async function wholeList<Page extends { readonly next?: string }, Row>(
  path: string,
  parameters: Readonly<Record<string, string>>,
  rowsOf: (page: Page) => readonly Row[],
  mostPages: number,
  isWanted: () => boolean,
): Promise<Answer<readonly Row[]> | null> {
  const query = new URLSearchParams({ ...parameters, limit: String(PAGE) })
  const found: Row[] = []
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await getJson<Page>(`${path}?${query}`)
    if (!isWanted()) return null
    if (!answer.ok) return answer
    found.push(...rowsOf(answer.value))
    if (answer.value.next === undefined) break
    query.set('cursor', answer.value.next)
  }
  return { ok: true, value: found }
}

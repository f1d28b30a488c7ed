// For tests: all that a stranger can read.

import { expect } from 'vitest'
import type { Village } from './village.ts'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: unknown }>>>>
}

/** All that every public route answers, of `device` where it is of one. */
export async function allPublicAnswers(
  { url }: Village,
  device: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const document = await fetch(`${url}/api/openapi.json`)
  const { paths } = (await document.json()) as Document
  const open = Object.keys(paths).filter(
    (path) => paths[path]?.['get'] !== undefined && paths[path]['get'].security === undefined,
  )
  expect(open.length).toBeGreaterThan(15)
  const texts = await Promise.all(
    [...open, '/', `/api/v1/explain?device=${device}&value=state`].map(async (path) => {
      const answer = await fetch(url + path.replace(/\{\w+\}/g, device), { headers })
      return answer.ok ? answer.text() : ''
    }),
  )
  return texts.join('\n')
}

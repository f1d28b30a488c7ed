// What a view needs to speak: texts, formats and the village's air index, as one value that is passed in. The browser has one at a
// time; the server makes one for each request, so that two readers never share a language.

import type { IndexName } from '../air-index.ts'
import type { Formats } from '../format.ts'
import type { TextKey, Texts } from './id.ts'

export type Fill = Readonly<Record<string, string | number>>

export interface Words {
  /** The text of a key, `{name}` filled in; of texts by number `n` decides the form. */
  readonly t: (key: TextKey, fill?: Fill) => string
  readonly fmt: Formats
  /** The air index that the village shows. */
  readonly index: IndexName
}

export function createWords(texts: Texts, fmt: Formats, index: IndexName): Words {
  return { t: (key, fill = {}) => fillText(texts, fmt, key, fill), fmt, index }
}

/** The text of that key with `{name}` filled in, numbers as the language writes them. */
export function fillText(texts: Texts, fmt: Formats, key: TextKey, fill: Fill): string {
  const message = texts[key]
  const form = typeof message === 'string' ? message : message[fill['n'] === 1 ? 'one' : 'other']
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = fill[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? fmt.number(value) : value
  })
}

// The language of the page: Indonesian is there from the start, English is fetched when it is first asked for.

import { indexName } from '../air-index.ts'
import { fmt, type Language, setFormats } from '../format.ts'
import { id, type TextKey, type Texts } from './id.ts'
import { createWords, type Fill, fillText, type Words } from './words.ts'

export type { TextKey } from './id.ts'

let texts: Texts = id
let language: Language = 'id'
const listeners = new Set<() => void>()

/** The text of that key, `{name}` filled in; of texts by number `n` decides the form. */
export function t(key: TextKey, fill: Fill = {}): string {
  return fillText(texts, fmt(), key, fill)
}

/** The page's own words as they are now, for views that the server shares. */
export function words(): Words {
  return createWords(texts, fmt(), indexName())
}

/** The text of a key made of parts, `fallback` where there is none: for names that come from outside. */
export function tOr(key: string, fallback: string): string {
  return isKey(key) ? t(key) : fallback
}

function isKey(key: string): key is TextKey {
  return Object.hasOwn(texts, key)
}

export function currentLanguage(): Language {
  return language
}

/** Called after each change of language, until what it returns is called. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Switches the page: texts, formats, `<html lang>`, and what is marked `data-t` in the page's HTML. */
export async function setLanguage(next: Language, timezone = fmt().timezone): Promise<void> {
  texts = next === 'id' ? id : (await import('./en.ts')).en
  language = next
  setFormats(next, timezone)
  document.documentElement.lang = next
  retext(document.body)
  for (const listener of listeners) listener()
}

/** Fills what is marked: `data-t` is the text, `data-t-label` the label. */
export function retext(root: HTMLElement): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-t]')) {
    const key = element.dataset['t'] ?? ''
    if (isKey(key)) element.textContent = t(key)
  }
  for (const element of root.querySelectorAll<HTMLElement>('[data-t-label]')) {
    const key = element.dataset['tLabel'] ?? ''
    if (isKey(key)) element.setAttribute('aria-label', t(key))
  }
}

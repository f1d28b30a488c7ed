// The chosen language, kept in a cookie, so that the server writes the next page in it.

import type { Language } from '../format.ts'

const COOKIE = 'pantau_lang'
const YEAR_S = 31_536_000

/** Null when none was chosen in this browser. */
export function keptLanguage(): Language | null {
  const found = /(?:^|; )pantau_lang=(id|en)(?:;|$)/.exec(document.cookie)?.[1]
  return found === 'id' || found === 'en' ? found : null
}

export function keepLanguage(language: Language): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the other way to set one is asynchronous and not in every browser
  document.cookie = `${COOKIE}=${language}; path=/; max-age=${YEAR_S}; samesite=strict`
}

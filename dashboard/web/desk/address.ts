// The view of a desk in its address (reference/ui 2.12): which tab, which device, which filter, which period. A link shows the same view;
// a tab or a device is a step that Back takes back.

import { themeChoice } from '../shell/theme.ts'
import { formatUrl, parseUrl, type UrlState } from '../shell/url-state.ts'
import { currentLanguage, onLanguage } from '../text/texts.ts'

/** A part of the page that has a say in the address. */
export interface Addressed {
  address(): Partial<UrlState>
  follow(state: UrlState): void
}

export class DeskAddress {
  readonly #parts: readonly Addressed[]
  #isFollowing = false

  constructor(parts: readonly Addressed[]) {
    this.#parts = parts
  }

  /** Shows what the address says, now and whenever another one is gone to. */
  start(): void {
    window.addEventListener('popstate', () => this.#follow())
    onLanguage(() => this.changed())
    this.#follow()
  }

  /** The same view in another way: no step of its own. */
  changed(): void {
    if (!this.#isFollowing) history.replaceState(null, '', this.#text())
  }

  /** Another view. */
  opened(): void {
    if (!this.#isFollowing) history.pushState(null, '', this.#text())
  }

  #follow(): void {
    const { state } = parseUrl(location.hash)
    this.#isFollowing = true
    for (const part of this.#parts) part.follow(state)
    this.#isFollowing = false
  }

  #text(): string {
    const linked = parseUrl(location.hash).state.theme
    const hash = formatUrl({
      ...Object.assign({}, ...this.#parts.map((part) => part.address())),
      language: currentLanguage(),
      theme: linked === themeChoice() ? linked : null,
    })
    return location.pathname + hash
  }
}

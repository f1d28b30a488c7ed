// Keeps the page's address in step with what is seen: replaced while the map moves (at most twice a second), a new entry for a
// selection, so that Back closes the detail.

import type { Clock } from '../../../../contract/time.ts'
import { themeChoice } from '../../shell/theme.ts'
import { formatUrl, parseUrl } from '../../shell/url-state.ts'
import { currentLanguage, onLanguage } from '../../text/texts.ts'
import type { MapState } from './map-state.ts'
import type { Stage } from './stage.ts'

const AT_MOST_EVERY_MS = 500
/** Marks entries that the page made: going back to one closes or opens a detail and leaves the map where it is. */
const OWN = 'pantau'

export class UrlKeeper {
  readonly #state: MapState
  readonly #stage: Stage
  readonly #clock: Clock
  #lastMs = Number.NEGATIVE_INFINITY
  #timer: number | null = null

  constructor(state: MapState, stage: Stage, clock: Clock) {
    this.#state = state
    this.#stage = stage
    this.#clock = clock
    onLanguage(() => this.changed())
  }

  /** True when the address was changed by hand or by a link, and is to be followed as a whole. */
  static isForeign(state: unknown): boolean {
    return state !== OWN
  }

  /** The view changed. */
  moved(): void {
    const waitMs = this.#lastMs + AT_MOST_EVERY_MS - this.#clock.monotonicMs()
    if (waitMs <= 0) {
      this.changed()
      return
    }
    this.#timer ??= window.setTimeout(() => {
      this.#timer = null
      this.changed()
    }, waitMs)
  }

  changed(): void {
    this.#lastMs = this.#clock.monotonicMs()
    history.replaceState(OWN, '', this.#address())
  }

  selected(): void {
    history.pushState(OWN, '', this.#address())
  }

  #address(): string {
    const { layers, selection } = this.#state
    const linked = parseUrl(location.hash).state.theme
    const hash = formatUrl({
      view: this.#stage.view(),
      layers: [...layers],
      selection,
      // Always said: who opens the link may have a browser of another language.
      language: currentLanguage(),
      // A theme that came with the link stays in it until another is chosen.
      theme: linked === themeChoice() ? linked : null,
    })
    // `?lang=` of a link without script has done its work.
    return `${location.pathname}${hash}`
  }
}

// Says out loud what matters to the place that was chosen, politely and seldom: at most one message in ten seconds, and only
// when the nearest hotspot's state has changed (WCAG 4.1.3).

const QUIET_MS = 10_000

export class Announcer {
  readonly #region: Pick<HTMLElement, 'textContent'>
  #lastMs = Number.NEGATIVE_INFINITY
  #lastSaid = ''

  /** `region` is read out when its text changes. */
  constructor(region: Pick<HTMLElement, 'textContent'>) {
    this.#region = region
  }

  /** What a keyboard user asked for: at once. */
  answer(text: string): void {
    this.#region.textContent = text
  }

  /** News: not within ten seconds of the last, and not the same twice. */
  tell(text: string, nowMs: number): void {
    if (text === this.#lastSaid || nowMs - this.#lastMs < QUIET_MS) return
    const isFirst = this.#lastSaid === ''
    this.#lastSaid = text
    this.#lastMs = nowMs
    // What the page shows when it opens is no news.
    if (!isFirst) this.#region.textContent = text
  }
}

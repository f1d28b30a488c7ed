// A list of any length: so many rows at first, more at a press, and all of them on paper.

import type { Acts } from '../dom/act.ts'
import { type Child, h } from '../dom/h.ts'
import { t } from '../text/texts.ts'

const ROWS_AT_ONCE = 100

export class LongList {
  #most = ROWS_AT_ONCE
  #isPrinting = false
  readonly #act: string
  readonly #onChange: () => void

  /** `act`: the name of the press for more. `renderNow` draws at once: paper does not wait for the next frame. */
  constructor(act: string, onChange: () => void, renderNow?: () => void) {
    this.#act = act
    this.#onChange = onChange
    if (renderNow === undefined) return
    for (const [event, isPrinting] of [
      ['beforeprint', true],
      ['afterprint', false],
    ] as const) {
      window.addEventListener(event, () => {
        this.#isPrinting = isPrinting
        renderNow()
      })
    }
  }

  get acts(): Acts {
    return {
      [this.#act]: () => {
        this.#most += ROWS_AT_ONCE
        this.#onChange()
      },
    }
  }

  /** From the begin again: another list is shown. */
  reset(): void {
    this.#most = ROWS_AT_ONCE
  }

  /** The rows that are shown. */
  of<T>(rows: readonly T[]): readonly T[] {
    return this.#isPrinting ? rows : rows.slice(0, this.#most)
  }

  /** The button for more, where there are more. */
  more(all: number): Child {
    if (all <= this.#most || this.#isPrinting) return null
    return h('button', { type: 'button', class: 'button wide', 'data-act': this.#act }, t('more'))
  }
}

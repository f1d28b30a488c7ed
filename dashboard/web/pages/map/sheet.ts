// On a phone the answers stand in a sheet below the map: closed it shows the answers, half and full the list. Opened by its
// button; dragging its bar does the same.

import { byId } from '../../dom/h.ts'
import { t } from '../../text/texts.ts'

export type SheetState = 'answers' | 'half' | 'full'

const DRAG_PX = 40

export class Sheet {
  readonly #element: HTMLElement
  #dragFrom: number | null = null

  readonly #onChange: () => void

  constructor(element: HTMLElement, onChange: () => void) {
    this.#element = element
    this.#onChange = onChange
    const bar = element.querySelector<HTMLElement>('.sheet-bar')
    bar?.addEventListener('pointerdown', (event) => {
      this.#dragFrom = event.clientY
    })
    window.addEventListener('pointerup', (event) => this.#dropped(event.clientY))
    window.addEventListener('pointercancel', () => {
      this.#dragFrom = null
    })
  }

  get state(): SheetState {
    const state = document.body.dataset['sheet']
    return state === 'half' || state === 'full' ? state : 'answers'
  }

  set(state: SheetState): void {
    document.body.dataset['sheet'] = state
    if (state === 'answers') this.#element.scrollTop = 0
    const button = byId('sheet-button')
    button.setAttribute('aria-expanded', String(state !== 'answers'))
    button.dataset['tLabel'] = state === 'answers' ? 'list.open' : 'list.close'
    button.setAttribute('aria-label', t(state === 'answers' ? 'list.open' : 'list.close'))
    this.#onChange()
  }

  toggle(): void {
    this.set(this.state === 'answers' ? 'full' : 'answers')
  }

  #dropped(y: number): void {
    const from = this.#dragFrom
    this.#dragFrom = null
    if (from === null || Math.abs(y - from) < DRAG_PX) return
    const up: Readonly<Record<SheetState, SheetState>> = { answers: 'half', half: 'full', full: 'full' }
    const down: Readonly<Record<SheetState, SheetState>> = {
      full: 'half',
      half: 'answers',
      answers: 'answers',
    }
    this.set((y < from ? up : down)[this.state])
  }
}

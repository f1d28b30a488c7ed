// Choosing the place that the answers are for: where one is (only when it is pressed), a tap on the map, or a name.

import { listen } from '../../dom/act.ts'
import { byId, h } from '../../dom/h.ts'
import { icon } from '../../dom/icons.ts'
import { patch } from '../../dom/patch.ts'
import { canLocate } from '../../places.ts'
import type { Findable } from '../../search.ts'
import { t } from '../../text/texts.ts'
import { SearchBox } from './search-box.ts'

interface PlaceDialogOptions {
  readonly findables: () => Iterable<Findable>
  readonly onLocate: () => void
  readonly onTap: () => void
  readonly onCenter: () => void
  readonly onChoose: (target: string) => void
  readonly centerName: () => string
}

export class PlaceDialog {
  readonly #dialog = byId('place-dialog')
  readonly #options: PlaceDialogOptions
  #search: SearchBox | null = null
  #note = ''

  constructor(options: PlaceDialogOptions) {
    this.#options = options
    listen(this.#dialog, {
      locate: () => this.#do(() => options.onLocate()),
      tap: () => this.#do(() => options.onTap()),
      center: () => this.#do(() => options.onCenter()),
      close: () => this.close(),
    })
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.close()
    })
  }

  open(note = ''): void {
    this.#note = note
    this.render()
    if (this.#dialog instanceof HTMLDialogElement && !this.#dialog.open) this.#dialog.showModal()
  }

  close(): void {
    if (this.#dialog instanceof HTMLDialogElement) this.#dialog.close()
  }

  render(): void {
    patch(
      this.#dialog,
      h(
        'div',
        { class: 'dialog-head' },
        h('h2', { id: 'place-title' }, t('place.pick')),
        h(
          'button',
          { type: 'button', class: 'icon-button', 'data-act': 'close', 'aria-label': t('close') },
          icon('close'),
        ),
      ),
      this.#note === '' ? null : h('p', { class: 'notice', role: 'alert' }, this.#note),
      h('search', { class: 'search in-dialog', id: 'place-search', 'data-keep': true }),
      h(
        'div',
        { class: 'dialog-choices' },
        canLocate()
          ? h(
              'button',
              { type: 'button', class: 'choice', 'data-act': 'locate' },
              icon('locate'),
              t('place.locate'),
            )
          : h('p', { class: 'hint' }, t('place.unsupported')),
        h('button', { type: 'button', class: 'choice', 'data-act': 'tap' }, icon('map'), t('place.tap')),
        h(
          'button',
          { type: 'button', class: 'choice', 'data-act': 'center' },
          icon('place'),
          this.#options.centerName(),
        ),
      ),
      canLocate() ? h('p', { class: 'hint' }, t('place.private')) : null,
    )
    const root = this.#dialog.querySelector<HTMLElement>('#place-search')
    if (root === null) return
    if (this.#search === null) {
      this.#search = new SearchBox({
        root,
        name: 'place',
        all: () => withPosition(this.#options.findables()),
        onChoose: (target) => this.#do(() => this.#options.onChoose(target)),
      })
    } else this.#search.render()
  }

  #do(act: () => void): void {
    this.close()
    act()
  }
}

/** A place stands still: no vehicles and no routes. */
function* withPosition(all: Iterable<Findable>): Generator<Findable> {
  for (const item of all) if (item.kind !== 'vehicle' && item.kind !== 'route') yield item
}

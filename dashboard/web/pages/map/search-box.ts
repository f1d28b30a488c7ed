// The search field: a combobox over names that the page holds, by the pattern of the ARIA authoring practices.

import { h } from '../../dom/h.ts'
import { type IconName, icon } from '../../dom/icons.ts'
import { patch } from '../../dom/patch.ts'
import { type Findable, findByName } from '../../search.ts'
import { type TextKey, t } from '../../text/texts.ts'

interface SearchOptions {
  readonly root: HTMLElement
  /** Prefix of ids, since there may be two boxes in a page. */
  readonly name: string
  readonly all: () => Iterable<Findable>
  readonly onChoose: (target: string) => void
}

const MOST = 8
const ICONS: Readonly<Record<Findable['kind'], IconName>> = {
  hotspot: 'wifi',
  sensor: 'air',
  vehicle: 'bus',
  stop: 'stop',
  route: 'bus',
  street: 'street',
  place: 'place',
}

export class SearchBox {
  readonly #options: SearchOptions
  #query = ''
  #found: readonly Findable[] = []
  #active = -1
  #isOpen = false

  constructor(options: SearchOptions) {
    this.#options = options
    const { root } = options
    root.addEventListener('input', (event) => {
      if (event.target instanceof HTMLInputElement) this.#typed(event.target.value)
    })
    root.addEventListener('keydown', (event) => this.#key(event))
    root.addEventListener('pointerdown', (event) => {
      const option = event.target instanceof Element ? event.target.closest('[role=option]') : null
      if (!(option instanceof HTMLElement)) return
      event.preventDefault()
      this.#choose(option.dataset['target'])
    })
    root.addEventListener('focusout', (event) => {
      if (!(event.relatedTarget instanceof Node) || !root.contains(event.relatedTarget)) this.#close()
    })
    this.render()
  }

  focus(): void {
    this.#input()?.focus()
  }

  render(): void {
    const { root, name } = this.#options
    const listId = `${name}-results`
    const isOpen = this.#isOpen && this.#query.trim() !== ''
    const count = this.#found.length
    patch(
      root,
      h('label', { class: 'sr-only', for: `${name}-input` }, t('search.label')),
      h(
        'label',
        { class: 'search-field' },
        icon('search', 18),
        h('input', {
          id: `${name}-input`,
          type: 'search',
          autocomplete: 'off',
          spellcheck: 'false',
          enterkeyhint: 'search',
          placeholder: t('search.hint'),
          role: 'combobox',
          'aria-expanded': String(isOpen && count > 0),
          'aria-controls': listId,
          'aria-autocomplete': 'list',
          'aria-activedescendant': isOpen && this.#active >= 0 ? `${name}-option-${this.#active}` : null,
        }),
      ),
      h(
        'ul',
        {
          id: listId,
          class: 'search-results',
          role: 'listbox',
          'aria-label': t('search.label'),
          hidden: !isOpen || count === 0,
        },
        this.#found.map((item, index) =>
          h(
            'li',
            {
              id: `${name}-option-${index}`,
              role: 'option',
              'data-target': item.target,
              'aria-selected': String(index === this.#active),
            },
            icon(ICONS[item.kind], 18),
            h(
              'span',
              { class: 'search-name' },
              item.name,
              item.also === '' ? null : h('span', { class: 'hint' }, item.also),
            ),
            h('span', { class: 'search-kind' }, t(`search.kind.${item.kind}` as TextKey)), // every kind has its text
          ),
        ),
      ),
      h(
        'p',
        { class: isOpen && count === 0 ? 'search-none' : 'sr-only', role: 'status' },
        isOpen ? (count === 0 ? t('search.none', { q: this.#query }) : t('search.count', { n: count })) : '',
      ),
    )
  }

  #input(): HTMLInputElement | null {
    return this.#options.root.querySelector('input')
  }

  #typed(query: string): void {
    this.#query = query
    this.#isOpen = true
    this.#found = findByName(this.#options.all(), query, MOST)
    this.#active = this.#found.length > 0 ? 0 : -1
    this.render()
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      if (this.#query === '') return
      event.stopPropagation()
      this.#clear()
      return
    }
    if (event.key === 'Enter') {
      event.preventDefault()
      this.#choose(this.#found[this.#active]?.target)
      return
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || this.#found.length === 0) return
    event.preventDefault()
    this.#isOpen = true
    this.#active = (this.#active + step + this.#found.length) % this.#found.length
    this.render()
  }

  #choose(target: string | undefined): void {
    if (target === undefined) return
    this.#clear()
    this.#options.onChoose(target)
  }

  #clear(): void {
    const input = this.#input()
    if (input !== null) input.value = ''
    this.#query = ''
    this.#found = []
    this.#close()
  }

  #close(): void {
    this.#isOpen = false
    this.#active = -1
    this.render()
  }
}

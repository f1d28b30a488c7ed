// Rows do not move under a pointer or a focus: the order stays while somebody is in the list, and it is said how many rows
// would stand elsewhere.

export class FrozenOrder {
  readonly #root: HTMLElement
  #frozen: readonly string[] | null = null
  #last: readonly string[] = []

  constructor(root: HTMLElement) {
    this.#root = root
    const freeze = (): void => {
      this.#frozen ??= this.#last
    }
    const leave = (): void => {
      if (!root.matches(':hover, :focus-within')) this.thaw()
    }
    root.addEventListener('pointerenter', freeze)
    root.addEventListener('focusin', freeze)
    root.addEventListener('pointerleave', leave)
    root.addEventListener('focusout', () => setTimeout(leave))
  }

  thaw(): void {
    this.#frozen = null
    // Whoever asks for the new order while in the list gets it, and it is kept from there.
    if (this.#root.matches(':hover, :focus-within')) queueMicrotask(() => (this.#frozen = this.#last))
  }

  /** The rows in the order that is kept; `moved` counts those that would stand elsewhere. New rows come last. */
  apply<T extends { readonly id: string }>(
    rows: readonly T[],
  ): { readonly rows: readonly T[]; readonly moved: number } {
    const places = this.#frozen === null ? null : new Map(this.#frozen.map((id, place) => [id, place]))
    const placeOf = ({ id }: T): number => places?.get(id) ?? rows.length
    const shown = places === null ? rows : rows.toSorted((a, b) => placeOf(a) - placeOf(b))
    this.#last = shown.map(({ id }) => id)
    return { rows: shown, moved: shown.filter(({ id }, index) => rows[index]?.id !== id).length }
  }
}

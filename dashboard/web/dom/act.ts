// What a press does is named in the markup (`data-act`, `data-arg`) and looked up here, once for a whole part of the page:
// views stay functions that build nodes and hold no handlers.

export type Act = (argument: string, target: HTMLElement, event: Event) => void
export type Acts = Readonly<Record<string, Act>>

/** Answers presses on `[data-act]`, changes on `[data-change]` and input on `[data-input]` anywhere below `root`. */
export function listen(root: HTMLElement | Document, acts: Acts): void {
  for (const [event, attribute] of [
    ['click', 'act'],
    ['change', 'change'],
    ['input', 'input'],
  ] as const) {
    root.addEventListener(event, (happened) => {
      const target =
        happened.target instanceof Element ? happened.target.closest(`[data-${attribute}]`) : null
      if (!(target instanceof HTMLElement)) return
      acts[target.dataset[attribute] ?? '']?.(target.dataset['arg'] ?? '', target, happened)
    })
  }
}

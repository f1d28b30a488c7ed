// What is costly to build and seldom changes: its node stands empty with a version until `patch` finds that the page shows another version,
// and is built then.

import { type Child, nodesOf } from './h.ts'

const VERSION = 'data-version'
const builders = new WeakMap<Element, () => Child>()

/** `shell` without children; `build` makes them. Equal versions of one place mean equal children and attributes. */
export function versioned<T extends Element>(shell: T, version: string, build: () => Child): T {
  shell.setAttribute(VERSION, version)
  builders.set(shell, build)
  return shell
}

/** Whether what stands in the page is that version already. */
export function isVersion(shown: Element, wanted: Element): boolean {
  return builders.has(wanted) && shown.getAttribute(VERSION) === wanted.getAttribute(VERSION)
}

/** Builds what waits for it in `node` and below: it goes into the page now. */
export function build(node: Node): void {
  if (!(node instanceof Element)) return
  for (const element of [node, ...node.querySelectorAll(`[${VERSION}]`)]) {
    const children = builders.get(element)
    if (children === undefined) continue
    builders.delete(element)
    element.append(...nodesOf([children()]))
  }
}

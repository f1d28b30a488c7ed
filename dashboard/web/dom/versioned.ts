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

export type VersionPart = object | string | number | boolean | null | undefined

const numbers = new WeakMap<object, number>()
let made = 0

/** A version of what these are: texts as they read, objects as the ones they are, for those that are never changed. */
export function versionOf(...parts: readonly VersionPart[]): string {
  return parts
    .map((part) => (typeof part === 'object' && part !== null ? `#${numberOf(part)}` : part))
    .join('|')
}

function numberOf(thing: object): number {
  const known = numbers.get(thing)
  if (known !== undefined) return known
  made += 1
  numbers.set(thing, made)
  return made
}

/** The version of what `versioned` made, or null. */
export function versionIn(element: Element): string | null {
  return element.getAttribute(VERSION)
}

/** Whether what stands in the page is that version already. */
export function isVersion(shown: Element, wanted: Element): boolean {
  return builders.has(wanted) && shown.getAttribute(VERSION) === wanted.getAttribute(VERSION)
}

/** Builds the children of what stands in the page in another version. */
export function fill(element: Element): void {
  const children = builders.get(element)
  if (children === undefined) return
  builders.delete(element)
  element.append(...nodesOf([children()]))
}

/** The same in `node` and all below it: it goes into the page now. */
export function build(node: Node): void {
  if (!(node instanceof Element)) return
  fill(node)
  for (const inner of node.querySelectorAll(`[${VERSION}]`)) if (builders.has(inner)) build(inner)
}

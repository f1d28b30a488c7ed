// Builds DOM nodes from plain calls, so that a view is a function from state to nodes. Text is always a text node: what
// a device calls itself can never become markup.

import type { Props } from './markup.ts'

export type { Props } from './markup.ts'

export type Child = Node | string | number | null | false | undefined | readonly Child[]

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  setProps(element, props)
  append(element, children)
  return element
}

/** The same for SVG. */
export function svg(tag: string, props: Props = {}, ...children: readonly Child[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  setProps(element, props)
  append(element, children)
  return element
}

/** The nodes of nested children in order, strings and numbers as text nodes. */
export function nodesOf(children: readonly Child[]): Node[] {
  return children.flatMap((child): Node[] => {
    if (child === null || child === false || child === undefined) return []
    if (Array.isArray(child)) return nodesOf(child as readonly Child[]) // isArray does not see read-only arrays
    if (child instanceof Node) return [child]
    return [document.createTextNode(String(child))]
  })
}

function append(element: Element, children: readonly Child[]): void {
  for (const node of nodesOf(children)) element.append(node)
}

function setProps(element: HTMLElement | SVGElement, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue
    if (name.startsWith('--')) element.style.setProperty(name, String(value))
    else element.setAttribute(name, value === true ? '' : String(value))
  }
}

/** The element of that id, which the page's HTML holds. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no element #${id}`)
  return element
}

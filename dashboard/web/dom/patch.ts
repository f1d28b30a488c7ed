// Makes what stands in the page equal to freshly built nodes by changing as little as possible: focus, scroll and what is
// typed stay. Children are matched by `data-key`, else by order and name. What other code draws into (a chart, a map) is
// marked `data-keep` and left alone inside; what is `versioned` is built when its version is new.

import { type Child, nodesOf } from './h.ts'
import { build, fill, isVersion } from './versioned.ts'

/** Makes the children of `parent` equal to `children`. */
export function patch(parent: Element, ...children: readonly Child[]): void {
  patchChildren(parent, nodesOf(children))
}

function patchChildren(parent: Element, wanted: readonly Node[]): void {
  const keyed = new Map<string, Element>()
  for (const child of parent.children) {
    const key = keyOf(child)
    if (key !== null) keyed.set(key, child)
  }
  let place: ChildNode | null = parent.firstChild
  for (const node of wanted) {
    const match = matchFor(node, place, keyed)
    if (match === null) {
      build(node)
      parent.insertBefore(node, place)
      continue
    }
    if (match === place) place = place.nextSibling
    else parent.insertBefore(match, place)
    morph(match, node)
  }
  while (place !== null) {
    const next: ChildNode | null = place.nextSibling
    place.remove()
    place = next
  }
}

function matchFor(node: Node, place: ChildNode | null, keyed: Map<string, Element>): ChildNode | null {
  const key = keyOf(node)
  if (key !== null) {
    const match = keyed.get(key)
    if (match === undefined || match.nodeName !== node.nodeName) return null
    keyed.delete(key)
    return match
  }
  return place !== null && keyOf(place) === null && place.nodeName === node.nodeName ? place : null
}

function keyOf(node: Node): string | null {
  return node instanceof Element ? node.getAttribute('data-key') : null
}

function morph(old: ChildNode, wanted: Node): void {
  if (!(old instanceof Element) || !(wanted instanceof Element)) {
    if (old.nodeValue !== wanted.nodeValue) old.nodeValue = wanted.nodeValue
    return
  }
  if (isVersion(old, wanted)) return
  fill(wanted)
  morphAttributes(old, wanted)
  if (old instanceof HTMLInputElement && wanted instanceof HTMLInputElement) old.checked = wanted.checked
  if (old.hasAttribute('data-keep')) return
  patchChildren(old, [...wanted.childNodes])
}

function morphAttributes(old: Element, wanted: Element): void {
  for (const { name } of [...old.attributes]) {
    // Whether a disclosure is open is the reader's.
    if (!wanted.hasAttribute(name) && name !== 'open' && name !== 'style') old.removeAttribute(name)
  }
  for (const { name, value } of wanted.attributes) {
    if (name === 'style') continue
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
  if (isStyled(old) && isStyled(wanted) && old.style.cssText !== wanted.style.cssText) {
    // Through the object model: a style attribute is not allowed by the pages' policy.
    old.style.cssText = wanted.style.cssText
  }
}

function isStyled(element: Element): element is HTMLElement | SVGElement {
  return element instanceof HTMLElement || element instanceof SVGElement
}

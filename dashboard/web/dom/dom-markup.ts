// Markup as nodes of the page.

import { h, svg } from './h.ts'
import { type Markup, SVG_TAGS } from './markup.ts'

/** Tags are written by our own views, so each is one that exists. */
export const domMarkup: Markup<Node> = (tag, props = {}, ...children) =>
  SVG_TAGS.has(tag) ? svg(tag, props, ...children) : h(tag as keyof HTMLElementTagNameMap, props, ...children)

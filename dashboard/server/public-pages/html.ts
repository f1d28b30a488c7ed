// Markup as text: what the server writes. Everything that comes from outside goes through the escaping here, once.

import { type Markup, type Piece, SVG_TAGS } from '../../web/dom/markup.ts'

/** Markup that is already escaped. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const VOID_TAGS = new Set(['br', 'hr', 'img', 'input', 'link', 'meta'])

/** Elements as text; custom properties are left out, since the policy of the pages takes no style attribute. */
export const html: Markup<Html> = (tag, props = {}, ...children) => {
  const attributes = Object.entries(props).map(([name, value]) => {
    if (value === false || value === null || value === undefined || name.startsWith('--')) return ''
    return value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`
  })
  const open = `<${tag}${attributes.join('')}`
  if (VOID_TAGS.has(tag)) return new Html(`${open}>`)
  const inside = textOf(children)
  return new Html(inside === '' && SVG_TAGS.has(tag) ? `${open}/>` : `${open}>${inside}</${tag}>`)
}

/** Pieces one after the other. */
export function textOf(pieces: Piece<Html>): string {
  if (pieces === null || pieces === undefined || pieces === false) return ''
  if (pieces instanceof Html) return pieces.text
  if (Array.isArray(pieces)) return (pieces as readonly Piece<Html>[]).map(textOf).join('')
  return escapeHtml(String(pieces))
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

/** A value as JSON that can stand in a `<script>`: nothing in it ends the element or begins a comment. */
export function jsonInScript(value: unknown): Html {
  return new Html(
    JSON.stringify(value).replace(
      /[<>\u2028\u2029]/g,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  )
}

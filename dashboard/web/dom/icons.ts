// Line icons of 24 by 24, drawn with the colour of the text around them; always beside a word or a label.

import { domMarkup } from './dom-markup.ts'
import type { IconName } from './icon-paths.ts'
import { iconOf } from './markup.ts'

export type { IconName } from './icon-paths.ts'

/** The icon, hidden from screen readers. */
export function icon(name: IconName, size = 20): Node {
  return iconOf(domMarkup, name, size)
}

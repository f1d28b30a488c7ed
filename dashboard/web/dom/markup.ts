// Markup without a document: a view that is written with a `Markup` makes nodes in the browser and text on the server, so that
// what the server sends and what the page draws over it are one.

import { ICON_PATHS, type IconName } from './icon-paths.ts'

/** An attribute; a name that begins with `--` is a custom property. False, null and undefined leave it out. */
export type Props = Readonly<Record<string, string | number | boolean | null | undefined>>

export type Piece<N> = N | string | number | null | false | undefined | readonly Piece<N>[]

/** Makes an element, HTML or SVG by its tag; text among the children is text and never markup. */
export type Markup<N> = (tag: string, props?: Props, ...children: readonly Piece<N>[]) => N

/** Tags that are SVG's here. */
export const SVG_TAGS: ReadonlySet<string> = new Set(['svg', 'path', 'circle', 'rect', 'g', 'text', 'line'])

/** The icon, hidden from screen readers. */
export function iconOf<N>(m: Markup<N>, name: IconName, size = 20): N {
  return m(
    'svg',
    {
      class: 'icon',
      viewBox: '0 0 24 24',
      width: size,
      height: size,
      'aria-hidden': 'true',
      focusable: 'false',
    },
    m('path', { d: ICON_PATHS[name] }),
  )
}

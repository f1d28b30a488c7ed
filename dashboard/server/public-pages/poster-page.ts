// `/poster?place=ID`: one A4 sheet for a wall: what is here, and a code that leads a phone to how it is now. Nothing on it grows old.

import { iconOf } from '../../web/dom/markup.ts'
import { type Html, html } from './html.ts'
import { isOfThisMachine, pageDocument, warning } from './page-parts.ts'
import { pageText } from './page-texts.ts'
import { qrCode } from './qr/qr-code.ts'
import { routeName, type Situation } from './situation.ts'

/** Light modules around the code (ISO/IEC 18004, 5.3.8). */
const QUIET = 4

export function posterPage(situation: Situation, origin: string, style: string): string {
  const { context, words, language, isSimulated, place } = situation
  const villageName = context.village.village.name
  const kind = place.id === null ? null : place.id.startsWith('stop:') ? 'stop' : kindOf(situation, place.id)
  const page = (main: readonly (Html | null)[]): string =>
    pageDocument({
      words,
      language,
      style,
      villageName,
      isSimulated,
      title: place.name,
      path: null,
      className: 'plain poster',
      isBare: true,
      main,
    })
  if (place.id === null || kind === null) {
    return page([
      html('h1', {}, pageText(language, 'poster.none')),
      html('p', {}, html('a', { href: '/ringan#tempat' }, pageText(language, 'poster.pick'))),
    ])
  }
  const address = `${origin}/?place=${encodeURIComponent(place.id)}`
  const routes = kind === 'stop' ? routesAt(situation, place.id.slice('stop:'.length)) : []
  return page([
    html('p', { class: 'note no-print' }, pageText(language, 'poster.print')),
    html(
      'p',
      { class: 'poster-kind' },
      iconOf(html, kind === 'stop' ? 'bus' : kind === 'hotspot' ? 'wifi' : 'air', 40),
      pageText(language, `poster.${kind}`),
    ),
    html('h1', {}, place.name),
    routes.length === 0
      ? null
      : html('p', { class: 'poster-routes' }, `${pageText(language, 'poster.routes')}: ${routes.join(', ')}`),
    codeView(address),
    html('p', { class: 'poster-scan' }, pageText(language, 'poster.scan')),
    html('p', { class: 'poster-what' }, pageText(language, 'poster.what')),
    html('p', { class: 'poster-address' }, address),
    isOfThisMachine(origin) ? warning(pageText(language, 'address.local', { address: origin })) : null,
  ])
}

function kindOf({ input }: Situation, id: string): 'hotspot' | 'sensor' | null {
  const kind = input.features.find((feature) => feature.id === id)?.properties.kind
  return kind === 'hotspot' || kind === 'sensor' ? kind : null
}

function routesAt({ context }: Situation, stop: string): readonly string[] {
  const routes = context.transit.stops.find(({ id }) => id === stop)?.routes ?? []
  return routes.map((route) => routeName(context, route))
}

/** The code as one path of squares; null for an address that is too long for it. */
function codeView(address: string): Html | null {
  const rows = qrCode(address)
  if (rows === null) return null
  const size = rows.length + 2 * QUIET
  const path = rows.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])),
  )
  return html(
    'svg',
    {
      class: 'qr',
      viewBox: `0 0 ${size} ${size}`,
      role: 'img',
      'aria-label': address,
      'shape-rendering': 'crispEdges',
    },
    html('rect', { width: size, height: size, fill: '#fff' }),
    html('path', { d: path.join(''), fill: '#000' }),
  )
}

// What stands beside an answer: the marker of the nearest hotspot or of the air, in SVG, with the shapes and colours of the map's
// sprites (reference/ui 2.6, 2.7), so that the server can send it.

import type { DeviceState } from '../../../contract/device-state.ts'
import { type Category, categoryByKey } from '../air-index.ts'
import type { Markup } from '../dom/markup.ts'
import { STATE_FILLS } from '../map/palette.ts'
import type { MarkSpec } from './answer-rows.ts'

const RING = '#15202B'
const HALO = '#FFFFFF'
const GREY = '#6B7280'
const DASHES = '4 3'
const SQUARE = { x: -12, y: -12, width: 24, height: 24, rx: 6 } as const
const NOTCHED = 'M-7-12H3V-3H12V7a5 5 0 0 1-5 5H-7a5 5 0 0 1-5-5V-7a5 5 0 0 1 5-5z'
const LOWER_HALF = 'M-12 0H12V6a6 6 0 0 1-6 6H-6a6 6 0 0 1-6-6z'
const RADIUS = 16

/** The marker, hidden from screen readers: the words beside it say the same. */
export function markOf<N>(m: Markup<N>, spec: MarkSpec): N {
  const half = spec.shape === 'station' ? 21 : 17
  return m(
    'svg',
    {
      class: 'answer-sprite',
      viewBox: `${-half} ${-half} ${2 * half} ${2 * half}`,
      width: 2 * half,
      height: 2 * half,
      'aria-hidden': 'true',
      focusable: 'false',
    },
    spec.shape === 'station' ? station(m, spec) : hotspot(m, spec),
  )
}

function hotspot<N>(m: Markup<N>, { state, freshness }: Extract<MarkSpec, { shape: 'hotspot' }>): N[] {
  const square = (props: Record<string, string | number>): N => m('rect', { ...SQUARE, ...props })
  if (state === 'unknown' || freshness === 'unknown') {
    return [...hollow(square, GREY, DASHES), glyph(m, 'unknown', GREY)]
  }
  if (freshness === 'stale') return [...hollow(square, GREY, DASHES), glyph(m, state, GREY)]
  if (state === 'maintenance') {
    return [...hollow(square, STATE_FILLS.maintenance, ''), glyph(m, state, STATE_FILLS.maintenance)]
  }
  if (state === 'degraded') {
    const lower = m('path', { d: LOWER_HALF, fill: STATE_FILLS.degraded })
    return [...outlined(square, HALO), lower, glyph(m, state, RING)]
  }
  const shape =
    state === 'down'
      ? (props: Record<string, string | number>): N => m('path', { d: NOTCHED, ...props })
      : square
  return [...outlined(shape, STATE_FILLS[state]), glyph(m, state, HALO)]
}

type Shape<N> = (props: Record<string, string | number>) => N

function outlined<N>(shape: Shape<N>, fill: string): N[] {
  const stroke = { fill: 'none', 'stroke-linejoin': 'round' }
  return [
    shape({ ...stroke, stroke: HALO, 'stroke-width': 7 }),
    shape({ ...stroke, stroke: RING, 'stroke-width': 4 }),
    shape({ fill }),
  ]
}

function hollow<N>(shape: Shape<N>, colour: string, dashes: string): N[] {
  return [
    shape({ fill: HALO, stroke: HALO, 'stroke-width': 7, 'stroke-linejoin': 'round' }),
    shape({
      fill: 'none',
      stroke: colour,
      'stroke-width': 2.6,
      ...(dashes === '' ? {} : { 'stroke-dasharray': dashes }),
    }),
  ]
}

const GLYPHS: Readonly<Record<DeviceState, string>> = {
  up: 'M-6.1-.3A8.1 8.1 0 0 1 6.1-.3M-3.6 1.1A4.8 4.8 0 0 1 3.6 1.1M0 4v.01',
  degraded: 'M0-7V1.2M0 6.2v.01',
  down: 'M-5-5L5 5M5-5L-5 5',
  unknown: '',
  maintenance: 'M-5.5 6L1.5-1M7.5-4A3.9 3.9 0 1 1 4.2-7.3',
}

function glyph<N>(m: Markup<N>, state: DeviceState, colour: string): N {
  if (state === 'unknown') return text(m, '?', 17, colour, 6)
  return m('path', {
    d: GLYPHS[state],
    fill: 'none',
    stroke: colour,
    'stroke-width': state === 'up' ? 2.4 : 3,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  })
}

function station<N>(m: Markup<N>, spec: Extract<MarkSpec, { shape: 'station' }>): N[] {
  const circle: Shape<N> = (props) => m('circle', { r: RADIUS, ...props })
  const category = categoryByKey(spec.category)
  const isNone = category.key === 'none' || spec.freshness === 'unknown'
  if (isNone || spec.freshness === 'stale') {
    const word = isNone ? text(m, '?', 18, GREY, 6.5) : text(m, spec.text, 12.5, GREY, 4.5)
    return [...hollow(circle, GREY, DASHES), word]
  }
  const outline = { stroke: category.fill, 'stroke-width': 3.5, 'paint-order': 'stroke' }
  return [
    ...outlined(circle, category.fill),
    ...pattern(m, category),
    text(m, spec.text, spec.text.length > 2 ? 12 : 13.5, category.ink, 1, outline),
    text(m, category.letter, 9.5, category.ink, 12, outline),
  ]
}

function text<N>(
  m: Markup<N>,
  word: string,
  size: number,
  fill: string,
  y: number,
  outline: Record<string, string | number> = {},
): N {
  return m(
    'text',
    { x: 0, y, 'text-anchor': 'middle', 'font-size': size, 'font-weight': 700, fill, ...outline },
    word,
  )
}

/** The pattern of a category, cut to the circle by arithmetic: a clip would need an id, which a page may hold twice. */
function pattern<N>(m: Markup<N>, { pattern: name, ink }: Category): readonly N[] {
  if (name === 'plain') return []
  if (name === 'ring') {
    return [m('circle', { r: RADIUS - 2.6, fill: 'none', stroke: ink, 'stroke-width': 1.8 })]
  }
  const d = name === 'dots' ? dots() : chords(name)
  return [
    m('path', {
      d,
      fill: 'none',
      stroke: ink,
      'stroke-opacity': 0.55,
      'stroke-width': name === 'dots' ? 2.1 : 1.2,
      'stroke-linecap': name === 'dots' ? 'round' : 'butt',
    }),
  ]
}

function dots(): string {
  const spots: string[] = []
  for (let row = -3; row <= 3; row += 1) {
    for (let column = -3; column <= 3; column += 1) {
      const [x, y] = [column * 5 + (row % 2 === 0 ? 0 : 2.5), row * 5]
      if (Math.hypot(x, y) < RADIUS - 1) spots.push(`M${x} ${y}v.01`)
    }
  }
  return spots.join('')
}

/** Parallel lines inside the circle, 3.5 apart; `cross` has them both ways. */
function chords(name: 'lines' | 'diagonal' | 'cross'): string {
  const angles = name === 'lines' ? [0] : name === 'diagonal' ? [-Math.PI / 4] : [-Math.PI / 4, Math.PI / 4]
  const round = (value: number): number => Math.round(value * 10) / 10
  return angles
    .flatMap((angle) => {
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      return Array.from({ length: 9 }, (_, index) => (index - 4) * 3.6).map((offset) => {
        const half = Math.sqrt(RADIUS ** 2 - offset ** 2)
        const at = (along: number): string =>
          `${round(cos * along - sin * offset)} ${round(sin * along + cos * offset)}`
        return `M${at(-half)}L${at(half)}`
      })
    })
    .join('')
}

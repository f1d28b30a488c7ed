// The head of every detail panel: back, kind, name. The name takes the focus when the panel opens.

import { h } from '../dom/h.ts'
import { icon } from '../dom/icons.ts'
import type { SpriteSpec } from '../map/sprite-spec.ts'
import type { Sprites } from '../map/sprites.ts'
import { t } from '../text/texts.ts'

export interface DetailMark {
  readonly sprites: Sprites
  readonly spec: SpriteSpec
}

export function detailHead(name: string, kind: string, mark: DetailMark | null) {
  return h(
    'div',
    { class: 'detail-head', 'data-key': 'head' },
    h(
      'button',
      { type: 'button', class: 'icon-button', 'data-act': 'close', 'aria-label': t('close') },
      icon('back'),
    ),
    mark === null ? null : markView(mark),
    h('div', {}, h('p', { class: 'kind' }, kind), h('h2', { tabindex: -1, id: 'detail-title' }, name)),
  )
}

/** As large as it was drawn: stretched it would blur. */
function markView({ sprites, spec }: DetailMark) {
  const { width, height } = sprites.get(spec)
  return h('img', { src: sprites.image(spec), alt: '', class: 'detail-mark', width, height })
}

/** The same at a desk: the panel stands beside the table, or over it where there is no room. */
export function deskDetailHead(id: string, name: string) {
  return h(
    'div',
    { class: 'desk-detail-head', 'data-key': 'head' },
    h('div', {}, h('p', { class: 'kind' }, id), h('h2', { tabindex: -1, id: 'detail-title' }, name)),
    h(
      'button',
      { type: 'button', class: 'icon-button', 'data-act': 'close', 'aria-label': t('close') },
      icon('close'),
    ),
  )
}

// Cells of the desk's tables, which become lines of a card on a phone, and what stands where nothing came.

import { type Child, h } from '../../dom/h.ts'
import { type TextKey, t } from '../../text/texts.ts'

export function cell(key: TextKey, ...children: readonly Child[]) {
  return h('td', { 'data-label': t(key) }, h('div', { class: 'cell' }, children))
}

/** That nothing came, with a button to ask again. */
export function faultNotice(act: string) {
  return h(
    'div',
    { class: 'notice', role: 'status' },
    h('p', {}, t('err.load')),
    h('button', { type: 'button', class: 'button', 'data-act': act }, t('retry')),
  )
}

export function numberCell(key: TextKey, ...children: readonly Child[]) {
  const made = cell(key, ...children)
  made.classList.add('number')
  return made
}

/** One that there is room for beside the rest on a wide page alone. */
export function wideCell(key: TextKey, text: string) {
  const made = numberCell(key, text)
  made.classList.add('is-wide')
  return made
}

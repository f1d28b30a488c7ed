// Tables of the desks, whose rows become cards on a phone, the bar above them, and what stands where nothing came.

import { type Child, h } from '../dom/h.ts'
import { type TextKey, t } from '../text/texts.ts'

/** What there is no room for beside the rest is `is-wide`; numbers stand at the right. */
export type Column = TextKey | readonly [TextKey, string]

/** Cells and head tell each other's names, so a row reads by itself as well. */
export function deskTable(key: string, columns: readonly Column[], rows: readonly Child[], className = '') {
  return h(
    'table',
    { class: `desk-rows ${className}`.trim(), 'data-key': key },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        columns.map((column) => {
          const [text, columnClass] = typeof column === 'string' ? [column, null] : column
          return h('th', { scope: 'col', class: columnClass === '' ? null : columnClass }, t(text))
        }),
      ),
    ),
    h('tbody', {}, rows),
  )
}

export function cell(key: TextKey, ...children: readonly Child[]) {
  return h('td', { 'data-label': t(key) }, h('div', { class: 'cell' }, children))
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

/** The name that a row is of, which leads to its detail. */
export function nameHead(act: string, id: string, name: string) {
  return h(
    'th',
    { scope: 'row' },
    h('button', { type: 'button', class: 'link', 'data-act': act, 'data-arg': id }, name),
  )
}

export function smallButton(act: string, argument: string, text: string) {
  return h('button', { type: 'button', class: 'button small', 'data-act': act, 'data-arg': argument }, text)
}

/** One of a few, chosen by a press. */
export function segmented(
  label: TextKey,
  act: string,
  options: readonly (readonly [argument: string, text: string])[],
  chosen: string,
) {
  return h(
    'div',
    { class: 'segmented', role: 'group', 'aria-label': t(label) },
    options.map(([argument, text]) =>
      h(
        'button',
        {
          type: 'button',
          'data-act': act,
          'data-arg': argument,
          'aria-pressed': String(argument === chosen),
        },
        text,
      ),
    ),
  )
}

/** One of some, chosen from a list. */
export function choiceField(
  label: TextKey,
  act: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
) {
  return h(
    'label',
    { class: 'field-inline' },
    t(label),
    ' ',
    h(
      'select',
      { 'data-change': act },
      options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
    ),
  )
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

/** What is computed or fetched: as large as what comes is at least. */
export function loadingNotice(text: TextKey) {
  return h('div', { class: 'skeleton is-loading', role: 'status' }, h('p', {}, t(text)))
}

// The three answers as markup, the same from the server and in the page.

import { iconOf, type Markup } from '../dom/markup.ts'
import type { TextKey } from '../text/id.ts'
import type { Words } from '../text/words.ts'
import type { AnswerRow } from './answer-rows.ts'
import { markOf } from './mark.ts'

/** The rows; each is a link to the page without script, which the live page opens on the map instead. */
export function answersMarkup<N>(m: Markup<N>, words: Words, rows: readonly AnswerRow[]): readonly N[] {
  return rows.map((row) => answerMarkup(m, words, row))
}

function answerMarkup<N>(m: Markup<N>, { t }: Words, row: AnswerRow): N {
  const inside = [
    m('span', { class: 'answer-mark' }, row.mark === null ? iconOf(m, row.icon, 24) : markOf(m, row.mark)),
    m(
      'span',
      { class: 'answer-text' },
      m('span', { class: 'answer-title' }, t(row.title)),
      m('span', { class: 'answer-main' }, row.main),
      row.more.map((line) => m('span', { class: 'answer-more' }, line)),
    ),
  ]
  const name = row.isQuiet ? 'answer is-quiet' : 'answer'
  if (row.opens === null) return m('div', { class: name, 'data-key': row.key }, inside)
  const act = { 'data-act': 'answer', 'data-arg': row.opens }
  return m(
    'a',
    { class: name, href: `/ringan#${row.key}`, 'data-key': row.key, ...act },
    inside,
    iconOf(m, 'right', 18),
  )
}

/** Rows of the same size before anything is known. */
export function waitingMarkup<N>(m: Markup<N>, { t }: Words): readonly N[] {
  return (['wifi', 'air', 'bus'] as const).map((key) =>
    m(
      'div',
      { class: 'answer is-waiting', 'data-key': key },
      m('span', { class: 'answer-mark' }, iconOf(m, key, 24)),
      m(
        'span',
        { class: 'answer-text' },
        m('span', { class: 'answer-title' }, t(`${key}.title` satisfies TextKey)),
        m('span', { class: 'answer-main' }, t('fresh.waiting')),
      ),
    ),
  )
}

// What was just done, with a button that takes it back.

import { h } from '../dom/h.ts'
import { t } from '../text/texts.ts'
import { smallButton } from './cells.ts'

export function doneLine(what: string) {
  return h(
    'p',
    { class: 'done-line', role: 'status', 'data-key': 'done' },
    what,
    ' ',
    smallButton('undo', '', t('undo')),
  )
}

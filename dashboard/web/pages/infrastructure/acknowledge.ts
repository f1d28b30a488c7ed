// Asks before an outage is taken on: with an optional note, by keyboard alone if need be.

import { byId, h } from '../../dom/h.ts'
import { patch } from '../../dom/patch.ts'
import { t } from '../../text/texts.ts'

const LONGEST_NOTE = 500

/** The note, empty for none; null when it was called off. */
export async function askAcknowledgement(name: string): Promise<string | null> {
  const dialog = byId('ack-dialog')
  if (!(dialog instanceof HTMLDialogElement)) return null
  patch(
    dialog,
    h(
      'form',
      { method: 'dialog', class: 'ack-form' },
      h('h2', { id: 'ack-title' }, t('desk.ackTitle', { name })),
      h('p', { class: 'hint' }, t('desk.ackHint')),
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'ack-note' }, t('desk.ackNote')),
        h('textarea', { id: 'ack-note', rows: 3, maxlength: LONGEST_NOTE }),
      ),
      h(
        'div',
        { class: 'dialog-actions' },
        h('button', { class: 'button', value: '', formnovalidate: true }, t('close')),
        h('button', { class: 'button primary', value: 'ack' }, t('desk.ack')),
      ),
    ),
  )
  const note = dialog.querySelector('textarea')
  if (note !== null) note.value = ''
  dialog.returnValue = ''
  dialog.showModal()
  note?.focus()
  return await new Promise((done) => {
    dialog.addEventListener(
      'close',
      () => done(dialog.returnValue === 'ack' ? (note?.value.trim() ?? '') : null),
      { once: true },
    )
  })
}

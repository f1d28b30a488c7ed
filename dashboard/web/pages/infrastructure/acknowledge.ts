// Taking an outage on: asks first, with an optional note, and shows it as taken only once the server has it.

import type { OutageAnswer } from '../../../../contract/api-staff.ts'
import { byId, h } from '../../dom/h.ts'
import { patch } from '../../dom/patch.ts'
import { t } from '../../text/texts.ts'
import type { Reports } from './reports.ts'

const LONGEST_NOTE = 500

export class Acknowledgements {
  /** Outages whose acknowledgement is on its way, or failed. */
  readonly pending = new Map<string, 'sending' | 'failed'>()
  readonly #reports: Reports
  readonly #onChange: () => void

  constructor(reports: Reports, onChange: () => void) {
    this.#reports = reports
    this.#onChange = onChange
  }

  /** Asks about the hotspot's open outage, and sends what was decided. */
  async ask(hotspot: string, name: string): Promise<void> {
    const outage = this.#reports.outages.get(hotspot)
    if (outage !== undefined) await this.askAbout(outage, name)
  }

  async askAbout({ id }: Pick<OutageAnswer, 'id'>, name: string): Promise<void> {
    const note = await askNote(name)
    if (note === null) return
    this.pending.set(id, 'sending')
    this.#onChange()
    const fault = await this.#reports.acknowledge(id, note)
    if (fault === null) this.pending.delete(id)
    else this.pending.set(id, 'failed')
    this.#onChange()
  }
}

/** The note, empty for none; null when it was called off. */
function askNote(name: string): Promise<string | null> {
  const dialog = byId('ack-dialog')
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve(null)
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
  return new Promise((done) => {
    dialog.addEventListener(
      'close',
      () => done(dialog.returnValue === 'ack' ? (note?.value.trim() ?? '') : null),
      { once: true },
    )
  })
}

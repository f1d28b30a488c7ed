// A form in a dialog, which closes once the server has taken what was entered; what is wrong is said in the form.

import type { TimeMs } from '../../../contract/time.ts'
import type { Answer } from '../api.ts'
import { byId, type Child, h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import { type TextKey, t } from '../text/texts.ts'
import { localInput, timeOfInput } from './local-time.ts'

export interface FormSpan {
  readonly from: TimeMs
  readonly to: TimeMs
}

/** What to send, or what is wrong with what was entered. */
export type Entered<T> =
  | { readonly ok: true; send(): Promise<Answer<T>> }
  | { readonly ok: false; readonly problem: string }

/** What the server made of it; null when it was called off. */
export function askInDialog<T>(
  dialogId: string,
  form: HTMLFormElement,
  read: (data: FormData) => Entered<T>,
): Promise<T | null> {
  const dialog = byId(dialogId)
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve(null)
  dialog.replaceChildren(form)
  let made: T | null = null
  let isSending = false
  const submit = async (): Promise<void> => {
    const entered = read(new FormData(form))
    if (!entered.ok) {
      showProblem(form, entered.problem)
      return
    }
    isSending = true
    const answer = await entered.send()
    isSending = false
    if (!answer.ok) {
      showProblem(form, answer.fault.detail || t('err.noanswer'))
      return
    }
    made = answer.value
    dialog.close()
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!isSending) void submit()
  })
  form.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-do=cancel]') !== null) dialog.close()
  })
  dialog.showModal()
  return new Promise((done) => {
    dialog.addEventListener('close', () => done(made), { once: true })
  })
}

/** What stands in a text field, without spaces around it. */
export function textOf(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value.trim() : ''
}

/** The times of the fields `from` and `to`, or what is wrong with them. */
export function spanOf(data: FormData, zone: string): FormSpan | string {
  const [from, to] = [timeOfInput(textOf(data, 'from'), zone), timeOfInput(textOf(data, 'to'), zone)]
  if (from === null || to === null) return t('maintenance.noTime')
  return from < to ? { from, to } : t('maintenance.backwards')
}

export function spanFields(prefix: string, { from, to }: FormSpan, zone: string): Child {
  const time = (name: 'from' | 'to', value: TimeMs) =>
    field(
      `${prefix}-${name}`,
      t(`maintenance.${name}` as const),
      h('input', {
        type: 'datetime-local',
        id: `${prefix}-${name}`,
        name,
        value: localInput(value, zone),
        required: true,
      }),
    )
  return [
    h('div', { class: 'field-pair' }, time('from', from), time('to', to)),
    h('p', { class: 'hint' }, t('maintenance.zone', { zone: fmt().zoneName })),
  ]
}

export function field(id: string, text: string, control: HTMLElement) {
  return h('div', { class: 'field' }, h('label', { for: id }, text), control)
}

/** Where the form says what is wrong, and its buttons. */
export function formEnd(save: TextKey): Child {
  return [
    h('p', { class: 'problem', role: 'alert', hidden: true }),
    h(
      'div',
      { class: 'dialog-actions' },
      h('button', { type: 'button', class: 'button', 'data-do': 'cancel' }, t('close')),
      h('button', { type: 'submit', class: 'button primary' }, t(save)),
    ),
  ]
}

function showProblem(form: HTMLFormElement, text: string): void {
  const line = form.querySelector<HTMLElement>('.problem')
  if (line === null) return
  line.textContent = text
  line.hidden = false
}

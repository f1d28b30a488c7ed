// The dialog that announces maintenance: which hotspots, from when, until when, why. It closes once the server has the window; what the
// server refuses is said in the form.

import type { MaintenanceWindow } from '../../../../contract/api-staff.ts'
import { formatTime, HOUR, type TimeMs } from '../../../../contract/time.ts'
import { sendJson } from '../../api.ts'
import { byId, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { t } from '../../text/texts.ts'
import { localInput, timeOfInput } from './local-time.ts'

export interface Choosable {
  readonly id: string
  readonly name: string
}

export interface MaintenanceQuestion {
  readonly hotspots: readonly Choosable[]
  readonly chosen: string | null
  readonly zone: string
  readonly now: TimeMs
}

const DEFAULT_LENGTH_MS = 2 * HOUR
const LONGEST_REASON = 500

/** The window as the server took it; null when it was called off. */
export function askMaintenance(question: MaintenanceQuestion): Promise<MaintenanceWindow | null> {
  const dialog = byId('maintenance-dialog')
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve(null)
  const form = formOf(question)
  dialog.replaceChildren(form)
  let made: MaintenanceWindow | null = null
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send(form, question.zone).then((window) => {
      if (window === null) return
      made = window
      dialog.close()
    })
  })
  form.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-do=cancel]') !== null) dialog.close()
  })
  dialog.showModal()
  return new Promise((done) => {
    dialog.addEventListener('close', () => done(made), { once: true })
  })
}

async function send(form: HTMLFormElement, zone: string): Promise<MaintenanceWindow | null> {
  const data = new FormData(form)
  const textOf = (name: string): string => {
    const value = data.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  const ids = data.getAll('device').filter((id) => typeof id === 'string')
  const devices = textOf('scope') === 'all' ? 'all' : ids
  const [from, to] = [timeOfInput(textOf('from'), zone), timeOfInput(textOf('to'), zone)]
  const reason = textOf('reason')
  const problem = problemOf(devices, from, to, reason)
  if (problem !== null || from === null || to === null) {
    showProblem(form, problem ?? t('maintenance.noTime'))
    return null
  }
  const body = { devices, from: formatTime(from), to: formatTime(to), reason }
  const answer = await sendJson<MaintenanceWindow>('POST', '/api/v1/maintenance', body)
  if (answer.ok) return answer.value
  showProblem(form, answer.fault.detail || t('err.noanswer'))
  return null
}

function problemOf(
  devices: 'all' | readonly string[],
  from: TimeMs | null,
  to: TimeMs | null,
  reason: string,
): string | null {
  if (devices !== 'all' && devices.length === 0) return t('maintenance.noDevice')
  if (from === null || to === null) return t('maintenance.noTime')
  if (from >= to) return t('maintenance.backwards')
  return reason === '' ? t('maintenance.noReason') : null
}

function showProblem(form: HTMLFormElement, text: string): void {
  const line = form.querySelector<HTMLElement>('.problem')
  if (line === null) return
  line.textContent = text
  line.hidden = false
}

function formOf({ hotspots, chosen, zone, now }: MaintenanceQuestion): HTMLFormElement {
  const time = (name: 'from' | 'to', value: TimeMs) =>
    h(
      'div',
      { class: 'field' },
      h('label', { for: `maintenance-${name}` }, t(`maintenance.${name}` as const)),
      h('input', {
        type: 'datetime-local',
        id: `maintenance-${name}`,
        name,
        value: localInput(value, zone),
        required: true,
      }),
    )
  return h(
    'form',
    { class: 'ack-form', novalidate: true },
    h('h2', { id: 'maintenance-title' }, t('maintenance.announce')),
    h('p', { class: 'hint' }, t('maintenance.hint')),
    scopeField(hotspots, chosen),
    h('div', { class: 'field-pair' }, time('from', now), time('to', now + DEFAULT_LENGTH_MS)),
    h('p', { class: 'hint' }, t('maintenance.zone', { zone: fmt().zoneName })),
    h(
      'div',
      { class: 'field' },
      h('label', { for: 'maintenance-reason' }, t('maintenance.reason')),
      h('textarea', { id: 'maintenance-reason', name: 'reason', rows: 2, maxlength: LONGEST_REASON }),
    ),
    h('p', { class: 'problem', role: 'alert', hidden: true }),
    h(
      'div',
      { class: 'dialog-actions' },
      h('button', { type: 'button', class: 'button', 'data-do': 'cancel' }, t('close')),
      h('button', { type: 'submit', class: 'button primary' }, t('maintenance.save')),
    ),
  )
}

function scopeField(hotspots: readonly Choosable[], chosen: string | null) {
  const scope = (value: 'some' | 'all', text: string) =>
    h(
      'label',
      { class: 'check' },
      h('input', { type: 'radio', name: 'scope', value, checked: value === 'some' }),
      text,
    )
  return h(
    'fieldset',
    { class: 'choice' },
    h('legend', {}, t('maintenance.devices')),
    scope('all', t('maintenance.all')),
    scope('some', t('maintenance.some')),
    h(
      'div',
      { class: 'choice-list', tabindex: 0, role: 'group', 'aria-label': t('maintenance.some') },
      hotspots
        .toSorted((a, b) => Number(b.id === chosen) - Number(a.id === chosen) || a.name.localeCompare(b.name))
        .map(({ id, name }) =>
          h(
            'label',
            { class: 'check' },
            h('input', { type: 'checkbox', name: 'device', value: id, checked: id === chosen }),
            name,
          ),
        ),
    ),
  )
}

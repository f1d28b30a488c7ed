// The dialog that flags readings by hand: of which station and metric, from when, until when, why. It closes once the server has the flag;
// what the server refuses is said in the form.

import type { FlagAnswer } from '../../../../contract/api-staff.ts'
import { formatTime, HOUR, type TimeMs } from '../../../../contract/time.ts'
import { sendJson } from '../../api.ts'
import { byId, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { metricName } from '../../metric-text.ts'
import { t } from '../../text/texts.ts'
import { localInput, timeOfInput } from '../infrastructure/local-time.ts'

export interface Flaggable {
  readonly id: string
  readonly name: string
  readonly metrics: readonly string[]
}

export interface FlagQuestion {
  readonly stations: readonly Flaggable[]
  readonly chosen: string | null
  readonly zone: string
  readonly now: TimeMs
}

const LONGEST_NOTE = 500

/** The flag as the server took it; null when it was called off. */
export function askFlag(question: FlagQuestion): Promise<FlagAnswer | null> {
  const dialog = byId('flag-dialog')
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve(null)
  const form = formOf(question)
  dialog.replaceChildren(form)
  let made: FlagAnswer | null = null
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send(form, question.zone).then((flag) => {
      if (flag === null) return
      made = flag
      dialog.close()
    })
  })
  form.addEventListener('change', (event) => {
    if (event.target instanceof HTMLSelectElement && event.target.name === 'device')
      fillMetrics(form, question)
  })
  form.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-do=cancel]') !== null) dialog.close()
  })
  dialog.showModal()
  return new Promise((done) => {
    dialog.addEventListener('close', () => done(made), { once: true })
  })
}

async function send(form: HTMLFormElement, zone: string): Promise<FlagAnswer | null> {
  const data = new FormData(form)
  const textOf = (name: string): string => {
    const value = data.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  const [from, to] = [timeOfInput(textOf('from'), zone), timeOfInput(textOf('to'), zone)]
  if (from === null || to === null || from >= to) {
    showProblem(form, from === null || to === null ? t('maintenance.noTime') : t('maintenance.backwards'))
    return null
  }
  const note = textOf('note')
  const answer = await sendJson<FlagAnswer>('POST', '/api/v1/flags', {
    device: textOf('device'),
    metric: textOf('metric'),
    from: formatTime(from),
    to: formatTime(to),
    ...(note === '' ? {} : { note }),
  })
  if (answer.ok) return answer.value
  showProblem(form, answer.fault.detail || t('err.noanswer'))
  return null
}

function showProblem(form: HTMLFormElement, text: string): void {
  const line = form.querySelector<HTMLElement>('.problem')
  if (line === null) return
  line.textContent = text
  line.hidden = false
}

function fillMetrics(form: HTMLFormElement, { stations }: FlagQuestion): void {
  const [device, metric] = [form.elements.namedItem('device'), form.elements.namedItem('metric')]
  if (!(device instanceof HTMLSelectElement) || !(metric instanceof HTMLSelectElement)) return
  const metrics = stations.find(({ id }) => id === device.value)?.metrics ?? []
  metric.replaceChildren(...metrics.map((name) => h('option', { value: name }, metricName(name))))
}

function formOf(question: FlagQuestion): HTMLFormElement {
  const { stations, chosen, zone, now } = question
  const time = (name: 'from' | 'to', value: TimeMs) =>
    field(
      `flag-${name}`,
      t(`maintenance.${name}` as const),
      h('input', {
        type: 'datetime-local',
        id: `flag-${name}`,
        name,
        value: localInput(value, zone),
        required: true,
      }),
    )
  const first = stations.find(({ id }) => id === chosen) ?? stations[0]
  return h(
    'form',
    { class: 'ack-form', novalidate: true },
    h('h2', { id: 'flag-title' }, t('flags.add')),
    h('p', { class: 'hint' }, t('flags.formHint')),
    h(
      'div',
      { class: 'field-pair' },
      field(
        'flag-device',
        t('env.col.name'),
        h(
          'select',
          { id: 'flag-device', name: 'device' },
          stations.map(({ id, name }) => h('option', { value: id, selected: id === first?.id }, name)),
        ),
      ),
      field(
        'flag-metric',
        t('flags.metric'),
        h(
          'select',
          { id: 'flag-metric', name: 'metric' },
          (first?.metrics ?? []).map((metric) => h('option', { value: metric }, metricName(metric))),
        ),
      ),
    ),
    h('div', { class: 'field-pair' }, time('from', now - HOUR), time('to', now)),
    h('p', { class: 'hint' }, t('maintenance.zone', { zone: fmt().zoneName })),
    field(
      'flag-note',
      t('flags.note'),
      h('textarea', { id: 'flag-note', name: 'note', rows: 2, maxlength: LONGEST_NOTE }),
    ),
    h('p', { class: 'problem', role: 'alert', hidden: true }),
    h(
      'div',
      { class: 'dialog-actions' },
      h('button', { type: 'button', class: 'button', 'data-do': 'cancel' }, t('close')),
      h('button', { type: 'submit', class: 'button primary' }, t('flags.save')),
    ),
  )
}

function field(id: string, text: string, control: HTMLElement) {
  return h('div', { class: 'field' }, h('label', { for: id }, text), control)
}

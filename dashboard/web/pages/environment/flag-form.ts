// The dialog that flags readings by hand: of which station and metric, from when, until when, why.

import type { FlagAnswer } from '../../../../contract/api-staff.ts'
import { formatTime, HOUR, type TimeMs } from '../../../../contract/time.ts'
import { sendJson } from '../../api.ts'
import {
  askInDialog,
  type Entered,
  field,
  formEnd,
  spanFields,
  spanOf,
  textOf,
} from '../../desk/form-dialog.ts'
import { h } from '../../dom/h.ts'
import { metricName } from '../../metric-text.ts'
import { t } from '../../text/texts.ts'

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
  const form = formOf(question)
  form.addEventListener('change', (event) => {
    if (event.target instanceof HTMLSelectElement && event.target.name === 'device')
      fillMetrics(form, question)
  })
  return askInDialog('flag-dialog', form, (data) => entered(data, question.zone))
}

function entered(data: FormData, zone: string): Entered<FlagAnswer> {
  const span = spanOf(data, zone)
  if (typeof span === 'string') return { ok: false, problem: span }
  const note = textOf(data, 'note')
  const body = {
    device: textOf(data, 'device'),
    metric: textOf(data, 'metric'),
    from: formatTime(span.from),
    to: formatTime(span.to),
    ...(note === '' ? {} : { note }),
  }
  return { ok: true, send: () => sendJson<FlagAnswer>('POST', '/api/v1/flags', body) }
}

function fillMetrics(form: HTMLFormElement, { stations }: FlagQuestion): void {
  const [device, metric] = [form.elements.namedItem('device'), form.elements.namedItem('metric')]
  if (!(device instanceof HTMLSelectElement) || !(metric instanceof HTMLSelectElement)) return
  const metrics = stations.find(({ id }) => id === device.value)?.metrics ?? []
  metric.replaceChildren(...metrics.map((name) => h('option', { value: name }, metricName(name))))
}

function formOf({ stations, chosen, zone, now }: FlagQuestion): HTMLFormElement {
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
    spanFields('flag', { from: now - HOUR, to: now }, zone),
    field(
      'flag-note',
      t('flags.note'),
      h('textarea', { id: 'flag-note', name: 'note', rows: 2, maxlength: LONGEST_NOTE }),
    ),
    formEnd('flags.save'),
  )
}

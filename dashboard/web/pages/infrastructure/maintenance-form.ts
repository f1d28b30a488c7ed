// The dialog that announces maintenance: which hotspots, from when, until when, why.

import type { MaintenanceWindow } from '../../../../contract/api-staff.ts'
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
import { t } from '../../text/texts.ts'

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
  return askInDialog('maintenance-dialog', formOf(question), (data) => entered(data, question.zone))
}

function entered(data: FormData, zone: string): Entered<MaintenanceWindow> {
  const devices = textOf(data, 'scope') === 'all' ? 'all' : data.getAll('device').map(String)
  if (devices !== 'all' && devices.length === 0) return { ok: false, problem: t('maintenance.noDevice') }
  const span = spanOf(data, zone)
  if (typeof span === 'string') return { ok: false, problem: span }
  const reason = textOf(data, 'reason')
  if (reason === '') return { ok: false, problem: t('maintenance.noReason') }
  const body = { devices, from: formatTime(span.from), to: formatTime(span.to), reason }
  return { ok: true, send: () => sendJson<MaintenanceWindow>('POST', '/api/v1/maintenance', body) }
}

function formOf({ hotspots, chosen, zone, now }: MaintenanceQuestion): HTMLFormElement {
  return h(
    'form',
    { class: 'ack-form', novalidate: true },
    h('h2', { id: 'maintenance-title' }, t('maintenance.announce')),
    h('p', { class: 'hint' }, t('maintenance.hint')),
    scopeField(hotspots, chosen),
    spanFields('maintenance', { from: now, to: now + DEFAULT_LENGTH_MS }, zone),
    field(
      'maintenance-reason',
      t('maintenance.reason'),
      h('textarea', { id: 'maintenance-reason', name: 'reason', rows: 2, maxlength: LONGEST_REASON }),
    ),
    formEnd('maintenance.save'),
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

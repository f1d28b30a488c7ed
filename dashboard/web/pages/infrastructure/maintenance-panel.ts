// Windows of maintenance: announced, listed, ended now, taken back, and what was just done undone (contract section 4).

import type { MaintenanceAnswer, MaintenanceWindow } from '../../../../contract/api-staff.ts'
import type { TimeMs } from '../../../../contract/time.ts'
import { type Answer, type Fault, getJson, sendJson } from '../../api.ts'
import { cell, deskTable, faultNotice, smallButton } from '../../desk/cells.ts'
import { doneLine } from '../../desk/done-line.ts'
import type { NameOf, Panel } from '../../desk/panel.ts'
import type { Acts } from '../../dom/act.ts'
import { type Child, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { type TextKey, t } from '../../text/texts.ts'
import { askMaintenance, type Choosable } from './maintenance-form.ts'

const PATH = '/api/v1/maintenance'
const PAST_SHOWN = 20
const NAMES_SHOWN = 3

export interface MaintenanceSources {
  readonly nameOf: NameOf
  readonly hotspots: () => readonly Choosable[]
  readonly zone: string
  readonly now: () => TimeMs
  readonly onChange: () => void
  /** A window began, ended or went: what is shown of states is old. */
  readonly onWindows: () => void
}

/** What can be undone: a window that was announced, or one that was taken back. */
type Done = { readonly type: 'announced' | 'removed'; readonly window: MaintenanceWindow }

export class MaintenancePanel implements Panel {
  readonly #sources: MaintenanceSources
  #windows: readonly MaintenanceWindow[] | null = null
  #fault: Fault | null = null
  #done: Done | null = null
  #problem: string | null = null

  constructor(sources: MaintenanceSources) {
    this.#sources = sources
  }

  readonly acts: Acts = {
    announce: (hotspot) => void this.announce(hotspot === '' ? null : hotspot),
    endWindow: (id) =>
      void this.#change(() => sendJson('POST', `${PATH}/${encodeURIComponent(id)}/end`), null),
    removeWindow: (id) => {
      const window = this.#windows?.find((one) => one.id === id)
      if (window !== undefined) void this.#remove(window, { type: 'removed', window })
    },
    undo: () => void this.#undo(),
    windowsRetry: () => this.open(),
  }

  open(): void {
    void this.#load()
  }

  /** Asks for a new window, with this hotspot chosen. False when it was called off. */
  async announce(hotspot: string | null): Promise<boolean> {
    const { hotspots, zone, now } = this.#sources
    const made = await askMaintenance({ hotspots: hotspots(), chosen: hotspot, zone, now: now() })
    if (made === null) return false
    this.#done = { type: 'announced', window: made }
    this.#problem = null
    await this.#reload()
    return true
  }

  async #undo(): Promise<void> {
    const done = this.#done
    if (done === null) return
    if (done.type === 'announced') return this.#remove(done.window, null)
    const { devices, from, to, reason } = done.window
    return this.#change(() => sendJson('POST', PATH, { devices, from, to, reason }), null)
  }

  #remove(window: MaintenanceWindow, done: Done | null): Promise<void> {
    return this.#change(() => sendJson('DELETE', `${PATH}/${encodeURIComponent(window.id)}`), done)
  }

  async #change(send: () => Promise<Answer<unknown>>, done: Done | null): Promise<void> {
    const answer = await send()
    this.#problem = answer.ok ? null : answer.fault.detail || t('err.noanswer')
    if (answer.ok) this.#done = done
    await this.#reload()
  }

  async #reload(): Promise<void> {
    await this.#load()
    this.#sources.onWindows()
  }

  async #load(): Promise<void> {
    const answer = await getJson<MaintenanceAnswer>(PATH)
    this.#fault = answer.ok ? null : answer.fault
    if (answer.ok) this.#windows = answer.value.windows
    this.#sources.onChange()
  }

  view(now: TimeMs): Child {
    return [
      h(
        'div',
        { class: 'desk-bar', 'data-key': 'maintenance-bar' },
        h(
          'button',
          { type: 'button', class: 'button primary', 'data-act': 'announce' },
          t('maintenance.announce'),
        ),
        this.#problem === null ? null : h('p', { class: 'problem', role: 'alert' }, this.#problem),
        this.#doneLine(),
      ),
      this.#body(now),
    ]
  }

  #doneLine(): Child {
    if (this.#done === null) return null
    const { type, window } = this.#done
    const what = t(type === 'announced' ? 'maintenance.announced' : 'maintenance.removed', {
      devices: this.#devicesText(window),
    })
    return doneLine(what)
  }

  #body(now: TimeMs): Child {
    if (this.#fault !== null) return faultNotice('windowsRetry')
    if (this.#windows === null) return h('p', { class: 'notice', role: 'status' }, t('loading'))
    const windows = this.#windows
    const [on, coming, past] = [
      windows.filter(({ from, to }) => Date.parse(from) <= now && now < Date.parse(to)),
      windows.filter(({ from }) => Date.parse(from) > now),
      windows
        .filter(({ to }) => Date.parse(to) <= now)
        .toReversed()
        .slice(0, PAST_SHOWN),
    ]
    return [
      on.length + coming.length === 0 ? h('p', { class: 'notice' }, t('maintenance.none')) : null,
      this.#list('maintenance.on', on, now),
      this.#list('maintenance.coming', coming, now),
      this.#list('maintenance.past', past, now),
    ]
  }

  #list(title: TextKey, windows: readonly MaintenanceWindow[], now: TimeMs): Child {
    if (windows.length === 0) return null
    return h(
      'section',
      { class: 'desk-section', 'data-key': title },
      h('h2', {}, t(title)),
      deskTable(
        title,
        COLUMNS,
        windows.map((window) => this.#row(window, now)),
      ),
    )
  }

  #row(window: MaintenanceWindow, now: TimeMs) {
    const [from, to] = [Date.parse(window.from), Date.parse(window.to)]
    const overlaps = this.#windows?.some((other) => other !== window && doOverlap(other, window)) === true
    const isOn = from <= now && now < to
    return h(
      'tr',
      { 'data-key': window.id },
      h('th', { scope: 'row' }, this.#devicesText(window)),
      cell('maintenance.from', fmt().when(from, now)),
      cell(
        'maintenance.to',
        fmt().when(to, now),
        h('span', { class: 'hint block' }, fmt().duration(to - from)),
      ),
      cell(
        'maintenance.reason',
        window.reason,
        h('span', { class: 'hint block' }, window.by),
        overlaps ? h('span', { class: 'hint block' }, t('maintenance.overlaps')) : null,
      ),
      h(
        'td',
        {},
        h(
          'div',
          { class: 'row-actions' },
          isOn ? smallButton('endWindow', window.id, t('maintenance.end')) : null,
          smallButton('removeWindow', window.id, t('maintenance.remove')),
        ),
      ),
    )
  }

  #devicesText({ devices }: MaintenanceWindow): string {
    if (devices === 'all') return t('maintenance.all')
    const names = devices.slice(0, NAMES_SHOWN).map(this.#sources.nameOf)
    const rest = devices.length - names.length
    return rest === 0 ? fmt().list(names) : t('maintenance.more', { names: names.join(', '), n: rest })
  }
}

function doOverlap(a: MaintenanceWindow, b: MaintenanceWindow): boolean {
  const sharesTime = Date.parse(a.from) < Date.parse(b.to) && Date.parse(b.from) < Date.parse(a.to)
  const { devices } = b
  return (
    sharesTime && (a.devices === 'all' || devices === 'all' || a.devices.some((id) => devices.includes(id)))
  )
}

const COLUMNS: readonly TextKey[] = [
  'maintenance.devices',
  'maintenance.from',
  'maintenance.to',
  'maintenance.reason',
  'maintenance.actions',
]

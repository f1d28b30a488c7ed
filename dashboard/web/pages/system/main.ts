// The system page: which parts work, how fast messages come in, how far behind they are stored, and what could not be taken.

import '../../style/desk-page.css'
import '../../style/system.css'
import type { CountersAnswer, QuarantineAnswer, SystemAnswer } from '../../../../contract/api-staff.ts'
import { SECOND } from '../../../../contract/time.ts'
import { type Answer, getJson } from '../../api.ts'
import { listen } from '../../dom/act.ts'
import { byId } from '../../dom/h.ts'
import { patch } from '../../dom/patch.ts'
import { admit, showSignedOut } from '../../shell/gate.ts'
import { type Shell, startShell } from '../../shell/shell.ts'
import { onLanguage } from '../../text/texts.ts'
import { RateChart } from './rate-chart.ts'
import { systemView } from './views.ts'

const SYSTEM_EVERY_MS = 3 * SECOND
const COUNTERS_EVERY_MS = 10 * SECOND

const shell = await startShell('system')
if (admit(shell, ['infrastructure', 'environment']) !== null) startPage(shell)

export interface SystemState {
  system: Answer<SystemAnswer> | null
  /** The last good answers: they stay, with their age, while new ones fail. */
  lastSystem: SystemAnswer | null
  counters: Answer<CountersAnswer> | null
  quarantine: Answer<QuarantineAnswer> | null
  reason: string
  /** Beyond the first page. */
  more: QuarantineAnswer['messages']
  next: string | null
}

function startPage(shell: Shell): void {
  const state: SystemState = {
    system: null,
    lastSystem: null,
    counters: null,
    quarantine: null,
    reason: '',
    more: [],
    next: null,
  }
  const root = byId('system')
  const chart = new RateChart()
  root.hidden = false
  const render = (): void => {
    patch(root, systemView(state, shell.serverClock.now()))
    chart.mount(root.querySelector<HTMLElement>('.rate-plot'))
  }

  const loadSystem = async (): Promise<void> => {
    const answer = await getJson<SystemAnswer>('/api/v1/system')
    state.system = answer
    if (answer.ok) {
      state.lastSystem = answer.value
      shell.serverClock.heard(Date.parse(answer.value.time))
      chart.add(
        Date.parse(answer.value.time),
        answer.value.rates.messages_per_s,
        answer.value.rates.readings_per_s,
      )
      shell.setLink('live')
    } else {
      shell.setLink(answer.fault.status === 0 ? 'offline' : 'reconnecting')
      if (answer.fault.status === 401) showSignedOut()
    }
    render()
  }
  const loadCounters = async (): Promise<void> => {
    state.counters = await getJson<CountersAnswer>('/api/v1/counters')
    render()
  }
  const loadQuarantine = async (cursor: string | null): Promise<void> => {
    const query = new URLSearchParams({ limit: '20' })
    if (state.reason !== '') query.set('reason', state.reason)
    if (cursor !== null) query.set('cursor', cursor)
    const answer = await getJson<QuarantineAnswer>(`/api/v1/quarantine?${query.toString()}`)
    if (cursor === null) {
      state.quarantine = answer
      state.more = []
    } else if (answer.ok) state.more = [...state.more, ...answer.value.messages]
    state.next = answer.ok ? (answer.value.next ?? null) : null
    render()
  }

  listen(root, {
    reason: (_argument, target) => {
      if (target instanceof HTMLSelectElement) state.reason = target.value
      void loadQuarantine(null)
    },
    more: () => void loadQuarantine(state.next),
    retry: () => {
      void loadSystem()
      void loadCounters()
      void loadQuarantine(null)
    },
  })
  const repeat = (load: () => Promise<void>, everyMs: number): void => {
    void load()
    setInterval(() => {
      if (!document.hidden) void load()
    }, everyMs)
  }
  onLanguage(() => {
    render()
    chart.redraw()
  })
  repeat(loadSystem, SYSTEM_EVERY_MS)
  repeat(loadCounters, COUNTERS_EVERY_MS)
  // Its table is read and unfolded by people: it is not pulled away from under them while they are further in.
  repeat(async () => {
    if (state.more.length === 0 && root.querySelector('details[open]') === null) await loadQuarantine(null)
  }, COUNTERS_EVERY_MS)
  render()
}

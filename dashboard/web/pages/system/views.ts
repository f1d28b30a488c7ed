// The parts of the system page.

import type { CountersAnswer, QuarantineAnswer, SystemAnswer } from '../../../../contract/api-staff.ts'
import type { Fault } from '../../api.ts'
import { type Child, h } from '../../dom/h.ts'
import { icon } from '../../dom/icons.ts'
import { fmt } from '../../format.ts'
import { type TextKey, t, tOr } from '../../text/texts.ts'
import type { SystemState } from './main.ts'

export function systemView(state: SystemState, now: number) {
  return [
    partsSection(state, now),
    ratesSection(state.lastSystem, now),
    countersSection(state),
    quarantineSection(state, now),
  ]
}

function failed(fault: Fault) {
  return h(
    'div',
    { class: 'notice', role: 'status' },
    h('p', {}, t('err.load')),
    h('button', { type: 'button', class: 'button', 'data-act': 'retry' }, t('retry')),
    h(
      'details',
      {},
      h('summary', {}, t('details')),
      h('p', {}, fault.title === '' ? t('err.noanswer') : `${fault.title} ${fault.detail}`),
    ),
  )
}

const waiting = () => h('div', { class: 'skeleton is-loading', role: 'status' }, h('p', {}, t('loading')))

function partsSection({ system, lastSystem }: SystemState, now: number) {
  const parts = lastSystem === null ? [] : Object.entries(lastSystem.parts)
  const bad = parts.filter(([, { ok }]) => !ok)
  const sentence =
    bad.length === 0
      ? t('sys.all')
      : `${t('sys.some')} ${t('err.partial', { parts: fmt().list(bad.map(([name]) => t(`sys.part.${name}` as TextKey))) })}` // every part has its text
  return h(
    'section',
    { class: 'card-section', 'data-key': 'parts' },
    h('h2', {}, t('sys.parts')),
    system?.ok === false ? failed(system.fault) : null,
    lastSystem === null
      ? system === null
        ? waiting()
        : null
      : [
          h(
            'p',
            { class: bad.length === 0 ? 'verdict is-ok' : 'verdict is-bad', role: 'status' },
            icon(bad.length === 0 ? 'check' : 'warn'),
            sentence,
          ),
          h(
            'ul',
            { class: 'parts-list' },
            parts.map(([name, { ok, detail }]) =>
              h(
                'li',
                { class: ok ? 'part is-ok' : 'part is-bad' },
                icon(ok ? 'check' : 'warn'),
                h(
                  'div',
                  {},
                  h(
                    'p',
                    {},
                    h('strong', {}, t(`sys.part.${name}` as TextKey)),
                    ` ${t(ok ? 'sys.ok' : 'sys.bad')}`,
                  ),
                  h('p', { class: 'hint', lang: 'en' }, detail),
                ),
              ),
            ),
          ),
          h(
            'p',
            { class: 'hint' },
            t('fresh.ago', { rel: fmt().relative(Math.min(0, Date.parse(lastSystem.time) - now)) }),
          ),
        ],
  )
}

function ratesSection(system: SystemAnswer | null, now: number) {
  const fact = (key: TextKey, value: Child, hint: string | null = null) =>
    h(
      'div',
      { class: 'fact' },
      h('dt', {}, t(key)),
      h('dd', {}, value),
      hint === null ? null : h('dd', { class: 'hint' }, hint),
    )
  return h(
    'section',
    { class: 'card-section', 'data-key': 'rates' },
    h('h2', {}, t('sys.rates')),
    system === null
      ? waiting()
      : [
          h(
            'dl',
            { class: 'fact-grid' },
            fact('sys.messages', known(system.rates.messages_per_s, rateText)),
            fact('sys.readings', known(system.rates.readings_per_s, rateText)),
            fact('sys.lag', known(system.log.lag_ms, lagText), t('sys.lagHint')),
            fact(
              'sys.log',
              known(system.log.bytes, fmt().bytes),
              system.log.segments === null ? null : t('sys.segments', { n: system.log.segments }),
            ),
            fact('sys.store', known(system.store.bytes, fmt().bytes), system.store.name),
            fact('sys.devices', fmt().whole(system.live.devices)),
            fact('sys.browsers', fmt().whole(system.live.browsers)),
            fact(
              'sys.lastUpdate',
              system.live.lastUpdate === null
                ? '–'
                : fmt().relative(Math.min(0, Date.parse(system.live.lastUpdate) - now)),
            ),
            fact('sys.memory', fmt().bytes(system.dashboard.rss_bytes)),
            fact(
              'sys.uptime',
              fmt().duration(system.dashboard.uptime_s * 1_000),
              `${t('sys.version')} ${system.dashboard.version}`,
            ),
          ),
          h(
            'figure',
            { class: 'plot-box' },
            h(
              'figcaption',
              {},
              h('strong', {}, t('sys.chart')),
              ` (${t('sys.readings')}: ———, ${t('sys.messages')}: – – –)`,
            ),
            h('div', { class: 'plot rate-plot', 'data-keep': true }),
            h('p', { class: 'plot-readout', 'aria-hidden': 'true', 'data-keep': true }),
          ),
        ],
  )
}

/** What is not known while ingest is away is shown so, not as nothing. */
function known(value: number | null, text: (value: number) => string): string {
  return value === null ? '–' : text(value)
}

function rateText(perS: number): string {
  return t('sys.perSecond', { n: fmt().number(perS, 1) })
}

function lagText(ms: number): string {
  return ms < 1_000 ? fmt().value(ms, 'ms') : fmt().duration(ms)
}

function countersSection({ counters }: SystemState) {
  return h(
    'section',
    { class: 'card-section', 'data-key': 'counters' },
    h('h2', {}, t('sys.counters')),
    counters === null ? waiting() : counters.ok ? countersBody(counters.value) : failed(counters.fault),
  )
}

function countersBody({ messages, observations, readings, window_s }: CountersAnswer) {
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((all, n) => all + n, 0)
  const row = (key: TextKey, n: number, why: Readonly<Record<string, number>> | null = null) => [
    h('tr', {}, h('th', { scope: 'row' }, t(key)), h('td', { class: 'number' }, fmt().whole(n))),
    Object.entries(why ?? {}).map(([reason, count]) =>
      h(
        'tr',
        { class: 'sub-row' },
        h('th', { scope: 'row' }, tOr(`reason.${reason}`, reason)),
        h('td', { class: 'number' }, fmt().whole(count)),
      ),
    ),
  ]
  return [
    h(
      'table',
      { class: 'counters' },
      h(
        'tbody',
        {},
        row('sys.count.messages', messages.received),
        row('sys.count.acknowledged', messages.acknowledged),
        row('sys.count.refused', sum(messages.refused), messages.refused),
        row('sys.count.observations', observations.received),
        row('sys.count.taken', observations.taken),
        row('sys.count.quarantined', sum(observations.quarantined), observations.quarantined),
        row('sys.count.stored', readings.stored),
        row('sys.count.duplicates', readings.duplicates),
        row('sys.count.conflicts', readings.conflicts),
      ),
    ),
    window_s === undefined
      ? null
      : h('p', { class: 'hint' }, t('sys.window', { dur: fmt().duration(window_s * 1_000) })),
  ]
}

function quarantineSection(state: SystemState, now: number) {
  const { quarantine, counters, reason } = state
  const reasons = counters?.ok === true ? Object.keys(counters.value.observations.quarantined) : []
  const choices = reason === '' || reasons.includes(reason) ? reasons : [...reasons, reason]
  return h(
    'section',
    { class: 'card-section', 'data-key': 'quarantine' },
    h('h2', {}, t('sys.quarantine')),
    h('p', { class: 'hint' }, t('sys.quarantineHint')),
    h(
      'label',
      { class: 'field-inline' },
      h('span', { class: 'sr-only' }, t('sys.col.reason')),
      h(
        'select',
        { 'data-change': 'reason' },
        h('option', { value: '' }, t('sys.reason.all')),
        choices.map((name) => h('option', { value: name }, tOr(`reason.${name}`, name))),
      ),
    ),
    quarantine === null
      ? waiting()
      : quarantine.ok
        ? quarantineBody(state, [...quarantine.value.messages, ...state.more], now)
        : failed(quarantine.fault),
  )
}

function quarantineBody({ next }: SystemState, messages: QuarantineAnswer['messages'], now: number) {
  if (messages.length === 0) return h('p', { class: 'notice' }, t('sys.quarantineNone'))
  const label = (key: TextKey) => ({ 'data-label': t(key) })
  return [
    h(
      'table',
      { class: 'desk-rows quarantine' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          (['sys.col.time', 'sys.col.reason', 'sys.col.device', 'sys.col.detail'] as const).map((key) =>
            h('th', { scope: 'col' }, t(key)),
          ),
        ),
      ),
      h(
        'tbody',
        {},
        messages.map((message) =>
          h(
            'tr',
            { 'data-key': String(message.id) },
            h('td', label('sys.col.time'), fmt().when(Date.parse(message.time), now)),
            h('td', label('sys.col.reason'), tOr(`reason.${message.reason}`, message.reason)),
            h('td', label('sys.col.device'), message.device ?? '–'),
            h(
              'td',
              label('sys.col.detail'),
              h(
                'div',
                { class: 'cell' },
                h('span', { lang: 'en' }, message.detail),
                h(
                  'details',
                  {},
                  h('summary', {}, t('sys.payload')),
                  h('p', { class: 'hint' }, message.topic),
                  h('pre', { tabindex: 0 }, message.payload),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
    next === null
      ? null
      : h('button', { type: 'button', class: 'button wide', 'data-act': 'more' }, t('more')),
  ]
}

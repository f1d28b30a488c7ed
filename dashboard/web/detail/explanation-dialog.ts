// The panel behind "why?": value, rule with its source, inputs, how complete they are, and with one more press the raw readings. The same
// for air, connectivity and transit.

import '../style/explanation.css'
import type { ReadingsAnswer } from '../../../contract/api.ts'
import type { Explanation } from '../../../contract/explain.ts'
import { formatTime, SECOND } from '../../../contract/time.ts'
import { whyNoIndex } from '../air-text.ts'
import { type Answer, getJson } from '../api.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icons.ts'
import { patch } from '../dom/patch.ts'
import { fmt } from '../format.ts'
import { metricName } from '../metric-text.ts'
import { onLanguage, t, tOr, words } from '../text/texts.ts'
import { valueName } from './explanation.ts'
import { inputName, inputText, isYesNo, momentText } from './explanation-text.ts'

const MOST_ROWS = 200

interface Shown {
  readonly path: string
  readonly explanation: Answer<Explanation> | null
  /** Undefined until they are asked for. */
  readonly readings?: Answer<ReadingsAnswer> | null
}

let dialog: HTMLDialogElement | null = null
let shown: Shown | null = null

/** Opens the panel and asks for the explanation at `path`; `withReadings`: for the raw readings too. */
export function openExplanation(path: string, withReadings = false): void {
  dialog ??= makeDialog()
  show({ path, explanation: null })
  if (!dialog.open) dialog.showModal()
  dialog.scrollTop = 0
  void getJson<Explanation>(path).then((explanation) => {
    if (shown?.path !== path) return
    show({ path, explanation })
    if (withReadings) loadReadings()
  })
}

function makeDialog(): HTMLDialogElement {
  const made = h('dialog', { class: 'dialog explanation', 'aria-labelledby': 'explanation-title' })
  made.addEventListener('click', (event) => {
    const act = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-do]') : null
    if (event.target === made || act?.dataset['do'] === 'close') made.close()
    if (act?.dataset['do'] === 'readings') loadReadings()
    if (act?.dataset['do'] === 'retry' && shown !== null) openExplanation(shown.path)
  })
  // What lies below keeps its selection.
  made.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') event.stopPropagation()
  })
  document.body.append(made)
  onLanguage(render)
  return made
}

function loadReadings(): void {
  const before = shown
  if (before?.explanation?.ok !== true || !isSeries(before.explanation.value.readings)) return
  show({ ...before, readings: null })
  void getJson<ReadingsAnswer>(before.explanation.value.readings).then((readings) => {
    if (shown?.path !== before.path) return
    show({ ...before, readings })
    dialog?.querySelector('.raw-readings')?.scrollIntoView({ block: 'start' })
  })
}

function show(next: Shown): void {
  shown = next
  render()
}

function render(): void {
  if (dialog === null || shown === null) return
  const { explanation } = shown
  patch(
    dialog,
    h(
      'div',
      { class: 'dialog-head' },
      h(
        'h2',
        { id: 'explanation-title' },
        explanation?.ok === true ? valueName(explanation.value.subject.value) : t('why.title'),
      ),
      h(
        'button',
        { type: 'button', class: 'icon-button', 'data-do': 'close', 'aria-label': t('close') },
        icon('close'),
      ),
    ),
    explanation === null
      ? h('p', { class: 'notice', role: 'status' }, t('loading'))
      : explanation.ok
        ? bodyOf(explanation.value, shown)
        : h(
            'div',
            { class: 'notice', role: 'status' },
            h('p', {}, explanation.fault.status === 404 ? t('why.none') : t('err.load')),
            h('button', { type: 'button', class: 'button', 'data-do': 'retry' }, t('retry')),
          ),
  )
}

function bodyOf(explanation: Explanation, { readings }: Shown) {
  const { subject, value, unit, time, from, rule, inputs, completeness, reason } = explanation
  // What is yes or no has no range worth telling.
  const shownInputs = isYesNo(subject.value) ? inputs.filter(({ name }) => !/^range_/.test(name)) : inputs
  const whose = subject.name ?? subject.device ?? subject.stop ?? ''
  return h(
    'div',
    { class: 'explanation-body' },
    h(
      'p',
      { class: 'explanation-value' },
      h('strong', {}, inputText({ name: subject.value, value, ...(unit === undefined ? {} : { unit }) })),
      h('span', { class: 'hint' }, whose),
    ),
    h(
      'p',
      { class: 'hint' },
      from === undefined
        ? momentText(time)
        : t('why.period', { from: momentText(from), to: momentText(time) }),
    ),
    reason === undefined ? null : h('p', { class: 'notice' }, reasonText(reason)),
    h(
      'section',
      {},
      h('h3', {}, tOr(`why.rule.${rule.name}`, rule.name)),
      tOr(`why.text.${rule.name}`, '') === '' ? null : h('p', {}, tOr(`why.text.${rule.name}`, '')),
      h(
        'p',
        { class: 'hint rule-source' },
        `${t('why.source')}: `,
        // Sources are named as they name themselves, which is in English.
        h('span', { lang: 'en' }, rule.source),
        `. ${t('why.version', { version: rule.version })}`,
      ),
    ),
    // Of what rests on one thing that is there, there is nothing to tell.
    completeness.needed === 1 && completeness.known === 1
      ? null
      : h(
          'p',
          {},
          t('why.complete', {
            pct: fmt().percent(completeness.share),
            known: amountText(completeness.known, completeness.unit),
            needed: amountText(completeness.needed, completeness.unit),
          }),
        ),
    shownInputs.length === 0 ? null : inputsTable(shownInputs),
    readingsView(explanation.readings, readings),
  )
}

/** Of what the rule needs: time as a duration, all else as it is counted. */
function amountText(amount: number, unit: string | undefined): string {
  return unit === 's' ? fmt().duration(amount * SECOND) : fmt().number(amount)
}

function inputsTable(inputs: Explanation['inputs']) {
  return h(
    'section',
    {},
    h('h3', {}, t('why.inputs')),
    h(
      'table',
      { class: 'why-inputs' },
      h(
        'thead',
        { class: 'sr-only' },
        h('tr', {}, h('th', { scope: 'col' }, t('why.input')), h('th', { scope: 'col' }, t('detail.value'))),
      ),
      h(
        'tbody',
        {},
        inputs.map((input) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, inputName(input.name)),
            h(
              'td',
              {},
              inputText(input),
              input.time === undefined ? null : h('span', { class: 'hint block' }, momentText(input.time)),
              input.flag === undefined || input.name === 'flag'
                ? null
                : h('span', { class: 'flag' }, tOr(`flag.${input.flag}`, input.flag)),
            ),
          ),
        ),
      ),
    ),
  )
}

/** What an arrival or a headway rests on are departures: a document, no series of readings. */
function isSeries(path: string): boolean {
  return /\/readings(?:\?|$)/.test(path)
}

function readingsView(path: string, readings: Shown['readings']) {
  if (!isSeries(path)) {
    return h('div', { class: 'dialog-actions' }, h('a', { class: 'button', href: path }, t('why.readings')))
  }
  const csv = h(
    'a',
    { class: 'button', href: `${path}${path.includes('?') ? '&' : '?'}format=csv`, download: true },
    t('why.csv'),
  )
  if (readings === undefined) {
    return h(
      'div',
      { class: 'dialog-actions' },
      csv,
      h('button', { type: 'button', class: 'button primary', 'data-do': 'readings' }, t('why.readings')),
    )
  }
  return h(
    'section',
    { class: 'raw-readings' },
    h('h3', {}, t('why.raw')),
    readings === null
      ? h('p', { class: 'notice', role: 'status' }, t('loading'))
      : readings.ok
        ? readingsTable(readings.value)
        : h(
            'div',
            { class: 'notice', role: 'status' },
            h('p', {}, t('err.load')),
            h('button', { type: 'button', class: 'button', 'data-do': 'readings' }, t('retry')),
          ),
    h('div', { class: 'dialog-actions' }, csv),
  )
}

function readingsTable({ series }: ReadingsAnswer) {
  const rows = series
    .flatMap(({ metric, unit, points }) =>
      points.map(([time, value, flag]) => ({ metric, unit, time, value, flag })),
    )
    .sort((a, b) => b.time - a.time)
  if (rows.length === 0) return h('p', { class: 'notice' }, t('why.noReadings'))
  return [
    h('p', { class: 'hint' }, t('why.rows', { n: Math.min(MOST_ROWS, rows.length), all: rows.length })),
    h(
      'div',
      { class: 'table-box is-window', tabindex: 0, role: 'region', 'aria-label': t('why.raw') },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, t('chart.time')),
            h('th', { scope: 'col' }, t('detail.metric')),
            h('th', { scope: 'col', class: 'number' }, t('detail.value')),
          ),
        ),
        h(
          'tbody',
          {},
          rows
            .slice(0, MOST_ROWS)
            .map(({ metric, unit, time, value, flag }) =>
              h(
                'tr',
                {},
                h('td', {}, momentText(formatTime(time))),
                h('th', { scope: 'row' }, metricName(metric)),
                h(
                  'td',
                  { class: 'number' },
                  inputText({ name: metric, value, unit: unit ?? '' }),
                  flag === undefined ? null : h('span', { class: 'flag' }, t(`flag.${flag}` as const)),
                ),
              ),
            ),
        ),
      ),
    ),
  ]
}

/** In words; how many hours an index lacks stands in the reason itself. */
function reasonText(reason: string): string {
  return reason.startsWith('not_enough_hours:')
    ? whyNoIndex(words(), reason)
    : tOr(`why.reason.${reason}`, reason)
}

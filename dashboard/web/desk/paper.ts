// What a report says of itself on paper: at the top what it is and of which time, at the end what it rests on and where it is made again
// (reference/ui 2.15).

import type { TimeMs } from '../../../contract/time.ts'
import { type Child, h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import { t } from '../text/texts.ts'

export interface Paper {
  readonly title: string
  readonly village: string
  readonly from: TimeMs
  readonly to: TimeMs
  readonly madeAt: TimeMs
  readonly isSimulated: boolean
  /** What it rests on, a line each: known share, what was left out. */
  readonly basis: readonly string[]
  /** The fragment of the address that makes the same report again. */
  readonly address: string
}

/** On a screen the period alone: title and village stand above it already. */
export function paperHead({ title, village, from, to, isSimulated }: Paper, ...more: readonly Child[]) {
  return h(
    'header',
    { class: 'paper-head', 'data-key': 'paper-head' },
    h('h2', { class: 'on-paper' }, `${title} · ${village}`),
    isSimulated ? h('p', { class: 'on-paper' }, h('strong', {}, t('sim.badge'))) : null,
    h('p', { class: 'hint' }, t('why.period', { from: fmt().dateTime(from), to: fmt().dateTime(to) }), more),
  )
}

export function paperFoot({ madeAt, basis, address }: Paper) {
  return h(
    'footer',
    { class: 'paper-foot hint', 'data-key': 'paper-foot' },
    basis.map((line) => h('p', {}, line)),
    h('p', {}, t('report.madeAt', { time: fmt().dateTime(madeAt), version: PANTAU_VERSION })),
    h('p', {}, t('report.zone', { zone: fmt().timezone, name: fmt().zoneName })),
    h(
      'p',
      { class: 'on-paper' },
      t('report.again', { url: `${location.origin}${location.pathname}${address}` }),
    ),
  )
}

/** How a report is taken away. */
export function takeAway(csv: string) {
  return h(
    'div',
    { class: 'bar-end dialog-actions', 'data-key': 'take' },
    h('button', { type: 'button', class: 'button small', 'data-act': 'print' }, t('report.print')),
    h('a', { class: 'button small', href: csv, download: true }, t('why.csv')),
  )
}

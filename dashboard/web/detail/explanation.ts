// "Why?" beside a value: a press opens how it came to be, which leads to the raw readings. What is explained is an address of
// `GET /api/v1/explain`; the panel itself is fetched with the first press.

import { formatTime, type TimeMs } from '../../../contract/time.ts'
import { h } from '../dom/h.ts'
import { metricName } from '../metric-text.ts'
import { t, tOr } from '../text/texts.ts'

/** What is explained: a value of a device, or of a stop. */
export type Explained = {
  /** As the `explain` links name it: `state`, `availability`, `ispu`, `arrival`… */
  readonly value: string
  /** Of a period its end; now without it. */
  readonly at?: TimeMs
  /** Begin of a period. */
  readonly from?: TimeMs
} & ({ readonly device: string } | { readonly stop: string; readonly route?: string })

let isListening = false

/** A small button `why?`; its label names the value. In a table, where there is no room for a word, it is a sign alone. */
export function whyButton(explained: Explained, form: 'word' | 'sign' = 'word'): HTMLButtonElement {
  listenOnce()
  const name = valueName(explained.value)
  return h(
    'button',
    {
      type: 'button',
      class: form === 'word' ? 'why' : 'why is-sign',
      'data-why': explainPath(explained),
      'aria-label': t('why.label', { what: name }),
      'aria-haspopup': 'dialog',
    },
    form === 'word' ? t('why.button') : '?',
  )
}

/** The same, open down to the raw readings at once. */
export function readingsButton(explained: Explained): HTMLButtonElement {
  const button = whyButton(explained)
  button.className = 'why is-readings'
  button.dataset['whyReadings'] = ''
  button.setAttribute('aria-label', t('why.readingsOf', { what: valueName(explained.value) }))
  button.textContent = t('why.raw')
  return button
}

/** What a value is called: `Latency (95 of 100 below)`. A name that is not known shows itself. */
export function valueName(value: string): string {
  return tOr(`why.of.${value}`, metricName(value))
}

export function explainPath(explained: Explained): string {
  const { value, at, from } = explained
  const subject: Record<string, string> =
    'device' in explained
      ? { device: explained.device }
      : { stop: explained.stop, ...(explained.route === undefined ? {} : { route: explained.route }) }
  const query = new URLSearchParams({
    ...subject,
    value,
    ...(from === undefined ? {} : { from: formatTime(from) }),
    ...(at === undefined ? {} : { at: formatTime(at) }),
  })
  return `/api/v1/explain?${query}`
}

/** One listener for all the buttons of a page, wherever they are drawn. */
function listenOnce(): void {
  if (isListening) return
  isListening = true
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-why]') : null
    const path = button?.dataset['why']
    if (path === undefined) return
    const withReadings = button?.dataset['whyReadings'] !== undefined
    void import('./explanation-dialog.ts').then(({ openExplanation }) => openExplanation(path, withReadings))
  })
}

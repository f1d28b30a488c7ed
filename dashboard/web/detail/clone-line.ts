// That two seem to use the credentials of one device, and what ends it. Staff alone are sent it.

import type { DeviceFeature } from '../../../contract/api.ts'
import type { TimeMs } from '../../../contract/time.ts'
import { h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import { t } from '../text/texts.ts'

/** `isWhole`: with what to do; else a line for a table. Nothing where none is suspected. */
export function cloneLine({ id, properties }: DeviceFeature, now: TimeMs, isWhole: boolean) {
  const { cloneSuspected } = properties
  if (cloneSuspected === undefined) return null
  const time = fmt().when(Date.parse(cloneSuspected.time), now)
  const title = h('strong', {}, t('clone.title'))
  const seen = t('clone.seen', { n: cloneSuspected.takeovers, time })
  if (!isWhole) return h('p', { class: 'clone' }, title, h('span', { class: 'hint block' }, seen))
  return h(
    'section',
    { class: 'notice clone', 'data-key': 'clone' },
    h('p', {}, title),
    h('p', {}, seen),
    h('p', { class: 'hint' }, t('clone.do', { command: `npm run device -- rotate ${id}` })),
  )
}

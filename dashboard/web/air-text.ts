// The air index in words: its value with the category, of which hours it is, and why there is none.

import type { IndexAnswer } from '../../contract/api.ts'
import { categoryOf } from './air-index.ts'
import type { Words } from './text/words.ts'

/** `ISPU 86, Sedang`. */
export function indexValueText({ t, fmt, index }: Words, value: number): string {
  const name = t(`air.${index}` as const)
  return t('air.index', { index: name, n: fmt.whole(value), category: t(categoryOf(index, value).name) })
}

/** Why there is no index, in words. Reasons are `not_computed_yet`, `no_pollutant_measured` and `not_enough_hours:HAVE/NEED`. */
export function whyNoIndex({ t, index }: Words, reason: string | undefined): string {
  const name = t(`air.${index}` as const)
  const hours = /^not_enough_hours:(\d+)\/(\d+)$/.exec(reason ?? '')
  if (hours !== null) {
    return t('air.nodata', { index: name, have: Number(hours[1]), need: Number(hours[2]) })
  }
  if (reason === 'not_computed_yet') return t('air.notyet', { index: name })
  return reason === 'no_pollutant_measured' ? t('air.nopollutant') : t('air.noindex', { index: name })
}

/** `Rata-rata 24 jam s.d. 14.00 WIB`: an index is not of this moment, and says of which. */
export function averagingText({ t, fmt, index }: Words, { time }: Pick<IndexAnswer, 'time'>): string {
  const clock = fmt.clock(Date.parse(time))
  return index === 'ispu' ? t('air.avg', { h: 24, time: clock }) : t('air.hour', { time: clock })
}

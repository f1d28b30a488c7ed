// What a page says that has lost its link. Only the browser's own word is one of the internet: else it may be our server that is away.

import { t } from '../text/texts.ts'

/** `time`: of the last data; null when there are none. */
export function offlineText(time: string | null): string {
  if (navigator.onLine) return time === null ? t('net.awayNone') : t('net.away', { time })
  return time === null ? t('net.offlineNone') : t('net.offline', { time })
}

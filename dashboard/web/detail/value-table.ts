// Latest values of a device: what, how much, how old, and what is wrong with it.

import type { DeviceFeature, LatestValue } from '../../../contract/api.ts'
import type { TimeMs } from '../../../contract/time.ts'
import { type Child, h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import { latestText, metricName, metricsOf } from '../metric-text.ts'
import { t } from '../text/texts.ts'
import { whyButton } from './explanation.ts'

/** `isExplained`: the metrics that have a "why?" beside them. */
export function valueTable(
  feature: DeviceFeature,
  now: TimeMs,
  isExplained: (metric: string) => boolean = () => feature.properties.kind !== 'vehicle',
) {
  const metrics = metricsOf(feature)
  if (metrics.length === 0) return h('p', { class: 'notice' }, t('detail.novalues'))
  return h(
    'section',
    {},
    h('h3', {}, t('detail.values')),
    h(
      'table',
      { class: 'values' },
      h(
        'thead',
        { class: 'sr-only' },
        h(
          'tr',
          {},
          [t('detail.metric'), t('detail.value'), t('detail.age')].map((name) =>
            h('th', { scope: 'col' }, name),
          ),
        ),
      ),
      h(
        'tbody',
        {},
        metrics.map((metric) => {
          const latest = feature.properties.values[metric]
          if (latest === undefined) return null
          const why =
            latest.value !== undefined && isExplained(metric)
              ? whyButton({ device: feature.id, value: metric })
              : null
          return row(metric, latest, now, why)
        }),
      ),
    ),
  )
}

function row(metric: string, latest: LatestValue, now: TimeMs, why: Child) {
  return h(
    'tr',
    { 'data-key': metric },
    h('th', { scope: 'row' }, metricName(metric)),
    h(
      'td',
      { class: 'number' },
      latestText(metric, latest),
      why === null ? null : [' ', why],
      latest.flag === undefined ? null : h('span', { class: 'flag' }, t(`flag.${latest.flag}` as const)),
    ),
    h('td', { class: 'age' }, fmt().span(Math.max(0, now - Date.parse(latest.time)))),
  )
}

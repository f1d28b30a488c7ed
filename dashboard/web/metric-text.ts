// Names and latest values of metrics in words. A metric that is not known shows its own name.

import type { DeviceFeature, LatestValue } from '../../contract/api.ts'
import { unitOf } from '../../contract/metrics.ts'
import { fmt } from './format.ts'
import { t, tOr } from './text/texts.ts'

/** Shown as yes or no. */
const YES_NO = new Set(['up', 'door'])
/** Of no use to people: shown in no table. */
const UNSHOWN = new Set(['lost'])

export function metricName(metric: string): string {
  return tOr(`metric.${metric}`, metric)
}

export function latestText(metric: string, latest: LatestValue): string {
  if (latest.value === undefined) return t('fewer')
  if (YES_NO.has(metric)) return latest.value === 0 ? t('no') : t('yes')
  if (metric === 'uptime_s') return fmt().duration(latest.value * 1_000)
  return fmt().value(latest.value, latest.unit)
}

/** Metrics of a device in the order of the contract's table, unknown ones last. */
export function metricsOf({ properties }: DeviceFeature): readonly string[] {
  const names = Object.keys(properties.values).filter((name) => !UNSHOWN.has(name))
  const isKnown = (name: string): number => (unitOf(properties.kind, name) === null ? 1 : 0)
  return names.sort((a, b) => isKnown(a) - isKnown(b))
}

/** Metrics worth a chart, the most telling first. */
export function chartMetrics(feature: DeviceFeature): readonly string[] {
  const first = ['latency_ms', 'pm2_5', 'water_level_cm', 'noise_dba', 'loss_pct', 'clients', 'pm10']
  const rank = (name: string): number => {
    const place = first.indexOf(name)
    return place < 0 ? first.length : place
  }
  return metricsOf(feature)
    .filter((name) => !YES_NO.has(name) && name !== 'uptime_s')
    .sort((a, b) => rank(a) - rank(b))
}

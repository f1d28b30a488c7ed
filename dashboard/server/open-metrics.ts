// OpenMetrics 1.0 text of what the village counts: families in order, a counter's sample ending in `_total`, `# EOF` last.

import type { Counters, IngestHealth, PartHealth } from '../../contract/feed.ts'
import type { Vitals } from '../../contract/vitals.ts'
import type { Context } from './context.ts'

export interface MetricsInput {
  readonly context: Pick<Context, 'mirror' | 'browsers' | 'version' | 'vitals'>
  readonly parts: Readonly<Record<string, PartHealth>>
  /** Null while ingest is away: its families are then absent rather than wrong. */
  readonly ingest: IngestHealth | null
  readonly counters: Counters | null
  /** Of the disk under the data folder. */
  readonly freeBytes: number
}

export function openMetricsText(input: MetricsInput): string {
  const { context, parts, ingest, counters, freeBytes } = input
  const lines = [
    ...family('pantau_build', 'info', 'version of the dashboard', [['', { version: context.version }, 1]]),
    ...family(
      'pantau_part_up',
      'gauge',
      'whether a part works',
      Object.entries(parts).map(([part, health]) => ['', { part }, health.ok ? 1 : 0]),
    ),
    ...family(
      'pantau_devices',
      'gauge',
      'devices by kind and state',
      deviceSamples(context.mirror.devices()),
    ),
    ...family('pantau_live_browsers', 'gauge', 'browsers on the live channel', [
      ['', {}, context.browsers()],
    ]),
    ...family('pantau_disk_free_bytes', 'gauge', 'room on the disk of the data folder', [
      ['', {}, freeBytes],
    ]),
    ...vitalsLines({ ...ingest?.vitals, dashboard: context.vitals.read() }),
    ...(ingest === null ? [] : ingestLines(ingest)),
    ...(counters === null ? [] : counterLines(counters)),
    '# EOF',
  ]
  return `${lines.join('\n')}\n`
}

type Sample = readonly [suffix: string, labels: Readonly<Record<string, string>>, value: number]

function family(
  name: string,
  type: 'gauge' | 'counter' | 'info',
  help: string,
  samples: readonly Sample[],
): string[] {
  const ending = type === 'counter' ? '_total' : type === 'info' ? '_info' : ''
  // OpenMetrics 1.0: a family's unit is the end of its name.
  const unit = /_(seconds|bytes|ratio)$/.exec(name)?.[1]
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples.map(([suffix, labels, value]) => `${name}${ending}${suffix}${labelText(labels)} ${value}`),
  ]
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function deviceSamples(devices: readonly { kind: string; state: string }[]): Sample[] {
  const counts = new Map<string, Sample>()
  for (const { kind, state } of devices) {
    const key = `${kind} ${state}`
    counts.set(key, ['', { kind, state }, (counts.get(key)?.[2] ?? 0) + 1])
  }
  return [...counts.values()]
}

function vitalsLines(vitals: Readonly<Record<string, Vitals>>): string[] {
  const parts = Object.entries(vitals)
  return [
    ...family(
      'pantau_memory_bytes',
      'gauge',
      'memory that a part holds',
      parts.map(([part, { residentBytes }]) => ['', { part }, residentBytes]),
    ),
    ...family(
      'pantau_event_loop_delay_seconds',
      'gauge',
      'how late the event loop of a part was in the last minute',
      parts.flatMap(([part, { loopP99Ms, loopMaxMs }]): Sample[] => [
        ['', { part, of: 'p99' }, loopP99Ms / 1_000],
        ['', { part, of: 'max' }, loopMaxMs / 1_000],
      ]),
    ),
  ]
}

function ingestLines(ingest: IngestHealth): string[] {
  return [
    ...family('pantau_lag_seconds', 'gauge', 'age of the newest stored message behind the log', [
      ['', {}, ingest.lagMs / 1_000],
    ]),
    ...family('pantau_log_bytes', 'gauge', 'size of the log', [['', {}, ingest.logBytes]]),
    ...(ingest.storeBytes === null
      ? []
      : family('pantau_store_bytes', 'gauge', 'size of the store', [['', {}, ingest.storeBytes]])),
  ]
}

function counterLines({ messages, observations, readings }: Counters): string[] {
  const byReason = (counts: Readonly<Record<string, number | undefined>>): Sample[] =>
    Object.entries(counts).map(([reason, count]) => ['', { reason }, count ?? 0])
  const one = (name: string, help: string, count: number): string[] =>
    family(name, 'counter', help, [['', {}, count]])
  return [
    ...one('pantau_messages_received', 'messages that came', messages.received),
    ...one('pantau_messages_acknowledged', 'messages that were acknowledged', messages.acknowledged),
    ...family(
      'pantau_messages_refused',
      'counter',
      'messages refused, by reason',
      byReason(messages.refused),
    ),
    ...one('pantau_observations_received', 'observations that came', observations.received),
    ...one('pantau_observations_taken', 'observations that were taken', observations.taken),
    ...family(
      'pantau_observations_quarantined',
      'counter',
      'observations not taken, by reason',
      byReason(observations.quarantined),
    ),
    ...one('pantau_readings_stored', 'readings of distinct identity', readings.stored),
    ...one('pantau_readings_duplicates', 'readings that came again', readings.duplicates),
    ...one('pantau_readings_conflicts', 'readings that came again with another value', readings.conflicts),
  ]
}

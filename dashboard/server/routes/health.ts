// `/healthz`, `/readyz` and `/metrics` (contract section 4): for those who keep the village running, people or programs.

import Type from 'typebox'
import { Readiness } from '../../../contract/api.ts'
import { SystemAnswer } from '../../../contract/api-staff.ts'
import type { IngestHealth, PartHealth } from '../../../contract/feed.ts'
import { formatTime, SECOND } from '../../../contract/time.ts'
import { freeSpace, isLow, shownSpace } from '../../../runtime/free-space.ts'
import { socketPath } from '../../../runtime/sockets.ts'
import { tornWarning } from '../../../runtime/torn-store.ts'
import type { App, Context } from '../context.ts'
import { answersOnSocket } from '../mqtt-relay.ts'
import { openMetricsText } from '../open-metrics.ts'
import { timeOrNull } from '../public-view.ts'

export function registerHealthRoutes(app: App, context: Context): void {
  const health = healthOnce(context)

  app.route({
    method: 'GET',
    url: '/healthz',
    config: { access: 'public' },
    schema: {
      summary: 'Answers while the dashboard serves',
      response: { 200: Type.Object({ ok: Type.Boolean() }) },
    },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { ok: true }
    },
  })

  app.route({
    method: 'GET',
    url: '/readyz',
    config: { access: 'public' },
    schema: { summary: 'Whether every part works', response: { 200: Readiness, 503: Readiness } },
    handler: async (_request, reply) => {
      const { parts, warnings } = await health()
      const ready = parts.broker.ok && parts.ingest.ok && parts.store.ok
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ready, parts, warnings })
    },
  })

  app.route({
    method: 'GET',
    url: '/metrics',
    config: { access: 'own', produces: ['application/openmetrics-text', 'text/plain'] },
    schema: { summary: 'OpenMetrics; for this machine or an admin', response: { 200: Type.String() } },
    handler: async (_request, reply) => {
      const { parts, ingest } = await health()
      const { freeBytes } = freeSpace(context.dataFolder, context.askDisk)
      const counters = await context.feed.call('counters', {}).catch(() => null)
      return reply
        .header('cache-control', 'no-store')
        .type('application/openmetrics-text; version=1.0.0; charset=utf-8')
        .send(openMetricsText({ context, parts, ingest, counters, freeBytes }))
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/system',
    config: { access: ['infrastructure', 'environment'] },
    schema: { summary: 'Rates, sizes and health of the parts', response: { 200: SystemAnswer } },
    handler: async () => systemAnswer(context, await health()),
  })
}

interface Health {
  readonly parts: { readonly broker: PartHealth; readonly ingest: PartHealth; readonly store: PartHealth }
  /** Null while ingest is away. */
  readonly ingest: IngestHealth | null
  /** What is not wrong yet and will be, in words. */
  readonly warnings: string[]
}

/** Asks the parts at most once a second, however many ask us. */
function healthOnce(context: Context): () => Promise<Health> {
  let asked: Promise<Health> | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  return async () => {
    const now = context.clock.monotonicMs()
    if (asked === null || now - askedAt > SECOND) {
      askedAt = now
      asked = askHealth(context)
    }
    return asked
  }
}

async function askHealth(context: Context): Promise<Health> {
  return { ...(await askParts(context)), warnings: warningsOf(context) }
}

function warningsOf({ dataFolder, askDisk, clock }: Context): string[] {
  const torn = tornWarning(dataFolder, clock.now())
  return [...diskWarnings(dataFolder, askDisk), ...(torn === null ? [] : [torn])]
}

function diskWarnings(dataFolder: string, askDisk: Context['askDisk']): string[] {
  const space = freeSpace(dataFolder, askDisk)
  if (!isLow(space)) return []
  const end = 'below 256 MiB nothing is acknowledged'
  return [`${shownSpace(space)} for the data folder; make room, or shorten PANTAU_RETENTION: ${end}`]
}

async function askParts(context: Context): Promise<Omit<Health, 'warnings'>> {
  const asked = await context.feed.call('health', {}).catch((error: unknown) => error)
  if (!(asked instanceof Error)) {
    const ingest = asked as IngestHealth // not an error: the answer
    return { ingest, parts: { broker: ingest.broker, ingest: ingest.ingest, store: ingest.store } }
  }
  const brokerAnswers = await answersOnSocket(socketPath(context.dataFolder, 'mqtt'))
  return {
    ingest: null,
    parts: {
      broker: {
        ok: brokerAnswers,
        detail: brokerAnswers ? 'it takes connections' : 'it takes no connections',
      },
      ingest: { ok: false, detail: asked.message },
      store: { ok: false, detail: 'not known while ingest is away' },
    },
  }
}

async function systemAnswer(context: Context, { parts, ingest }: Health): Promise<SystemAnswer> {
  const { mirror } = context
  return {
    time: formatTime(context.clock.now()),
    parts: {
      ...parts,
      dashboard: { ok: true, detail: mirror.isFresh() ? 'live' : 'the last state known is shown' },
    },
    store: { name: ingest?.storeName ?? 'unknown', bytes: ingest?.storeBytes ?? null },
    log: {
      bytes: ingest?.logBytes ?? null,
      segments: ingest?.logSegments ?? null,
      lag_ms: ingest?.lagMs ?? null,
    },
    rates: {
      messages_per_s: ingest?.messagesPerS ?? null,
      readings_per_s: ingest?.readingsPerS ?? null,
    },
    live: {
      connected: mirror.isFresh(),
      lastUpdate: timeOrNull(mirror.lastUpdate()),
      browsers: context.browsers(),
      devices: mirror.devices().length,
    },
    dashboard: {
      rss_bytes: process.memoryUsage.rss(),
      uptime_s: Math.round(process.uptime()),
      version: context.version,
    },
  }
}

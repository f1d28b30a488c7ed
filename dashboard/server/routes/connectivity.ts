// How well the hotspots are connected: the public summary and states, and for those who run them uptime and outages (contract section 4,
// domain B1). Simulated hotspots are left out once there is a real device.

import Type from 'typebox'
import { HotspotStatesAnswer, SummaryAnswer } from '../../../contract/api.ts'
import { Acknowledgement, OutageAnswer, OutagesAnswer, UptimeAnswer } from '../../../contract/api-staff.ts'
import type { LiveDevice } from '../../../contract/feed.ts'
import { DAY, formatTime } from '../../../contract/time.ts'
import type { Availability } from '../../../domain/connectivity/availability.ts'
import { ABOUT_SUMMARY, aboutUptime } from '../about-numbers.ts'
import { type App, audienceOf, type Context } from '../context.ts'
import { pageOf } from '../cursor.ts'
import { type HotspotOutage, hotspotStates, outagesIn, uptimeOf } from '../device-states.ts'
import { prefers } from '../negotiation.ts'
import {
  cursorParameter,
  DEFAULT_LIMIT,
  fromParameter,
  limitParameter,
  type Period,
  parsePeriod,
  toParameter,
} from '../parameters.ts'
import { Refusal } from '../refusal.ts'
import { changeAs } from '../registry-changes.ts'
import { isCounted, isShown } from '../shown-devices.ts'
import { uptimeCsv } from '../uptime-csv.ts'
import { measureHotspots, NOTHING_MEASURED } from '../uptime-measures.ts'
import { spanAnswer } from './devices.ts'
import { signedIn } from './session.ts'

const PeriodQuery = { from: fromParameter, to: toParameter }
const access = ['infrastructure'] as const
/** Percentiles are of all readings of the period: a quarter of a year of minutes is what can be waited for. */
const LONGEST_UPTIME_MS = 92 * DAY

export function registerConnectivityRoutes(app: App, context: Context): void {
  registerSummary(app, context)
  registerStates(app, context)
  registerUptime(app, context)
  registerOutages(app, context)
}

function registerSummary(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/connectivity/summary',
    config: { access: 'public' },
    schema: {
      summary: 'Hotspots now, and their availability in a period',
      querystring: Type.Object(PeriodQuery),
      response: { 200: SummaryAnswer },
    },
    handler: async (request, reply) => {
      const period = parsePeriod(request.query, context.clock.now())
      const hotspots = hotspotsOf(context)
      const sum = { up_s: 0, down_s: 0, unknown_s: 0 }
      for await (const [, spans] of hotspotStates(context, idsOf(hotspots), period)) {
        const { up_s, down_s, unknown_s } = uptimeOf(spans, period, context.clock.now())
        sum.up_s += up_s
        sum.down_s += down_s
        sum.unknown_s += unknown_s
      }
      const known = sum.up_s + sum.down_s
      const count = (...states: string[]): number =>
        hotspots.filter(({ state }) => states.includes(state)).length
      reply.header('cache-control', 'no-cache')
      return {
        from: formatTime(period.from),
        to: formatTime(period.to),
        ...ABOUT_SUMMARY,
        hotspots: hotspots.length,
        up: count('up', 'degraded'),
        down: count('down'),
        unknown: count('unknown'),
        degraded: count('degraded'),
        maintenance: count('maintenance'),
        availability: known === 0 ? null : sum.up_s / known,
        knownShare: known + sum.unknown_s === 0 ? null : known / (known + sum.unknown_s),
      }
    },
  })
}

function registerStates(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/connectivity/states',
    config: { access: 'public' },
    schema: {
      summary: 'States of all hotspots through a period, at most 92 days',
      querystring: Type.Object({ ...PeriodQuery, limit: limitParameter, cursor: cursorParameter }),
      response: { 200: HotspotStatesAnswer },
    },
    handler: async (request, reply) => {
      const { limit = DEFAULT_LIMIT, cursor, from, to } = request.query
      const audience = audienceOf(request.viewer)
      const period = parsePeriod(request.query, context.clock.now(), LONGEST_UPTIME_MS)
      const shown = context.mirror
        .devices()
        .filter((device) => device.kind === 'hotspot' && isShown(context, device, audience))
      const query = ['states', from, to, audience].join('|')
      const { rows, next } = pageOf(context.key, query, idsOf(shown), limit, cursor, (id) => id)
      const hotspots: HotspotStatesAnswer['hotspots'] = []
      for await (const [id, spans] of hotspotStates(context, rows, period))
        hotspots.push({ id, spans: spans.map((span) => spanAnswer(span, period)) })
      reply.header('cache-control', audience === 'public' ? 'no-cache' : 'private, no-cache')
      return {
        from: formatTime(period.from),
        to: formatTime(period.to),
        hotspots,
        ...(next === undefined ? {} : { next }),
      }
    },
  })
}

const UptimeQuery = Type.Object({
  ...PeriodQuery,
  format: Type.Optional(Type.Enum(['json', 'csv'])),
})

function registerUptime(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/connectivity/uptime',
    config: { access, produces: ['application/json', 'text/csv'] },
    schema: {
      summary: 'Availability of each hotspot in a period, at most 92 days',
      querystring: UptimeQuery,
      response: { 200: UptimeAnswer },
    },
    handler: async (request, reply) => {
      const { format } = request.query
      const period = parsePeriod(request.query, context.clock.now(), LONGEST_UPTIME_MS)
      const answer = await uptimeAnswer(context, period)
      reply.header('cache-control', 'no-store')
      const wantsCsv =
        format === 'csv' || (format === undefined && prefers(request.headers.accept, 'text/csv'))
      if (!wantsCsv) return answer
      const day = (time: string): string => time.slice(0, 10)
      reply
        .type('text/csv; charset=utf-8; header=present')
        .header(
          'content-disposition',
          `attachment; filename="uptime-${day(answer.from)}-${day(answer.to)}.csv"`,
        )
      // Text: Fastify's types know the JSON answer alone.
      return uptimeCsv(answer) as unknown as UptimeAnswer
    },
  })
}

async function uptimeAnswer(context: Context, period: Period): Promise<UptimeAnswer> {
  const counted = hotspotsOf(context)
  const uptimes = new Map<string, Availability>()
  for await (const [id, spans] of hotspotStates(context, idsOf(counted), period))
    uptimes.set(id, uptimeOf(spans, period, context.clock.now()))
  const measured = await measureHotspots(context.feed, idsOf(counted), period)
  const hotspots = counted.map(({ id, name, simulated }) => {
    const uptime = uptimes.get(id) ?? uptimeOf([], period, context.clock.now())
    const { latencies: _latencies, losses: _losses, ...measures } = measured.get(id) ?? NOTHING_MEASURED
    return { id, name, simulated, ...uptime, ...measures }
  })
  const isSketched = hotspots.some(({ latency_error }) => latency_error > 0)
  return { from: formatTime(period.from), to: formatTime(period.to), ...aboutUptime(isSketched), hotspots }
}

const OutagesQuery = Type.Object({
  ...PeriodQuery,
  hotspot: Type.Optional(Type.String({ maxLength: 63, description: 'id of a hotspot' })),
  open: Type.Optional(Type.Boolean({ description: 'true: those that last; false: those that ended' })),
  limit: limitParameter,
  cursor: cursorParameter,
})

function registerOutages(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/connectivity/outages',
    config: { access },
    schema: {
      summary: 'Outages that touch a period, oldest first',
      querystring: OutagesQuery,
      response: { 200: OutagesAnswer },
    },
    handler: async (request, reply) => {
      const { hotspot, open, limit = DEFAULT_LIMIT, cursor, from, to } = request.query
      const period = parsePeriod(request.query, context.clock.now())
      const found = (await outagesIn(context, idsOf(hotspotsOf(context)), period)).filter(
        (outage) =>
          (hotspot === undefined || outage.hotspot === hotspot) &&
          (open === undefined || (outage.to === undefined) === open),
      )
      const query = ['outages', hotspot, open, from, to].join('|')
      const { rows, next } = pageOf(context.key, query, found, limit, cursor, orderOf)
      reply.header('cache-control', 'no-store')
      return {
        outages: rows.map((outage) => outageAnswer(context, outage)),
        ...(next === undefined ? {} : { next }),
      }
    },
  })

  app.route({
    method: 'POST',
    url: '/api/v1/connectivity/outages/:id/acknowledge',
    config: { access },
    schema: {
      summary: 'Take note of an outage; its clock goes on',
      params: Type.Object({ id: Type.String() }),
      body: Type.Union([Acknowledgement, Type.Null()]),
      response: { 200: OutageAnswer },
    },
    handler: async (request) => {
      const { id } = request.params
      const now = context.clock.now()
      const outage = await outageNamed(context, id)
      const note = request.body?.note
      await changeAs(context, request, { what: 'outage.acknowledge', on: id.slice(0, 100) }, async () => {
        const by = signedIn(request.viewer).account.name
        context.acknowledgements.set(id, { by, at: now, ...(note === undefined ? {} : { note }) })
      })
      return outageAnswer(context, outage)
    },
  })
}

/** The id says when it began: that day's spans tell whether there was one. */
async function outageNamed(context: Context, id: string): Promise<HotspotOutage> {
  const from = Number(/\.(\d{12,14})$/.exec(id)?.[1])
  const period = { from, to: from + 1 }
  const found = Number.isFinite(from)
    ? (await outagesIn(context, idsOf(hotspotsOf(context)), period)).find((outage) => outage.id === id)
    : undefined
  if (found === undefined) throw new Refusal(404, 'there is no outage of that id')
  return found
}

/** Sorts as the list does, as text. */
function orderOf({ from, id }: HotspotOutage): string {
  return `${String(from).padStart(15, '0')} ${id}`
}

function hotspotsOf(context: Context): readonly LiveDevice[] {
  return context.mirror.devices().filter((device) => device.kind === 'hotspot' && isCounted(context, device))
}

const idsOf = (devices: readonly LiveDevice[]): readonly string[] => devices.map(({ id }) => id)

function outageAnswer(context: Context, { id, hotspot, from, to, cause }: HotspotOutage): OutageAnswer {
  const acknowledged = context.acknowledgements.of(id)
  return {
    id,
    hotspot,
    from: formatTime(from),
    ...(to === undefined ? {} : { to: formatTime(to) }),
    ...(cause === null ? {} : { cause }),
    ...(acknowledged === null
      ? {}
      : { acknowledgedBy: acknowledged.by, acknowledgedAt: formatTime(acknowledged.at) }),
    ...(acknowledged?.note === undefined ? {} : { note: acknowledged.note }),
  }
}

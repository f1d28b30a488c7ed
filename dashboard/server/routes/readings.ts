// `GET /api/v1/devices/{id}/readings`: history of one device as JSON in pages, or as CSV in a stream (contract section 4).
// The public gets the last hour of a vehicle, and no count of people below five.

import { Readable } from 'node:stream'
import Type from 'typebox'
import { ReadingsAnswer } from '../../../contract/api.ts'
import type { LiveDevice } from '../../../contract/feed.ts'
import { AGGREGATES, type Aggregate, EVERY, type Every, type Series } from '../../../contract/feed.ts'
import { DAY, formatTime, HOUR, MINUTE, type TimeMs } from '../../../contract/time.ts'
import { aboutReadings } from '../about-numbers.ts'
import { type App, audienceOf, type Context } from '../context.ts'
import { makeCursor, readCursor } from '../cursor.ts'
import { prefers } from '../negotiation.ts'
import {
  cursorParameter,
  fromParameter,
  type Period,
  parseMetrics,
  parsePeriod,
  toParameter,
} from '../parameters.ts'
import { type Audience, COUNTS_OF_PEOPLE, isTooFew } from '../public-view.ts'
import { readingsCsv } from '../readings-csv.ts'
import { wrongParameter } from '../refusal.ts'
import { deviceOf, IdParams } from './devices.ts'

const Query = Type.Object({
  metric: Type.Optional(
    Type.String({ maxLength: 8_192, description: 'comma list of metrics; all without it' }),
  ),
  from: fromParameter,
  to: toParameter,
  every: Type.Optional(Type.Enum([...EVERY])),
  fn: Type.Optional(Type.Enum([...AGGREGATES])),
  quality: Type.Optional(
    Type.Enum(['all', 'good'], {
      default: 'all',
      description: 'with `every`: `good` leaves out what a quality test calls bad, as indices do',
    }),
  ),
  format: Type.Optional(Type.Enum(['json', 'csv'])),
  cursor: cursorParameter,
})
type Query = Type.Static<typeof Query>

export const MOST_POINTS = 10_000
/** A year of quarters of an hour, or 69 days of minutes, are below it. */
const MOST_BUCKETS = 100_000
const PUBLIC_TRACK_MS = HOUR
const EVERY_MS: Readonly<Record<Every, number>> = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '1d': DAY,
}

export function registerReadingRoutes(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/devices/:id/readings',
    config: { access: 'public', produces: ['application/json', 'text/csv'] },
    schema: {
      summary: 'Readings of a device, raw or in buckets of the village’s time',
      params: IdParams,
      querystring: Query,
      response: { 200: ReadingsAnswer },
    },
    handler: async (request, reply) => {
      const audience = audienceOf(request.viewer)
      const device = await deviceOf(context, request.params.id, audience)
      const question = questionOf(context, device, request.query, audience)
      reply.header('cache-control', audience === 'public' ? 'no-cache' : 'private, no-cache')
      if (!wantsCsv(request.query, request.headers.accept)) return answerOf(context, question, request.query)
      const rows = readingsCsv(question.device.id, pagesOf(context, question), question)
      reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="${device.id}.csv"`)
      // A stream: Fastify's types know the JSON answer alone.
      return Readable.from(rows) as unknown as ReadingsAnswer
    },
  })
}

interface Question extends Period {
  readonly device: LiveDevice
  readonly metrics: readonly string[] | null
  readonly every: Every | null
  readonly fn: Aggregate
  readonly isGood: boolean
  readonly audience: Audience
}

function wantsCsv({ format }: Query, accept: string | undefined): boolean {
  return format === 'csv' || (format === undefined && prefers(accept, 'text/csv'))
}

function questionOf(context: Context, device: LiveDevice, query: Query, audience: Audience): Question {
  const now = context.clock.now()
  const period = parsePeriod(query, now)
  const every = query.every ?? null
  if (every !== null && (period.to - period.from) / EVERY_MS[every] > MOST_BUCKETS) {
    throw wrongParameter(
      'every',
      `every is ${every}, more than ${MOST_BUCKETS} steps in this period; take a longer step`,
    )
  }
  const isPublicTrack = audience === 'public' && device.kind === 'vehicle'
  const earliest = isPublicTrack ? now - PUBLIC_TRACK_MS : Number.NEGATIVE_INFINITY
  return {
    device,
    metrics: parseMetrics(query.metric),
    from: Math.min(Math.max(period.from, earliest), period.to),
    to: period.to,
    every,
    fn: query.fn ?? 'mean',
    isGood: query.quality === 'good',
    audience,
  }
}

interface SeriesPage {
  readonly series: readonly (Series & { readonly few?: true })[]
  readonly next?: TimeMs
}

async function pageFrom(context: Context, question: Question, from: TimeMs): Promise<SeriesPage> {
  const { device, metrics, to, every, fn, isGood } = question
  if (from >= to) return { series: [] }
  const asked = { device: device.id, ...(metrics === null ? {} : { metrics }), from, to }
  const answer: SeriesPage =
    every === null
      ? await context.feed.call('readings', { ...asked, limit: MOST_POINTS })
      : await context.feed.call('buckets', { ...asked, every, fn, ...(isGood ? { good: true } : {}) })
  // How many readings there are is of no metric's unit, and counts no people.
  if (every !== null && fn === 'count') {
    return { ...answer, series: answer.series.map((series) => ({ ...series, unit: 'count' })) }
  }
  return question.audience === 'public' ? { ...answer, series: answer.series.map(withoutFew) } : answer
}

/** Leaves out counts of people that are too small to be shown, and says so. */
function withoutFew(series: Series): Series & { readonly few?: true } {
  if (!COUNTS_OF_PEOPLE.has(series.metric)) return series
  const points = series.points.filter(([, value]) => !isTooFew(series.metric, value))
  return points.length === series.points.length ? series : { ...series, points, few: true }
}

async function answerOf(context: Context, question: Question, query: Query): Promise<ReadingsAnswer> {
  const { device, from, to, every, fn, isGood, audience } = question
  const cursorQuery = [
    'readings',
    device.id,
    query.metric,
    query.from,
    query.to,
    every,
    fn,
    isGood,
    audience,
  ].join('|')
  const place = readCursor(context.key, cursorQuery, query.cursor)
  const page = await pageFrom(context, question, place === null ? from : Math.max(Number(place), from))
  return {
    device: device.id,
    from: formatTime(from),
    to: formatTime(to),
    every,
    fn: every === null ? null : fn,
    series: page.series.map((series) => ({ ...series, points: [...series.points] })),
    ...aboutReadings(every),
    ...(page.series.some((series) => series.few === true) ? { few: true as const } : {}),
    ...(page.next === undefined ? {} : { next: makeCursor(context.key, cursorQuery, String(page.next)) }),
  }
}

/** Page after page to the period's end, each asked for when the one before has been taken. */
async function* pagesOf(context: Context, question: Question): AsyncGenerator<readonly Series[]> {
  let from: TimeMs | undefined = question.from
  while (from !== undefined) {
    const page: SeriesPage = await pageFrom(context, question, from)
    yield page.series
    from = page.next
  }
}

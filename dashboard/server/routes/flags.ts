// Quality flags: those of tests and those set by hand, listed; one set by hand, and taken back (contract section 4). What is flagged as
// bad is left out of every mean, index and colour from then on.

import Type from 'typebox'
import { FlagAnswer, FlagsAnswer, NewFlag } from '../../../contract/api-staff.ts'
import type { QualityFlag } from '../../../contract/feed.ts'
import { formatTime, parseTime, type TimeMs } from '../../../contract/time.ts'
import { BY_HAND } from '../../../domain/quality/rules.ts'
import { sendNothing } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { makeCursor, readCursor } from '../cursor.ts'
import {
  cursorParameter,
  DEFAULT_LIMIT,
  fromParameter,
  limitParameter,
  parseMetrics,
  parsePeriod,
  toParameter,
} from '../parameters.ts'
import { Refusal, wrongParameter } from '../refusal.ts'
import { changeAs } from '../registry-changes.ts'
import { signedIn } from './session.ts'

const access = ['environment'] as const
/** As long as raw readings are kept. */
const LONGEST_DAYS = 400
const DAY_MS = 86_400_000

export function registerFlagRoutes(app: App, context: Context): void {
  registerList(app, context)
  registerAdd(app, context)
  registerRemove(app, context)
}

function registerList(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/flags',
    config: { access },
    schema: {
      summary: 'Quality flags that overlap a period, oldest first; those of tests are cut at full hours',
      querystring: Type.Object({
        device: Type.Optional(Type.String({ maxLength: 63 })),
        metric: Type.Optional(Type.String({ maxLength: 41 })),
        from: fromParameter,
        to: toParameter,
        limit: limitParameter,
        cursor: cursorParameter,
      }),
      response: { 200: FlagsAnswer },
    },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { device, metric, limit = DEFAULT_LIMIT, cursor } = request.query
      parseMetrics(metric)
      if (device !== undefined && context.mirror.device(device) === undefined)
        throw wrongParameter('device', `there is no device ${JSON.stringify(device)}`)
      const { from, to } = parsePeriod(request.query, context.clock.now())
      const query = ['flags', device, metric, request.query.from, request.query.to].join('|')
      const place = readCursor(context.key, query, cursor)
      const { flags } = await context.feed.call('flags', {
        ...(device === undefined ? {} : { device }),
        ...(metric === undefined ? {} : { metric }),
        ...(place === null ? {} : { after: JSON.parse(place) as { from: TimeMs; id: string } }),
        from,
        to,
        limit: limit + 1,
      })
      const page = flags.slice(0, limit)
      const last = page.at(-1)
      const isMore = flags.length > limit && last !== undefined
      return {
        flags: page.map(flagAnswer),
        ...(isMore
          ? { next: makeCursor(context.key, query, JSON.stringify({ from: last.from, id: last.id })) }
          : {}),
      }
    },
  })
}

function registerAdd(app: App, context: Context): void {
  app.route({
    method: 'POST',
    url: '/api/v1/flags',
    config: { access },
    schema: {
      summary: 'Flag readings as bad by hand, at most 400 days of them',
      body: NewFlag,
      response: { 201: FlagAnswer },
    },
    handler: async (request, reply) => {
      const { device, metric, flag = 'manual', note = null } = request.body
      const from = timeOf('from', request.body.from)
      const to = timeOf('to', request.body.to)
      if (from >= to) throw wrongParameter('to', 'to is not after from')
      if (to - from > LONGEST_DAYS * DAY_MS)
        throw wrongParameter('to', `to is more than ${LONGEST_DAYS} days after from; set several flags`)
      if (context.mirror.device(device) === undefined)
        throw wrongParameter('device', `there is no device ${JSON.stringify(device)}`)
      const by = signedIn(request.viewer).account.name
      const what = {
        what: 'flag.add',
        on: device,
        detail: `${metric} ${formatTime(from)}/${formatTime(to)} ${flag}`,
      }
      const set = await changeAs(context, request, what, async () =>
        context.feed.call('setFlag', { device, metric, from, to, flag, note, by }),
      )
      reply.code(201)
      return flagAnswer(set.flag)
    },
  })
}

function registerRemove(app: App, context: Context): void {
  app.route({
    method: 'DELETE',
    url: '/api/v1/flags/:id',
    config: { access },
    schema: {
      summary: 'Take a flag back that was set by hand',
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) }),
    },
    handler: async (request, reply) => {
      const { id } = request.params
      await changeAs(context, request, { what: 'flag.remove', on: id.slice(0, 64) }, async () => {
        const { flag, byTest } = await context.feed.call('unsetFlag', { id })
        if (flag !== null) return
        const why = byTest ? '; a flag of a test goes when the readings no longer give it' : ''
        throw new Refusal(404, `there is no flag of that id that was set by hand${why}`)
      })
      return sendNothing(reply)
    },
  })
}

function timeOf(member: string, text: string): TimeMs {
  const parsed = parseTime(text)
  if (!parsed.ok) throw wrongParameter(member, `${member}: ${parsed.detail}`)
  return parsed.time
}

function flagAnswer({
  id,
  device,
  metric,
  from,
  to,
  flag,
  quality,
  rule,
  version,
  note,
  made,
}: QualityFlag): FlagAnswer {
  return {
    id,
    device,
    metric,
    from: formatTime(from),
    to: formatTime(to),
    flag,
    quality: quality === 4 ? 'bad' : 'suspect',
    rule: { name: rule, version: rule === BY_HAND ? '1' : version },
    ...(rule === BY_HAND ? { by: version } : {}),
    ...(note === null ? {} : { note }),
    set: formatTime(made),
  }
}

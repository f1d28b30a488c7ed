// What came in and what did not: `/api/v1/counters`, `/api/v1/quarantine`, and the audit log of what people did.

import Type from 'typebox'
import { AuditAnswer, CountersAnswer, QuarantineAnswer, ReasonName } from '../../../contract/api-staff.ts'
import { formatTime } from '../../../contract/time.ts'
import { readAuditLog } from '../../../runtime/audit.ts'
import type { App, Context } from '../context.ts'
import { makeCursor, readCursor } from '../cursor.ts'
import { cursorParameter, DEFAULT_LIMIT, limitParameter } from '../parameters.ts'

export function registerIntakeRoutes(app: App, context: Context): void {
  const { feed, key } = context

  app.route({
    method: 'GET',
    url: '/api/v1/counters',
    config: { access: ['infrastructure', 'environment'] },
    schema: { summary: 'What came in since the data folder began', response: { 200: CountersAnswer } },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      const { messages, observations, readings, lag_ms, logBytes, window_s, notes } = await feed.call(
        'counters',
        {},
      )
      return {
        time: formatTime(context.clock.now()),
        messages,
        observations: { ...observations, quarantined: counted(observations.quarantined) },
        readings,
        lag_ms,
        logBytes,
        ...(window_s === undefined ? {} : { window_s }),
        ...(notes === undefined ? {} : { notes }),
      }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/quarantine',
    config: { access: ['infrastructure', 'environment'] },
    schema: {
      summary: 'Messages that were not taken, newest first',
      querystring: Type.Object({
        reason: Type.Optional(ReasonName),
        limit: limitParameter,
        cursor: cursorParameter,
      }),
      response: { 200: QuarantineAnswer },
    },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { reason, limit = DEFAULT_LIMIT, cursor } = request.query
      const query = `quarantine|${reason ?? ''}`
      const place = readCursor(key, query, cursor)
      const page = await feed.call('quarantine', {
        limit,
        ...(reason === undefined ? {} : { reason }),
        ...(place === null ? {} : { cursor: place }),
      })
      return {
        messages: page.rows.map((row) => ({ ...row, time: formatTime(row.time) })),
        ...(page.next === undefined ? {} : { next: makeCursor(key, query, page.next) }),
      }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/audit',
    config: { access: ['admin'] },
    schema: {
      summary: 'Who did what, when, from where, newest first',
      querystring: Type.Object({ limit: limitParameter, cursor: cursorParameter }),
      response: { 200: AuditAnswer },
    },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { limit = DEFAULT_LIMIT, cursor } = request.query
      const { lines, whole } = readAuditLog(context.dataFolder)
      const place = readCursor(key, 'audit', cursor)
      const before = place === null ? Number.POSITIVE_INFINITY : Number(place)
      const older = lines.filter((line) => line.n < before).toReversed()
      const page = older.slice(0, limit)
      const last = page.at(-1)
      const isMore = older.length > page.length && last !== undefined
      return {
        entries: page.map(({ n, time, who, from, what, on, result, detail }) => ({
          n,
          time,
          who,
          from,
          what,
          on,
          result,
          ...(detail === undefined ? {} : { detail }),
        })),
        ...(isMore ? { next: makeCursor(key, 'audit', String(last.n)) } : {}),
        whole,
      }
    },
  })
}

/** Only what was counted: a reason without a count is left out. */
function counted(counts: Readonly<Partial<Record<string, number>>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([reason, count]) => (count === undefined ? [] : [[reason, count]])),
  )
}

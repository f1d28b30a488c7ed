// `GET /api/v1/air/exceedances`: hours and days over a limit, for the report; CSV without pages. Bad readings are in none of the means.

import Type from 'typebox'
import type { Rule } from '../../../contract/about.ts'
import { ExceedancesAnswer } from '../../../contract/api-staff.ts'
import type { LiveDevice } from '../../../contract/feed.ts'
import { DAY, formatTime, HOUR } from '../../../contract/time.ts'
import {
  EXCEEDANCE_LOOK_BACK_MS,
  EXCEEDANCE_STANDARDS,
  type ExceedanceStandard,
  exceedancesOf,
} from '../../../domain/air/exceedances.ts'
import { STANDARD_SOURCES } from '../../../domain/air/limits.ts'
import { AIR_RULES } from '../../../domain/air/rules.ts'
import { aboutExceedances } from '../about-numbers.ts'
import type { App, Context } from '../context.ts'
import { csvField } from '../csv-field.ts'
import { pageOf } from '../cursor.ts'
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
import { isCounted } from '../shown-devices.ts'
import { stationHours } from '../station-hours.ts'

const METRICS = ['pm2_5', 'pm10', 'so2', 'no2', 'o3', 'co', 'hc'] as const
/** Raised with every change that may find other exceedances in the same hours. */
const EXCEEDANCE_VERSION = '1'
/** A year and a bit of hours. */
const LONGEST_MS = 400 * DAY

const Query = Type.Object({
  from: fromParameter,
  to: toParameter,
  standard: Type.Optional(
    Type.Enum([...EXCEEDANCE_STANDARDS], {
      default: 'pp22',
      description: '`pp22`: PP 22/2021; `who`: WHO 2021; `ispu`: days above Sedang',
    }),
  ),
  limit: limitParameter,
  cursor: cursorParameter,
  format: Type.Optional(Type.Enum(['json', 'csv'])),
})

type Row = ExceedancesAnswer['exceedances'][number]

export function registerExceedanceRoute(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/air/exceedances',
    config: { access: ['environment'], produces: ['application/json', 'text/csv'] },
    schema: {
      summary: 'Hours and local days over a limit that end in a period of at most 400 days',
      querystring: Query,
      response: { 200: ExceedancesAnswer },
    },
    handler: async (request, reply) => {
      const { standard = 'pp22', limit = DEFAULT_LIMIT, cursor, format } = request.query
      const period = parsePeriod(request.query, context.clock.now(), LONGEST_MS)
      const { exceedances, tallies } = await report(context, period, standard)
      reply.header('cache-control', 'no-store')
      if (format === 'csv' || (format === undefined && prefers(request.headers.accept, 'text/csv'))) {
        const name = `exceedances-${standard}-${formatTime(period.from).slice(0, 10)}-${formatTime(period.to).slice(0, 10)}.csv`
        reply
          .type('text/csv; charset=utf-8; header=present')
          .header('content-disposition', `attachment; filename="${name}"`)
        // A text: Fastify's types know the JSON answer alone.
        return csvOf(standard, exceedances) as unknown as ExceedancesAnswer
      }
      const query = ['exceedances', standard, request.query.from, request.query.to].join('|')
      const page = pageOf(context.key, query, exceedances, limit, cursor, idOf)
      return {
        from: formatTime(period.from),
        to: formatTime(period.to),
        standard,
        source: sourceOf(standard),
        ...aboutExceedances(ruleOf(standard)),
        exceedances: [...page.rows],
        tallies,
        ...(page.next === undefined ? {} : { next: page.next }),
      }
    },
  })
}

async function report(
  context: Context,
  period: Period,
  standard: ExceedanceStandard,
): Promise<Pick<ExceedancesAnswer, 'exceedances' | 'tallies'>> {
  const exceedances: Row[] = []
  const tallies: ExceedancesAnswer['tallies'] = []
  for (const device of stationsOf(context)) {
    const station = { station: device.id, name: device.name }
    const metrics = METRICS.filter((metric) => device.values[metric] !== undefined)
    const from = Math.floor((period.from - EXCEEDANCE_LOOK_BACK_MS) / HOUR) * HOUR
    const hours = await stationHours(context, device.id, metrics, from, period.to)
    const zone = context.village.village.timezone
    const found = exceedancesOf({ standard, hours, everyS: device.everyS, ...period, zone })
    const unit = standard === 'ispu' ? 'ISPU' : 'ug/m3'
    for (const { from: begin, to, ...exceedance } of found.exceedances) {
      exceedances.push({ ...station, ...exceedance, unit, from: formatTime(begin), to: formatTime(to) })
    }
    tallies.push(...found.tallies.map((tally) => ({ ...station, ...tally, unit })))
  }
  return { exceedances: exceedances.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1)), tallies }
}

function stationsOf(context: Context): readonly LiveDevice[] {
  return context.mirror
    .devices()
    .filter((device) => device.kind === 'sensor' && isCounted(context, device))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Orders by end, then by what it is about. */
function idOf({ to, station, metric, averaging }: Row): string {
  return `${to} ${station} ${metric} ${averaging}`
}

function sourceOf(standard: ExceedanceStandard): string {
  return standard === 'ispu' ? AIR_RULES.ispu.source : STANDARD_SOURCES[standard]
}

function ruleOf(standard: ExceedanceStandard): Rule {
  return standard === 'ispu'
    ? AIR_RULES.ispu
    : { name: `exceedance-${standard}`, version: EXCEEDANCE_VERSION, source: STANDARD_SOURCES[standard] }
}

const COLUMNS = [
  'station',
  'name',
  'metric',
  'averaging',
  'from',
  'to',
  'value',
  'unit',
  'limit',
  'completeness',
  'category',
] as const satisfies readonly (keyof Row)[]

/** Never localised; the standard stands in each row, so that reports can be put one below another. */
function csvOf(standard: ExceedanceStandard, rows: readonly Row[]): string {
  const { name, version } = ruleOf(standard)
  const lines = rows.map((row) => [
    standard,
    ...COLUMNS.map((column) => csvField(row[column])),
    name,
    csvField(version),
  ])
  return [['standard', ...COLUMNS, 'rule', 'rule_version'], ...lines]
    .map((fields) => `${fields.join(',')}\r\n`)
    .join('')
}

// `GET /api/v1/explain`: the rule, its source, its inputs and the raw readings behind a value that is shown (contract/explain.ts).

import Type from 'typebox'
import { Explanation } from '../../../contract/explain.ts'
import { type App, audienceOf, type Context } from '../context.ts'
import type { Question } from '../explain/explainer.ts'
import { EXPLAINERS } from '../explain/index.ts'
import { parsePeriod } from '../parameters.ts'
import { Refusal, wrongParameter } from '../refusal.ts'
import { deviceOf } from './devices.ts'

const IdText = Type.Optional(Type.String({ maxLength: 128 }))
const TimeText = Type.Optional(Type.String({ maxLength: 64 }))
const Query = Type.Object({
  device: IdText,
  stop: IdText,
  value: Type.String({ maxLength: 64, description: 'as the `explain` links of a device name it' }),
  route: Type.Optional(Type.String({ maxLength: 128, description: 'of a stop: whose arrival' })),
  at: TimeText,
  from: TimeText,
})

export function registerExplainRoute(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/explain',
    config: { access: 'public' },
    schema: {
      summary: 'How a value that is shown came to be: rule, source, inputs, raw readings',
      querystring: Query,
      response: { 200: Explanation },
    },
    handler: async (request, reply) => {
      const { device, stop, value, route = null, at, from } = request.query
      const audience = audienceOf(request.viewer)
      reply.header('cache-control', audience === 'public' ? 'no-cache' : 'private, no-cache')
      const period = periodOf({ at, from }, context.clock.now())
      const question: Question = { value, route, audience, ...period }
      if (device !== undefined && stop === undefined) return explainDevice(context, device, question)
      if (stop !== undefined && device === undefined) return explainStop(context, stop, question)
      throw wrongParameter('device', 'name either a device or a stop')
    },
  })
}

function periodOf(
  { at, from }: { readonly at: string | undefined; readonly from: string | undefined },
  now: number,
): Pick<Question, 'at' | 'from' | 'isNow'> {
  const period = parsePeriod(
    { ...(at === undefined ? {} : { to: at }), ...(from === undefined ? {} : { from }) },
    now,
  )
  // What is to come is not known; the clock of who asks may be a little ahead.
  const until = Math.min(period.to, now)
  if (from !== undefined && period.from >= until) throw wrongParameter('from', 'from lies ahead')
  return { at: until, isNow: at === undefined, from: from === undefined ? null : period.from }
}

async function explainDevice(context: Context, id: string, question: Question): Promise<Explanation> {
  const device = await deviceOf(context, id, question.audience)
  const explainer = EXPLAINERS.find((one) =>
    one.valuesOf(context, device, question.audience).includes(question.value),
  )
  if (explainer === undefined) throw new Refusal(404, 'this device has no such value that can be explained')
  const explanation = await explainer.explain(context, device, question)
  return { ...explanation, subject: { ...explanation.subject, name: device.name } }
}

async function explainStop(context: Context, stop: string, question: Question): Promise<Explanation> {
  for (const explainer of EXPLAINERS) {
    const explanation = (await explainer.explainStop?.(context, stop, question)) ?? null
    if (explanation !== null) return explanation
  }
  throw new Refusal(404, 'this stop has no such value that can be explained')
}

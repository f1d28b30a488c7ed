// `GET /api/v1/air/stations`: the index of each station now, with what it was made of; null with a reason where the data
// do not suffice.

import Type from 'typebox'
import { AIR_INDICES, StationsAnswer } from '../../../contract/api.ts'
import { AIR_RULES } from '../../../domain/air/rules.ts'
import { aboutStations } from '../about-numbers.ts'
import { type App, audienceOf, type Context } from '../context.ts'
import { indexOf } from '../public-view.ts'
import { isShown } from '../shown-devices.ts'

export function registerAirRoutes(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/air/stations',
    config: { access: 'public' },
    schema: {
      summary: 'Air quality index of each station',
      querystring: Type.Object({
        index: Type.Optional(
          Type.Enum([...AIR_INDICES], { description: "the village's standard without it" }),
        ),
      }),
      response: { 200: StationsAnswer },
    },
    handler: async (request, reply) => {
      const index = request.query.index ?? context.village.village.standards.air
      const audience = audienceOf(request.viewer)
      reply.header('cache-control', 'no-cache').header('vary', 'cookie, authorization')
      const stations = context.mirror.devices().flatMap((device) => {
        const made = device.air?.[index]
        if (made === undefined || !isShown(context, device, audience)) return []
        const { id, name, simulated, position } = device
        const place = position === null ? null : { lat: position.lat, lon: position.lon }
        return [{ id, name, simulated, position: place, ...indexOf(made) }]
      })
      return { index, rule: AIR_RULES[index], ...aboutStations(index), stations }
    },
  })
}

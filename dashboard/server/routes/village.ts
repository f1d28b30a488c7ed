// `GET /api/v1/village`: what the village is, how many devices are in which state, and whether live state is followed.

import { VillageAnswer } from '../../../contract/api.ts'
import { DEVICE_STATES } from '../../../contract/device-state.ts'
import { formatTime } from '../../../contract/time.ts'
import { KINDS } from '../../../contract/topics.ts'
import { ABOUT_VILLAGE } from '../about-numbers.ts'
import { type App, audienceOf, type Context } from '../context.ts'
import { type Audience, timeOrNull } from '../public-view.ts'
import { isShown } from '../shown-devices.ts'

export function registerVillageRoute(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/village',
    config: { access: 'public' },
    schema: { summary: 'The village and its counts', response: { 200: VillageAnswer } },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-cache').header('vary', 'cookie, authorization')
      return villageAnswer(context, audienceOf(request.viewer))
    },
  })
}

/** What this audience may know of the village as it is now. */
export function villageAnswer(context: Context, audience: Audience): VillageAnswer {
  const { village } = context.village
  const shown = context.mirror.devices().filter((device) => isShown(context, device, audience))
  return {
    id: village.id,
    name: village.name,
    center: village.center,
    bounds: [...village.bounds],
    timezone: village.timezone,
    languages: [...village.languages],
    counts: countsOf(shown),
    time: formatTime(context.clock.now()),
    simulated: shown.some((device) => device.simulated),
    standards: village.standards,
    boundary: villagePath(village.boundary),
    basemap: village.basemap.map(villagePath),
    attributions: (village.attributions ?? []).map(({ text, url }) => ({
      text,
      ...(url === undefined ? {} : { url }),
    })),
    tiles: tilesAnswer(context.settings.PANTAU_TILES),
    feed: { connected: context.mirror.isFresh(), lastUpdate: timeOrNull(context.mirror.lastUpdate()) },
    ...ABOUT_VILLAGE,
    version: context.version,
  }
}

/** Where a file of the village folder is served. */
export function villagePath(file: string): string {
  return `/village/${file.split('/').map(encodeURIComponent).join('/')}`
}

function countsOf(
  devices: readonly { kind: string; state: string }[],
): Record<string, Record<string, number>> {
  const counts = Object.fromEntries(
    KINDS.map((kind) => [kind, Object.fromEntries(DEVICE_STATES.map((state) => [state, 0]))]),
  )
  for (const { kind, state } of devices) {
    const ofKind = counts[kind]
    if (ofKind !== undefined) ofKind[state] = (ofKind[state] ?? 0) + 1
  }
  return counts
}

function tilesAnswer(template: string | null): VillageAnswer['tiles'] {
  return template === null ? null : { url: template, host: new URL(template.replaceAll('{s}', 'a')).host }
}

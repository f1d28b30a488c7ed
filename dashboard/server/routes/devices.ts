// `GET /api/v1/devices` and one device (contract section 4), from live state.

import { setTimeout as sleep } from 'node:timers/promises'
import Type from 'typebox'
import { DeviceCollection, DeviceFeature, type StateSpanAnswer, StatesAnswer } from '../../../contract/api.ts'
import { DEVICE_STATES } from '../../../contract/device-state.ts'
import type { LiveDevice, StateSpan } from '../../../contract/feed.ts'
import { formatTime } from '../../../contract/time.ts'
import { KINDS } from '../../../contract/topics.ts'
import { aboutDevices } from '../about-numbers.ts'
import { sendJsonText, sendNotModified } from '../answers.ts'
import { type App, audienceOf, type Context } from '../context.ts'
import { pageOf } from '../cursor.ts'
import { statesOf } from '../device-states.ts'
import { explainLinks } from '../explain/index.ts'
import {
  bboxParameter,
  cursorParameter,
  DEFAULT_LIMIT,
  fromParameter,
  isInside,
  limitParameter,
  type Period,
  parseBbox,
  parseNames,
  parsePeriod,
  toParameter,
} from '../parameters.ts'
import { type Audience, featureJson, featureOnce } from '../public-view.ts'
import { Refusal } from '../refusal.ts'
import { isShown, shownVersion } from '../shown-devices.ts'
import { isKnown } from '../static-files.ts'

const Query = Type.Object({
  kind: Type.Optional(Type.String({ maxLength: 100, description: `comma list of ${KINDS.join(', ')}` })),
  state: Type.Optional(
    Type.String({ maxLength: 100, description: `comma list of ${DEVICE_STATES.join(', ')}` }),
  ),
  bbox: bboxParameter,
  limit: limitParameter,
  cursor: cursorParameter,
})
export const IdParams = Type.Object({ id: Type.String({ description: 'id of a device' }) })

export function registerDeviceRoutes(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/devices',
    config: { access: 'public' },
    schema: { summary: 'Devices as they are now', querystring: Query, response: { 200: DeviceCollection } },
    handler: async (request, reply) => {
      const { kind, state, bbox, limit = DEFAULT_LIMIT, cursor } = request.query
      const kinds = parseNames('kind', kind, KINDS)
      const states = parseNames('state', state, DEVICE_STATES)
      const bounds = parseBbox(bbox)
      const audience = audienceOf(request.viewer)
      const query = ['devices', kind, state, bbox, audience].join('|')
      const matching = context.mirror
        .devices()
        .filter(
          (device) =>
            isShown(context, device, audience) &&
            (kinds === null || kinds.includes(device.kind)) &&
            (states === null || states.includes(device.state)) &&
            (bounds === null || isInside(bounds, device.position)),
        )
      const page = pageOf(context.key, query, matching, limit, cursor, (device) => device.id)
      const etag = `W/"${context.instance}-${context.mirror.version()}.${shownVersion(context)}-${audience}"`
      reply
        .header('etag', etag)
        .header('cache-control', audience === 'public' ? 'no-cache' : 'private, no-cache')
      reply.header('vary', 'cookie, authorization')
      if (isKnown(request.headers['if-none-match'], etag)) return sendNotModified(reply)
      return sendJsonText(reply, collectionText(page, audience, collectionTime(context)))
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/devices/:id',
    config: { access: 'public' },
    schema: { summary: 'One device as it is now', params: IdParams, response: { 200: DeviceFeature } },
    handler: async (request) => {
      const audience = audienceOf(request.viewer)
      const device = await deviceOf(context, request.params.id, audience)
      const feature = featureOnce(device, audience)
      return {
        ...feature,
        properties: { ...feature.properties, explain: linksOf(context, device, audience) },
        time: collectionTime(context),
        ...aboutDevices(audience),
      }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/devices/:id/states',
    config: { access: 'public' },
    schema: {
      summary: 'States of a device through a period',
      params: IdParams,
      querystring: Type.Object({ from: fromParameter, to: toParameter }),
      response: { 200: StatesAnswer },
    },
    handler: async (request) => {
      const device = await deviceOf(context, request.params.id, audienceOf(request.viewer))
      const period = parsePeriod(request.query, context.clock.now())
      const spans = await statesOf(context, device.id, period)
      return {
        device: device.id,
        from: formatTime(period.from),
        to: formatTime(period.to),
        spans: spans.map((span) => spanAnswer(span, period)),
      }
    },
  })
}

/** The span cut to the period. */
export function spanAnswer({ from, to, state, cause }: StateSpan, period: Period): StateSpanAnswer {
  return {
    from: formatTime(Math.max(from, period.from)),
    ...(to === undefined ? {} : { to: formatTime(Math.min(to, period.to)) }),
    state,
    cause,
  }
}

function collectionTime(context: Context): string {
  return formatTime(context.mirror.lastUpdate() ?? context.clock.now())
}

/** The features' texts are made once for all who ask, so the answer is put together from them. */
function collectionText(
  page: { readonly rows: readonly LiveDevice[]; readonly next?: string },
  audience: Audience,
  time: string,
): string {
  const features = page.rows.map((device) => featureJson(device, audience)).join(',')
  const next = page.next === undefined ? '' : `,"next":${JSON.stringify(page.next)}`
  const about = JSON.stringify(aboutDevices(audience)).slice(1, -1)
  return `{"type":"FeatureCollection","time":"${time}",${about},"features":[${features}]${next}}`
}

/** A device that was added a moment ago comes with ingest's next delta: at most this many looks are waited for it. */
const LOOKS_MOST = 50
const LOOK_MS = 50

/** The device of that id as far as this audience may know of it; 404 without one. */
export async function deviceOf(context: Context, id: string, audience: Audience): Promise<LiveDevice> {
  const device = context.mirror.device(id) ?? (await justAdded(context, id))
  if (device !== undefined && isShown(context, device, audience)) return device
  if (device === undefined && context.mirror.lastUpdate() === null) {
    throw new Refusal(503, 'the live state has not been seen yet', { headers: { 'retry-after': '2' } })
  }
  throw new Refusal(404, 'there is no device of that id')
}

async function justAdded(
  { mirror, registry, refreshRegistry }: Context,
  id: string,
): Promise<LiveDevice | undefined> {
  // With ingest away there is nothing to wait for.
  if (!mirror.isFresh()) return undefined
  refreshRegistry()
  if (!registry().devices.some((device) => device.id === id && !device.simulated)) return undefined
  for (let looks = 0; looks < LOOKS_MOST && mirror.device(id) === undefined; looks += 1) await sleep(LOOK_MS)
  return mirror.device(id)
}

/** Where what is shown of the device can be looked into (design D4): its readings, its states, and how each value came to be. */
function linksOf(context: Context, device: LiveDevice, audience: Audience): Record<string, string> {
  const self = `/api/v1/devices/${device.id}`
  return {
    readings: `${self}/readings`,
    states: `${self}/states`,
    ...(device.air === undefined ? {} : { air: '/api/v1/air/stations?index=ispu' }),
    ...(device.transit === undefined ? {} : { transit: '/api/v1/transit/vehicles' }),
    ...explainLinks(context, device, audience),
  }
}

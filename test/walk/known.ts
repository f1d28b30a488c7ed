// What there is in the village that is walked: names that hold digits and measure nothing, one of each kind of thing to open, and the states
// that a thing can be put into.

import type { FeatureCollection } from 'geojson'
import type { DeviceCollection, RoutesAnswer, StopsAnswer, VillageAnswer } from '../../contract/api.ts'
import { HOUR } from '../../contract/time.ts'
import type { TestVillage } from '../village.ts'
import { type Replacing, replacing } from './shown-classes.ts'

export interface Known {
  readonly withoutNames: Replacing
  /** Short names of routes, some of which are digits alone. */
  readonly routeNames: ReadonlySet<string>
  /** As the address names what is open. */
  readonly selections: readonly string[]
  readonly station: string
  /** Paths of pages without script. */
  readonly written: readonly string[]
}

export async function knownOf(village: TestVillage): Promise<Known> {
  const { features } = await village.get<DeviceCollection>('/api/v1/devices?limit=1000')
  const { bounds, basemap } = await village.get<VillageAnswer>('/api/v1/village')
  const named = (await Promise.all(basemap.map((path) => village.get<FeatureCollection>(path)))).flatMap(
    ({ features }) => features.map(({ properties }) => String(properties?.['name'] ?? '')),
  )
  const { stops } = await village.get<StopsAnswer>('/api/v1/transit/stops?limit=1000')
  const { stops: near } = await village.get<StopsAnswer>(
    `/api/v1/transit/stops?bbox=${bounds.join(',')}&limit=1`,
  )
  const { routes } = await village.get<RoutesAnswer>('/api/v1/transit/routes')
  const names = [
    ...named,
    ...named.map((name) => name.toUpperCase()),
    ...features.flatMap(({ id, properties }) => [id, properties.name]),
    ...stops.flatMap(({ id, name }) => [id, name]),
    ...routes.flatMap(({ shortName, longName, directions }) => [
      shortName,
      longName,
      ...directions.map(({ headsign }) => headsign),
    ]),
  ]
  const first = (
    kind: string,
    isOne: (feature: DeviceCollection['features'][number]) => boolean = () => true,
  ) => `${kind}:${features.find((feature) => feature.properties.kind === kind && isOne(feature))?.id ?? ''}`
  const stop = encodeURIComponent(near[0]?.id ?? '')
  const station = first('sensor', ({ properties }) => properties.air?.ispu.value != null)
  const gauge = first('sensor', ({ properties }) => properties.values['water_level_cm'] !== undefined)
  const bus = first('vehicle', ({ properties }) => properties.transit?.trip != null)
  return {
    // A route that is called `1` alone would take every 1 out.
    withoutNames: replacing(names.filter((name) => /\p{L}/u.test(name))),
    routeNames: new Set(routes.map(({ shortName }) => shortName)),
    station,
    selections: [first('hotspot'), station, gauge, `stop:${stop}`, bus, `route:${routes[0]?.id ?? ''}`],
    written: [
      '/',
      '/ringan',
      `/ringan?place=stop:${stop}`,
      `/ringan?place=${station.slice('sensor:'.length)}&q=1`,
      '/kiosk',
      `/kiosk?stop=${stop}`,
      '/embed',
      `/embed?place=stop:${stop}`,
      `/poster?place=stop:${stop}`,
      `/poster?place=${station.slice('sensor:'.length)}`,
      '/bagikan',
      '/privasi',
      '/cara-hitung',
    ],
  }
}

/** A hotspot in maintenance, and a station whose only reading is out of range. */
export async function putIntoStates(village: TestVillage): Promise<{ hotspot: string; doubted: string }> {
  const { features } = await village.get<DeviceCollection>('/api/v1/devices?kind=hotspot&limit=1')
  const hotspot = features[0]?.id ?? ''
  const now = Date.now()
  await fetch(`${village.http}/api/v1/maintenance`, {
    method: 'POST',
    headers: { cookie: await village.signIn(), 'content-type': 'application/json' },
    body: JSON.stringify({
      devices: [hotspot],
      from: new Date(now).toISOString(),
      to: new Date(now + HOUR).toISOString(),
      reason: 'uji',
    }),
  })
  const doubted = 'st-ragu'
  const place = ['--lat', '-6.1703', '--lon', '106.8072', '--name', 'Stasiun ragu']
  const station = await village.addDevice(doubted, 'sensor', ...place)
  const client = await village.connect(station)
  await client.publishAsync(`${station.topicPrefix}/reading`, JSON.stringify({ values: { pm2_5: 5_000 } }), {
    qos: 1,
  })
  await client.endAsync()
  return { hotspot, doubted }
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceCollection, VillageAnswer } from '../../contract/api.ts'
import { startVillage, type Village } from './harness/village.ts'

let village: Village
beforeAll(async () => {
  village = await startVillage()
})
afterAll(async () => {
  await village.stop()
})

async function collection(query: string): Promise<DeviceCollection> {
  const answer = await fetch(`${village.url}/api/v1/devices${query}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as DeviceCollection
}

describe('devices', () => {
  it('all come as a FeatureCollection in order of id', async () => {
    const { type, features, next } = await collection('')
    expect(type).toBe('FeatureCollection')
    expect(features.map((feature) => feature.id)).toEqual(['air-1', 'bus-1', 'hs-1', 'hs-2'])
    expect(next).toBeUndefined()
  })

  it.each([
    ['?kind=hotspot', ['hs-1', 'hs-2']],
    ['?kind=sensor,vehicle', ['air-1', 'bus-1']],
    ['?state=down', ['hs-2']],
    ['?kind=hotspot&state=up', ['hs-1']],
    ['?bbox=106.80,-6.175,106.81,-6.165', ['air-1', 'bus-1', 'hs-1']],
  ])('%s gives %j', async (query, ids) => {
    expect((await collection(query)).features.map((feature) => feature.id)).toEqual(ids)
  })

  it('pages by limit and cursor without losing or repeating one', async () => {
    const seen: string[] = []
    let query = '?limit=3'
    for (let page = 0; page < 3; page += 1) {
      const { features, next } = await collection(query)
      seen.push(...features.map((feature) => feature.id))
      if (next === undefined) break
      query = `?limit=3&cursor=${next}`
    }
    expect(seen).toEqual(['air-1', 'bus-1', 'hs-1', 'hs-2'])
  })

  it('that have not changed are answered by 304', async () => {
    const first = await fetch(`${village.url}/api/v1/devices`)
    const again = await fetch(`${village.url}/api/v1/devices`, {
      headers: { 'if-none-match': first.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
  })

  it('show the public a band in place of a count below five', async () => {
    const { features } = await collection('?kind=hotspot')
    const [few, many] = features.map((feature) => feature.properties.values['clients'])
    expect(few).toMatchObject({ band: '<5' })
    expect(few).not.toHaveProperty('value')
    expect(many).toMatchObject({ value: 12 })
  })

  it('show staff the count', async () => {
    const answer = await fetch(`${village.url}/api/v1/devices/hs-1`, {
      headers: { authorization: `Bearer ${village.tokens.environment}` },
    })
    expect(await answer.json()).toMatchObject({
      id: 'hs-1',
      properties: { values: { clients: { value: 3 } } },
    })
  })
})

describe('the village', () => {
  it('counts devices by kind and state', async () => {
    const answer = (await (await fetch(`${village.url}/api/v1/village`)).json()) as VillageAnswer
    expect(answer).toMatchObject({ id: 'cideng', bounds: [106.79, -6.19, 106.83, -6.15] })
    expect(answer.counts['hotspot']).toMatchObject({ up: 1, down: 1, unknown: 0 })
    expect(answer.boundary).toBe('/village/boundary.geojson')
  })
})

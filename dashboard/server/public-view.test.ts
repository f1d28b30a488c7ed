import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LiveDevice } from '../../contract/feed.ts'
import { sampleDevices, startVillage, type Village } from './harness/village.ts'

const SEED = 'SEEDED-SECRET'

/** Every member that the public may see anywhere below a device's feature, by the contract and its additions. */
const ALLOWED = new Set(
  `type id geometry properties coordinates kind name simulated state since cause lastSeen expect_every_s parent radius_m
  values air transit explain value band time flag unit ispu us-aqi eaqi category dominant completeness reason parts metric
  concentration averaging route trip direction speed bearing occupancy delay_s stale readings states
  flapping units rules version source`.split(/\s+/),
)

let village: Village
beforeAll(async () => {
  // What a later ingest may add to a device must not reach the public by itself.
  const devices = sampleDevices(Date.now()).map((device) => ({
    ...device,
    secretDigest: SEED,
    driver: { name: SEED },
    cloneSuspected: { time: Date.now(), takeovers: 6, by: SEED },
    position: device.position === null ? null : { ...device.position, address: SEED },
    values: Object.fromEntries(
      Object.entries(device.values).map(([metric, value]) => [metric, { ...value, raw: SEED }]),
    ),
    ...(device.transit === undefined ? {} : { transit: { ...device.transit, driver: SEED } }),
  })) as unknown as LiveDevice[]
  village = await startVillage({ devices })
})
afterAll(async () => {
  await village.stop()
})

/** Members that are tables: their names are those of metrics and values. */
const TABLES = new Set(['values', 'explain', 'units', 'rules'])

function membersOf(value: unknown, found: Set<string>, isValues = false): Set<string> {
  if (Array.isArray(value)) for (const item of value) membersOf(item, found)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (!isValues) found.add(name)
      membersOf(member, found, TABLES.has(name))
    }
  }
  return found
}

describe('the public view of a device', () => {
  it('has no member that is not allowed', async () => {
    const answer = (await (await fetch(`${village.url}/api/v1/devices`)).json()) as { features: unknown[] }
    const one = await (await fetch(`${village.url}/api/v1/devices/bus-1`)).json()
    const members = [...membersOf([answer.features, one], new Set())]
    expect(members.filter((name) => !ALLOWED.has(name))).toEqual([])
  })

  it('shows no secret and no count of people below five on any public route', async () => {
    const document = (await (await fetch(`${village.url}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { security?: unknown }>>
    }
    const paths = Object.entries(document.paths).filter(
      ([, methods]) => 'get' in methods && methods['get']?.security === undefined,
    )
    expect(paths.length).toBeGreaterThan(12)
    for (const [path] of paths) {
      for (const id of ['hs-1', 'bus-1', 'air-1']) {
        const answer = await fetch(village.url + path.replace(/\{\w+\}/g, id))
        const text = await answer.text()
        expect(text, path).not.toContain(SEED)
        expect(text, path).not.toMatch(/"(clients|passengers)":\{"value":[0-4][,}]/)
      }
    }
  })
})

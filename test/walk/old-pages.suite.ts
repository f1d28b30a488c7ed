// Walks the pages that the server writes while it knows little: what it knows is old, nothing was ever heard, there is no index. In a village
// whose clock is the test's.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { expect, it } from 'vitest'
import type { LiveDevice } from '../../contract/feed.ts'
import { MINUTE } from '../../contract/time.ts'
import { sampleDevices, startVillage } from '../../dashboard/server/harness/village.ts'
import { parseCsv } from '../../runtime/csv.ts'
import { writeFeed } from '../../runtime/gtfs-feed.ts'
import { SIZES } from '../browser/visitor.ts'
import { until } from '../village.ts'
import { replacing } from './shown-classes.ts'
import { faultsOn, LANGUAGES } from './walker.ts'

/** 24 November 2026, 08:00 in Jakarta. */
const EIGHT = Date.parse('2026-11-24T01:00:00Z')

/** A street of three stops, a route by headway along it. */
const PLAN = new Map(
  Object.entries({
    'agency.txt': 'agency_name,agency_timezone\nDesa,Asia/Jakarta\n',
    'stops.txt':
      'stop_id,stop_name,stop_lat,stop_lon\nA,Awal,-6.17,106.80\nB,Batas 2,-6.17,106.81\nC,Cideng,-6.17,106.82\n',
    'routes.txt': 'route_id,route_short_name,route_long_name,route_type\nR1,1A,Awal - Cideng,3\n',
    'trips.txt': 'route_id,service_id,trip_id,trip_headsign,direction_id,shape_id\nR1,D,T1,Cideng,0,S\n',
    'stop_times.txt':
      'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,05:00:00,05:00:00,A,1\nT1,05:03:00,05:03:20,B,2\nT1,05:08:00,05:08:00,C,3\n',
    'calendar.txt':
      'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,1,1,1,1,1,1,20260101,20271231\n',
    'frequencies.txt': 'trip_id,start_time,end_time,headway_secs,exact_times\nT1,05:00:00,22:00:00,600,0\n',
    'shapes.txt':
      'shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nS,-6.17,106.80,1\nS,-6.17,106.82,2\n',
  }).map(([name, text]) => [name, parseCsv(text)]),
)

const isAsItIs = (device: LiveDevice): LiveDevice => device

/** Nothing was heard of any, and no index was made. */
function silent({ since: _since, air: _air, transit: _transit, ...device }: LiveDevice): LiveDevice {
  return { ...device, since: null, state: 'unknown', lastSeen: null, values: {} }
}

/** A station that has too few hours. */
function withoutIndex(device: LiveDevice): LiveDevice {
  if (device.air === undefined) return device
  const none = Object.entries(device.air).map(([name, index]) => [
    name,
    { ...index, value: null, category: null, dominant: null, parts: [], reason: 'not_enough_hours:7' },
  ])
  return { ...device, air: Object.fromEntries(none) as LiveDevice['air'] & object }
}

const STATES = [
  ['old', isAsItIs, 20 * MINUTE],
  ['old for days', isAsItIs, 3 * 24 * 60 * MINUTE],
  ['silent', silent, 0],
  ['without an index', withoutIndex, 0],
] as const

export function walksOldPages(browser: () => Browser): void {
  it.each(STATES)('nor the pages that the server writes while all is %s', async (_name, change, age) => {
    let now = EIGHT
    const village = await startVillage({
      clock: { now: () => now, monotonicMs: () => now },
      devices: sampleDevices(EIGHT).map(change),
      gtfs(folder) {
        const path = join(folder, 'gtfs.zip')
        writeFileSync(path, writeFeed(PLAN))
        return path
      },
    })
    try {
      if (age > 0) {
        await village.feed.stop()
        now += age
        await until(async () => !(await heard(village.url)))
      }
      const known = await knownOf(village.url)
      const faults: string[] = []
      for (const language of LANGUAGES) {
        const context = await browser().newContext({
          viewport: SIZES.phone,
          locale: language === 'id' ? 'id-ID' : 'en-GB',
        })
        const page = await context.newPage()
        for (const path of known.paths) {
          await page.goto(village.url + path)
          faults.push(...(await faultsOn(page, known, path)))
        }
        if (age > 0) {
          await page.goto(`${village.url}/ringan`)
          expect(await page.locator('.warning').textContent()).toMatch(/08[.:]00 WIB/)
          await page.evaluate("document.querySelectorAll('.why').forEach((why) => why.remove())")
          expect(await faultsOn(page, known, '')).toContainEqual(expect.stringMatching(/lacks way/))
        }
        await context.close()
      }
      expect(faults).toEqual([])
    } finally {
      await village.stop()
    }
  })
}

async function heard(url: string): Promise<boolean> {
  const { feed } = (await (await fetch(`${url}/api/v1/village`)).json()) as { feed: { connected: boolean } }
  return feed.connected
}

async function knownOf(url: string) {
  const { stops } = (await (await fetch(`${url}/api/v1/transit/stops?limit=1000`)).json()) as {
    stops: readonly { id: string; name: string }[]
  }
  const { routes } = (await (await fetch(`${url}/api/v1/transit/routes`)).json()) as {
    routes: readonly { shortName: string; directions: readonly { headsign: string }[] }[]
  }
  const names = [
    ...sampleDevices(EIGHT).flatMap(({ id, name }) => [id, name]),
    ...stops.flatMap(({ id, name }) => [id, name]),
    ...routes.flatMap(({ shortName, directions }) => [
      shortName,
      ...directions.map(({ headsign }) => headsign),
    ]),
  ]
  const stop = encodeURIComponent(stops[0]?.id ?? '')
  return {
    withoutNames: replacing(names.filter((name) => /\p{L}/u.test(name))),
    routeNames: new Set<string>(),
    paths: [
      '/',
      '/ringan',
      '/ringan?place=air-1',
      `/ringan?place=stop:${stop}`,
      '/kiosk',
      `/kiosk?stop=${stop}`,
      '/embed',
      `/poster?place=stop:${stop}`,
      '/bagikan?place=',
      '/cara-hitung',
    ],
  }
}

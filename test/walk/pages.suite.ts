// Walks every page and panel in real Chromium, in both languages and in every state that data can be in: whatever holds a digit is a name, a
// word or a time, or a number with its unit, its time and a way to how it came to be (shown-classes.ts).

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { DeviceCollection, RoutesAnswer, StopsAnswer, VillageAnswer } from '../../contract/api.ts'
import { HOUR } from '../../contract/time.ts'
import { openAs } from '../browser/desk.ts'
import { live, type Resident } from '../browser/visitor.ts'
import type { TestVillage } from '../village.ts'
import { numbersOnPage } from './page-numbers.ts'
import { bareText, lacks, type Replacing, replacing } from './shown-classes.ts'

const LANGUAGES = ['id', 'en'] as const

/** Tabs beside the first view. */
const DESKS = {
  '/infrastructure': ['', 'outages', 'maintenance', 'report'],
  '/environment': ['', 'flags', 'exceedances'],
  '/system': [''],
} as const

export function walksThePages({ village, browser, open }: Resident): void {
  it.each(LANGUAGES)(
    'finds no number without unit, time and a way to its explanation: the map and its panels, %s',
    async (language) => {
      const known = await knownOf(village())
      const { context, page } = await open(`/#lang=${language}`, { size: 'desk', language })
      await live(page)
      const faults = await faultsOn(page, known, '/')
      for (const selection of known.selections) {
        await goTo(page, `sel=${selection}&lang=${language}`)
        await page
          .locator(`#detail [data-key="${selection.replace(/^(hotspot|sensor|vehicle):/, 'device:')}"]`)
          .waitFor()
        await settled(page)
        faults.push(...(await faultsOn(page, known, selection)))
      }
      expect(faults).toEqual([])
      await context.close()
    },
  )

  it.each(LANGUAGES)('nor the pages that the server writes, %s', async (language) => {
    const known = await knownOf(village())
    const { context, page } = await open('about:blank', { size: 'desk', language })
    const faults: string[] = []
    for (const path of known.written) {
      await page.goto(village().http + path)
      faults.push(...(await faultsOn(page, known, path)))
    }
    expect(faults).toEqual([])
    await context.close()
  })

  it.each(LANGUAGES)('nor the desks, on any tab, %s', async (language) => {
    const known = await knownOf(village())
    const cookie = await village().signIn()
    const faults: string[] = []
    const look = { size: 'desk', theme: 'light', language } as const
    const { context, page } = await openAs(browser(), village(), cookie, look, '/sign-in')
    for (const [path, tabs] of Object.entries(DESKS)) {
      await page.goto(`${village().http}${path}#lang=${language}`)
      await page.locator('#desk-tabs button, #system section').first().waitFor()
      for (const tab of tabs) {
        if (tab !== '') await page.locator(`#desk-tabs [data-arg=${tab}]`).click()
        await settled(page)
        faults.push(...(await faultsOn(page, known, `${path} ${tab}`)))
      }
    }
    expect(faults).toEqual([])
    await context.close()
  })

  it('nor anything that is old, cut off, doubted, not known, or in maintenance', async () => {
    const known = await knownOf(village())
    const { hotspot, doubted } = await putIntoStates(village())
    const { context, page } = await open(`/#sel=hotspot:${hotspot}`, { size: 'desk', clock: true })
    await live(page)
    await page.locator('.state-maintenance').first().waitFor()
    await settled(page)
    const faults = await faultsOn(page, known, 'in maintenance')
    await goTo(page, `sel=sensor:${doubted}`)
    await page.locator('#detail .flag').first().waitFor()
    await settled(page)
    faults.push(...(await faultsOn(page, known, 'doubted, and no index')))
    await context.setOffline(true)
    await page.clock.fastForward('20:00')
    await page.locator('.banner').first().waitFor()
    faults.push(...(await faultsOn(page, known, 'old and offline')))
    expect(faults).toEqual([])
    await context.close()
  })

  it('sees when the way or the unit of one is taken out', async () => {
    const known = await knownOf(village())
    const { context, page } = await open(`/#sel=${known.station}`, { size: 'desk' })
    await live(page)
    await page.locator('#detail table.values td.number').first().waitFor()
    await settled(page)
    expect(await faultsOn(page, known, '')).toEqual([])
    // The page draws itself anew each second: what is taken out is looked at at once, and again when the page was quicker.
    const without = (take: string): Promise<string[]> =>
      page.evaluate(take).then(() => faultsOn(page, known, ''))
    const takeWays = "document.querySelectorAll('#detail .air [data-why]').forEach((why) => why.remove())"
    await expect.poll(() => without(takeWays)).toContainEqual(expect.stringMatching(/ISPU.*lacks way/))
    const takeUnit = "document.querySelector('#detail table.values td.number').firstChild.data = '41'"
    await expect.poll(() => without(takeUnit)).toContainEqual(expect.stringMatching(/"41".*lacks unit/))
    await context.close()
  })
}

/** What is wrong with the numbers that the page shows, each fault once. */
async function faultsOn(page: Page, { withoutNames }: Known, at: string): Promise<string[]> {
  const faults = (await numbersOnPage(page)).flatMap((shown) => {
    const bare = bareText(shown.text, withoutNames)
    if (!/\d/.test(bare)) return []
    const found = lacks(shown, bare)
    const where = `${at}: "${shown.text}" (${shown.where})`
    if (found === null) return [`${where} is of no class: say in shown-classes.ts what it is`]
    return found.missing.length === 0
      ? []
      : [`${where}, a ${found.of.name}, lacks ${found.missing.join(' and ')}`]
  })
  return [...new Set(faults)]
}

/** Opens what the hash names, as Back and a pasted address do. */
async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
}

/** Until nothing says any more that it is being loaded. */
async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.locator('.is-loading:visible').count(), { timeout: 30_000 }).toBe(0)
}

interface Known {
  readonly withoutNames: Replacing
  /** As the address names what is open. */
  readonly selections: readonly string[]
  readonly station: string
  /** Paths of pages without script. */
  readonly written: readonly string[]
}

async function knownOf(village: TestVillage): Promise<Known> {
  const { features } = await village.get<DeviceCollection>('/api/v1/devices?limit=1000')
  const { bounds } = await village.get<VillageAnswer>('/api/v1/village')
  const { stops } = await village.get<StopsAnswer>('/api/v1/transit/stops?limit=1000')
  const { stops: near } = await village.get<StopsAnswer>(
    `/api/v1/transit/stops?bbox=${bounds.join(',')}&limit=1`,
  )
  const { routes } = await village.get<RoutesAnswer>('/api/v1/transit/routes')
  const names = [
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
    station,
    selections: [first('hotspot'), station, gauge, `stop:${stop}`, bus, `route:${routes[0]?.id ?? ''}`],
    written: [
      '/ringan',
      '/kiosk',
      `/kiosk?stop=${stop}`,
      '/embed',
      `/poster?place=stop:${stop}`,
      '/bagikan',
      '/privasi',
      '/cara-hitung',
    ],
  }
}

/** A hotspot in maintenance, and a station whose only reading is out of range. */
async function putIntoStates(village: TestVillage): Promise<{ hotspot: string; doubted: string }> {
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

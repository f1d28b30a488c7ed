// Every page as people meet it: on a phone and on a desk, light and dark, in Indonesian and in English. Nothing scrolls sideways,
// nothing errs, nothing is asked of another host, and axe finds nothing serious. Screenshots are kept in `artefacts/`.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVillage, type TestVillage } from '../village.ts'
import { seriousViolations } from './axe.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { artefacts, EVERY_LOOK, fits, type Look, openAs } from './desk.ts'

const PAGES = {
  map: '/',
  'sign-in': '/sign-in',
  infrastructure: '/infrastructure',
  environment: '/environment',
  system: '/system',
} as const

const visits = (Object.keys(PAGES) as (keyof typeof PAGES)[]).flatMap((page) =>
  EVERY_LOOK.map((look) => ({ page, ...look })),
)

/** By then the first live state is drawn; the socket keeps the network busy for ever, so that is no sign. */
const SETTLED_MS = 1_500

describe.runIf(hasChromium())('pages', () => {
  let village: TestVillage
  let browser: Browser
  let cookie = ''

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true })
    village = await startVillage({ PANTAU_SIMULATE: 'on' })
    browser = await launchChromium()
    cookie = await village.signIn()
  })

  afterAll(async () => {
    await browser?.close()
    await village?.dispose()
  })

  const open = (path: string, look: Look, isStaff: boolean) =>
    openAs(browser, village, isStaff ? cookie : null, look, path)

  // Side by side: most of a visit is waiting for what is live.
  it.concurrent.each(visits)('$page on a $size, $theme, in $language', async (visit) => {
    const isStaff = visit.page !== 'map' && visit.page !== 'sign-in'
    const { context, page, faults } = await open(
      `${PAGES[visit.page]}#lang=${visit.language}`,
      visit,
      isStaff,
    )
    await page.waitForTimeout(SETTLED_MS)
    expect(await page.getAttribute('html', 'lang')).toBe(visit.language)
    await fits(page, visit, visit.page)
    // The other language has the same structure, and axe takes its seconds.
    if (visit.language === 'id') expect(await seriousViolations(page)).toEqual([])
    // 503 is how a part that is behind is told, and the page shows it.
    expect(faults).toEqual([])
    await context.close()
  })

  it('says to a stranger that a desk wants a sign-in, and shows nothing of it', async () => {
    const { context, page } = await open(
      '/infrastructure',
      { size: 'desk', theme: 'light', language: 'id' },
      false,
    )
    await page.getByText(/Masuk/).first().waitFor()
    expect(await page.locator('table tbody tr').count()).toBe(0)
    await context.close()
  })

  it('lets staff in with the first password, by hand', async () => {
    const look = { size: 'phone', theme: 'light', language: 'en' } as const
    const { context, page } = await open('/sign-in#lang=en', look, false)
    const login = JSON.parse(readFileSync(join(village.dataFolder, 'first-login.json'), 'utf8')) as {
      name: string
      password: string
    }
    await page.locator('input[name=name], input[autocomplete=username]').first().fill(login.name)
    await page.locator('input[type=password]').first().fill(login.password)
    await page.locator('button[type=submit]').first().click()
    await page.waitForURL((url) => url.pathname !== '/sign-in')
    await context.close()
  })

  it('moves: a bus on the map is elsewhere after a while', async () => {
    const places = async (): Promise<string> =>
      JSON.stringify(
        (
          await village.get<{ features: { geometry: { coordinates: number[] } }[] }>(
            '/api/v1/transit/vehicles',
          )
        ).features.map((feature) => feature.geometry.coordinates),
      )
    const before = await places()
    await expect.poll(places, { timeout: 30_000 }).not.toBe(before)
  })
})

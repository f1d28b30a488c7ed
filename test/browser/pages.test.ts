// Every page as people meet it: on a phone and on a desk, light and dark, in Indonesian and in English. Nothing scrolls sideways,
// nothing errs, nothing is asked of another host, and axe finds nothing serious. Screenshots are kept in `artefacts/`.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, startVillage, type TestVillage } from '../village.ts'
import { seriousViolations } from './axe.ts'
import { hasChromium, launchChromium } from './chromium.ts'

const SIZES = {
  phone: { width: 360, height: 640 },
  desk: { width: 1280, height: 800 },
} as const
const THEMES = ['light', 'dark'] as const
const LANGUAGES = ['id', 'en'] as const
const PAGES = {
  map: '/',
  'sign-in': '/sign-in',
  infrastructure: '/infrastructure',
  environment: '/environment',
  system: '/system',
} as const

const visits = (Object.keys(PAGES) as (keyof typeof PAGES)[]).flatMap((page) =>
  (Object.keys(SIZES) as (keyof typeof SIZES)[]).flatMap((size) =>
    THEMES.flatMap((theme) => LANGUAGES.map((language) => ({ page, size, theme, language }))),
  ),
)

/** By then the first live state is drawn; the socket keeps the network busy for ever, so that is no sign. */
const SETTLED_MS = 1_500

const artefacts = join(root, 'artefacts')

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

  async function open(
    { size, theme, language }: Pick<(typeof visits)[number], 'size' | 'theme' | 'language'>,
    signedIn: boolean,
  ): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
    const context = await browser.newContext({
      viewport: SIZES[size],
      colorScheme: theme,
      hasTouch: size === 'phone',
      locale: language === 'id' ? 'id-ID' : 'en-GB',
    })
    if (signedIn) {
      const { hostname } = new URL(village.http)
      const cookies = cookie.split('; ').map((pair) => pair.split(/=(.*)/s))
      await context.addCookies(
        cookies.map(([name = '', value = '']) => ({ name, value, domain: hostname, path: '/' })),
      )
    }
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', (message) => {
      // 503 is how a part that is behind is told, and the page shows it.
      const isTold = message.location().url.endsWith('/readyz')
      if (message.type() === 'error' && !isTold)
        faults.push(`console: ${message.text()} ${message.location().url}`)
    })
    page.on('pageerror', (error) => faults.push(`page: ${error.message}`))
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && url.origin !== village.http)
        faults.push(`another host: ${url.href}`)
    })
    return { context, page, faults }
  }

  // Side by side: most of a visit is waiting for what is live.
  it.concurrent.each(visits)('$page on a $size, $theme, in $language', async (visit) => {
    const { context, page, faults } = await open(visit, visit.page !== 'map' && visit.page !== 'sign-in')
    await page.goto(`${village.http}${PAGES[visit.page]}#lang=${visit.language}`)
    await page.waitForTimeout(SETTLED_MS)
    expect(await page.getAttribute('html', 'lang')).toBe(visit.language)
    await page.screenshot({
      path: join(artefacts, `${visit.page}-${visit.size}-${visit.theme}-${visit.language}.png`),
    })
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    expect(overflow).toBeLessThanOrEqual(0)
    // The other language has the same structure, and axe takes its seconds.
    if (visit.language === 'id') expect(await seriousViolations(page)).toEqual([])
    expect(faults).toEqual([])
    await context.close()
  })

  it('says to a stranger that a desk wants a sign-in, and shows nothing of it', async () => {
    const { context, page } = await open({ size: 'desk', theme: 'light', language: 'id' }, false)
    await page.goto(`${village.http}/infrastructure`)
    await page.getByText(/Masuk/).first().waitFor()
    expect(await page.locator('table tbody tr').count()).toBe(0)
    await context.close()
  })

  it('lets staff in with the first password, by hand', async () => {
    const { context, page } = await open({ size: 'phone', theme: 'light', language: 'en' }, false)
    const login = JSON.parse(readFileSync(join(village.dataFolder, 'first-login.json'), 'utf8')) as {
      name: string
      password: string
    }
    await page.goto(`${village.http}/sign-in#lang=en`)
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

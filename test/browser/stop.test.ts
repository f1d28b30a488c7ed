// A resident at a stop: what comes, between when and when, from which vehicle, in one press; and staff see whether buses bunch. In real
// Chromium over a simulated village, on a phone and on a desk, light and dark. Screenshots are kept in `artefacts/`.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArrivalsAnswer, StopsAnswer } from '../../contract/api.ts'
import { root, startVillage, type TestVillage, until } from '../village.ts'
import { hasChromium, launchChromium } from './chromium.ts'

const SIZES = { phone: { width: 360, height: 640 }, desk: { width: 1280, height: 800 } } as const

const artefacts = join(root, 'artefacts')

describe.runIf(hasChromium())('a stop', () => {
  let village: TestVillage
  let browser: Browser
  let stop = ''

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true })
    village = await startVillage({ PANTAU_SIMULATE: 'on' })
    browser = await launchChromium()
    const { stops } = await village.get<StopsAnswer>(
      '/api/v1/transit/stops?bbox=106.8,-6.185,106.815,-6.165&limit=100',
    )
    // One to which a vehicle is on its way, and for some minutes.
    await until(async () => {
      for (const { id } of stops) {
        const { arrivals } = await village.get<ArrivalsAnswer>(`/api/v1/transit/stops/${id}/arrivals`)
        const live = arrivals.find(({ vehicle }) => vehicle !== undefined)
        if (live?.predicted === undefined || live.waiting === true) continue
        if (Date.parse(live.predicted) - Date.now() < 180_000) continue
        stop = id
        return true
      }
      return false
    })
  })

  afterAll(async () => {
    await browser?.close()
    await village?.dispose()
  })

  async function open(
    size: keyof typeof SIZES,
    theme: 'light' | 'dark',
    language: 'id' | 'en',
    hash: string,
    cookie = '',
  ): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({
      viewport: SIZES[size],
      colorScheme: theme,
      hasTouch: size === 'phone',
      locale: language === 'id' ? 'id-ID' : 'en-GB',
    })
    if (cookie !== '') {
      const pairs = cookie.split('; ').map((pair) => pair.split(/=(.*)/s))
      const { hostname } = new URL(village.http)
      await context.addCookies(
        pairs.map(([name = '', value = '']) => ({ name, value, domain: hostname, path: '/' })),
      )
    }
    const page = await context.newPage()
    await page.goto(`${village.http}/#lang=${language}&sel=${hash}`)
    return { context, page }
  }

  it.each([
    ['phone', 'light', 'id', /menit|segera tiba/i],
    ['phone', 'dark', 'en', /min|arriving now/i],
    ['desk', 'light', 'en', /min|arriving now/i],
    ['desk', 'dark', 'id', /menit|segera tiba/i],
  ] as const)(
    'tells what comes, and one press shows the vehicle (%s, %s, %s)',
    async (size, theme, language, minutes) => {
      const { context, page } = await open(size, theme, language, `stop:${stop}`)
      const coming = page.locator('.arrivals button.arrival-text').first()
      await coming.waitFor()
      expect(await coming.locator('.arrival-main').textContent()).toMatch(minutes)
      await page.screenshot({ path: join(artefacts, `stop-${size}-${theme}-${language}.png`) })
      await coming.click()
      await page.locator('.stop-list .stop-wait').first().waitFor()
      expect(page.url()).toContain('sel=vehicle')
      expect(await page.locator('.stop-list .stop-wait').first().textContent()).toMatch(minutes)
      expect(await page.locator('#detail .age').textContent()).not.toBe('')
      await page.screenshot({ path: join(artefacts, `vehicle-${size}-${theme}-${language}.png`) })
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      expect(overflow).toBeLessThanOrEqual(0)
      await context.close()
    },
  )

  it('prints no clock time as timetabled: every route of the village runs by headway', async () => {
    const { context, page } = await open('desk', 'light', 'en', `stop:${stop}`)
    await page.locator('.arrivals li').first().waitFor()
    const text = (await page.locator('.arrivals').textContent()) ?? ''
    expect(text).not.toMatch(/\b\d{1,2}[:.]\d\d\b|Timetable/)
    await context.close()
  })

  it('explains an arrival down to the fix of the vehicle', async () => {
    const { context, page } = await open('phone', 'light', 'en', `stop:${stop}`)
    const row = page.locator('.arrivals li', { has: page.locator('button.arrival-text') }).first()
    await row.locator('.why').click()
    const dialog = page.locator('dialog.explanation')
    await dialog.locator('.why-inputs').waitFor()
    expect(await dialog.textContent()).toMatch(/Last seen[\s\S]*Earliest[\s\S]*Latest/)
    await page.screenshot({ path: join(artefacts, 'arrival-explained-phone.png') })
    await context.close()
  })

  it('shows to staff how evenly the vehicles of a route come', async () => {
    const cookie = await village.signIn()
    const { arrivals } = await village.get<ArrivalsAnswer>(`/api/v1/transit/stops/${stop}/arrivals`)
    const route = arrivals.find(({ vehicle }) => vehicle !== undefined)?.route ?? ''
    const { context, page } = await open('desk', 'light', 'en', `route:${encodeURIComponent(route)}`, cookie)
    await page.locator('.headways').first().waitFor()
    await page.screenshot({ path: join(artefacts, 'route-desk-staff.png') })
    await context.close()
    const public_ = await open('desk', 'light', 'en', `route:${encodeURIComponent(route)}`)
    await public_.page.locator('.stop-list').first().waitFor()
    expect(await public_.page.locator('.headways').count()).toBe(0)
    await public_.context.close()
  })
})

// The infrastructure desk as staff use it: a hotspot that fails is explained in two presses down to its readings, taken on, worked on, and
// reported; and the public sees the same explanation. `SHOTS=all` keeps pictures of every view in both languages, themes and sizes.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, startVillage, type TestVillage, until } from '../village.ts'
import { hasChromium, launchChromium } from './chromium.ts'

interface Look {
  readonly size: 'phone' | 'desk'
  readonly theme: 'light' | 'dark'
  readonly language: 'id' | 'en'
}

const SIZES = { phone: { width: 360, height: 640 }, desk: { width: 1280, height: 800 } } as const
const LOOKS: readonly Look[] =
  process.env['SHOTS'] === 'all'
    ? (['phone', 'desk'] as const).flatMap((size) =>
        (['light', 'dark'] as const).flatMap((theme) =>
          (['id', 'en'] as const).map((language) => ({ size, theme, language })),
        ),
      )
    : [{ size: 'phone', theme: 'dark', language: 'id' }]

const artefacts = join(root, 'artefacts')
const HOTSPOT = 'hs-uji'
const DESK: Look = { size: 'desk', theme: 'light', language: 'en' }

describe.runIf(hasChromium())('the infrastructure desk', () => {
  let village: TestVillage
  let browser: Browser
  let cookie = ''

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true })
    village = await startVillage({ PANTAU_SIMULATE: 'on' })
    browser = await launchChromium()
    cookie = await village.signIn()
    const credentials = await village.addDevice(HOTSPOT, 'hotspot', '--name', 'Titik Uji')
    const client = await village.connect(credentials)
    const report = (values: object) =>
      client.publishAsync(`${credentials.topicPrefix}/reading`, JSON.stringify({ values }), { qos: 1 })
    await report({ up: 1, latency_ms: 21, loss_pct: 0, rssi_dbm: -61, clients: 7 })
    await report({ up: 0 })
    await until(async () => (await stateOf()) === 'down')
    await client.endAsync()
  })

  afterAll(async () => {
    await browser?.close()
    await village?.dispose()
  })

  async function stateOf(): Promise<string | null> {
    const answer = await fetch(`${village.http}/api/v1/devices/${HOTSPOT}`)
    if (!answer.ok) return null
    return ((await answer.json()) as { properties: { state: string } }).properties.state
  }

  async function open(
    look: Look,
    path: string,
    isStaff = true,
  ): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({
      viewport: SIZES[look.size],
      colorScheme: look.theme,
      hasTouch: look.size === 'phone',
      locale: look.language === 'id' ? 'id-ID' : 'en-GB',
    })
    if (isStaff) {
      const { hostname } = new URL(village.http)
      const pairs = cookie.split('; ').map((pair) => pair.split(/=(.*)/s))
      await context.addCookies(
        pairs.map(([name = '', value = '']) => ({ name, value, domain: hostname, path: '/' })),
      )
    }
    const page = await context.newPage()
    await page.goto(`${village.http}${path}`)
    return { context, page }
  }

  const rowOf = (page: Page) => page.locator(`#table tr[data-key="${HOTSPOT}"]`)
  const tab = (page: Page, name: string) => page.locator(`#desk-tabs [data-arg="${name}"]`)
  const picture = (page: Page, { size, theme, language }: Look, view: string) =>
    page.screenshot({ path: join(artefacts, `infrastructure-${view}-${size}-${theme}-${language}.png`) })

  it('explains a state in two presses, down to the raw readings', async () => {
    const { context, page } = await open(DESK, '/infrastructure#lang=en')
    await rowOf(page).locator('.state-column .why').click()
    const dialog = page.locator('dialog.explanation[open]')
    await dialog.getByText('Device reported no internet').waitFor()
    expect(await dialog.getByText(/Pantau rule B2/).count()).toBe(1)
    await dialog.getByRole('button', { name: 'Show raw readings' }).click()
    await dialog.locator('.raw-readings tbody tr').first().waitFor()
    expect(await dialog.locator('.raw-readings tbody tr').count()).toBe(4)
    await page.keyboard.press('Escape')
    expect(await dialog.count()).toBe(0)
    await context.close()
  })

  it('lists the outage with its cause, and takes it on with a note', async () => {
    const { context, page } = await open(DESK, '/infrastructure#lang=en')
    await tab(page, 'outages').click()
    const row = page.locator(`#panel tr[data-key^="${HOTSPOT}."]`)
    await row.getByText('The device cannot reach the internet').waitFor()
    await row.getByRole('button', { name: 'Acknowledge' }).click()
    await page.locator('#ack-note').fill('teknisi di jalan')
    await page.locator('#ack-dialog button[value=ack]').click()
    await row.getByText('teknisi di jalan').waitFor()
    await row.getByText(/Acknowledged by admin/).waitFor()
    await page.getByRole('button', { name: 'Only those that last' }).click()
    await row.getByText('lasting').waitFor()
    await context.close()
  })

  it('announces maintenance of a hotspot, and undoes it', async () => {
    const { context, page } = await open(DESK, '/infrastructure#lang=en')
    await rowOf(page).getByRole('button', { name: 'Titik Uji' }).click()
    await page.locator('#detail [data-act=maintain]').click()
    const dialog = page.locator('#maintenance-dialog')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Give the reason.').waitFor()
    await dialog.locator('textarea').fill('ganti antena')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.locator('#panel').getByText('Maintenance announced: Titik Uji.').waitFor()
    await until(async () => (await stateOf()) === 'maintenance')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('#panel').getByText('No maintenance now or to come.').waitFor()
    await until(async () => (await stateOf()) === 'down')
    await context.close()
  })

  it('reports a period, as a table and as CSV', async () => {
    const { context, page } = await open(DESK, '/infrastructure#lang=en')
    await tab(page, 'report').click()
    await page.locator('#panel tr[data-key=total]').waitFor()
    const href = await page.locator('#panel a[download]').getAttribute('href')
    const csv = await page.evaluate<string>(`fetch(${JSON.stringify(href)}).then((answer) => answer.text())`)
    expect(csv.split('\r\n')[0]).toMatch(/^from,to,id,name,/)
    expect(csv.split('\r\n').length - 2).toBe((await page.locator('#panel tbody tr').count()) - 1)
    await context.close()
  })

  it('explains a hotspot to residents in two presses', async () => {
    const { context, page } = await open(
      { size: 'phone', theme: 'light', language: 'id' },
      `/#sel=hotspot:${HOTSPOT}&lang=id`,
      false,
    )
    await page.locator('#detail .state-line .why').click()
    const dialog = page.locator('dialog.explanation[open]')
    await dialog.getByRole('button', { name: 'Lihat data mentah' }).click()
    await dialog.locator('.raw-readings tbody tr').first().waitFor()
    await picture(page, { size: 'phone', theme: 'light', language: 'id' }, 'public-why')
    await context.close()
  })

  it.each(LOOKS)('fits on a $size, $theme, in $language', async (look) => {
    const { context, page } = await open(look, `/infrastructure#lang=${look.language}`)
    const fits = async (view: string): Promise<void> => {
      await picture(page, look, view)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      expect([view, overflow <= 0]).toEqual([view, true])
    }
    await rowOf(page).locator('.strip').first().waitFor()
    await fits('hotspots')
    await rowOf(page).locator('[data-act=select]').click()
    await page.locator('#detail .strip').waitFor()
    await fits('detail')
    await page.locator('#detail [data-why*="value=availability"]').click()
    await page.locator('dialog.explanation .why-inputs').waitFor()
    await fits('why')
    await page.keyboard.press('Escape')
    await page.locator('#detail [data-act=maintain]').click()
    await fits('maintenance-form')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    for (const name of ['outages', 'maintenance', 'report']) {
      await tab(page, name).click()
      await page.locator('#panel :is(.desk-rows, .notice):not([role=status])').first().waitFor()
      await fits(name)
    }
    await context.close()
  })
})

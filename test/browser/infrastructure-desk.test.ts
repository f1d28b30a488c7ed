// The infrastructure desk as staff use it: a hotspot that fails is explained in two presses down to its readings, taken on, worked on, and
// reported; and the public sees the same explanation. The hotspots are the village's own, and report what the tests want.

import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVillage, type TestVillage, until } from '../village.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { coverage } from './coverage.suite.ts'
import { artefacts, fits, LOOKS, ON_A_DESK, openAs, reportAs, tab, tableRow } from './desk.ts'
import { type InfrastructureDesk, statements } from './infrastructure-desk.suite.ts'

const HOTSPOT = 'hs-halte-kapuas'
const NAME = 'Halte Jalan Kapuas'
const DOWN = { up: 0 }
const UP = { up: 1, latency_ms: 21, loss_pct: 0, rssi_dbm: -61, clients: 7 }
const poor = (loss_pct: number) => Array.from({ length: 3 }, () => ({ ...UP, loss_pct }))

/** Twelve, in the order of their reports; what each is shown as follows from them. */
const HOTSPOTS: readonly (readonly [string, readonly Readonly<Record<string, number>>[]])[] = [
  ['uplink-utara', [UP, DOWN]],
  ['hs-itc-roxy-lobi', [DOWN]],
  ['hs-sdn-cideng-10', [DOWN]],
  [HOTSPOT, [UP, DOWN]],
  ['hs-halte-ciujung', [DOWN]],
  ['hs-halte-petojo-selatan', poor(6)],
  ['hs-halte-batang-hari', poor(12)],
  ['hs-rsud-tarakan-lobi', []],
  ['hs-balai-rw-04', []],
  ['hs-kelurahan-cideng', [UP]],
  ['hs-rptra-cideng', [UP]],
  ['hs-puskesmas-cideng', [DOWN, UP]],
]

describe.runIf(hasChromium())('the infrastructure desk', () => {
  let village: TestVillage
  let browser: Browser
  let cookie = ''

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true })
    village = await startVillage()
    browser = await launchChromium()
    cookie = await village.signIn()
    for (const [id, reports] of HOTSPOTS) await reportAs(village, id, reports)
    await until(async () => (await stateOf('hs-puskesmas-cideng')) === 'up')
  })

  afterAll(async () => {
    await browser?.close()
    await village?.dispose()
  })

  async function stateOf(id = HOTSPOT): Promise<string | null> {
    const answer = await fetch(`${village.http}/api/v1/devices/${id}`)
    if (!answer.ok) return null
    return ((await answer.json()) as { properties: { state: string } }).properties.state
  }

  const open: InfrastructureDesk['open'] = (path, look = ON_A_DESK, isStaff = true) =>
    openAs(browser, village, isStaff ? cookie : null, look, path)

  const desk: InfrastructureDesk = { open, get: (path) => village.get(path, cookie), stateOf }
  describe('by the statements of the interface', () => statements(desk))
  describe('where there is no coverage', () => coverage(desk))

  it('explains a state in two presses, down to the raw readings', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    await tableRow(page, HOTSPOT).locator('.state-column .why').click()
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
    const { context, page } = await open('/infrastructure#lang=en')
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

  it('folds what failed with its parent under it: one cause, not three outages', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    const child = tableRow(page, 'hs-sdn-cideng-10')
    const gate = tableRow(page, 'uplink-utara').getByRole('button', { name: '1 cause, 2 hotspots affected' })
    await gate.waitFor()
    expect(await child.count()).toBe(0)
    await gate.click()
    await child.getByText('Cideng Utara').waitFor()
    await tab(page, 'outages').click()
    const outage = page.locator('#panel tr[data-key^="uplink-utara."]')
    await outage.getByRole('button', { name: '1 cause, 2 hotspots affected' }).waitFor()
    const below = page.locator('#panel tr.is-below', { hasText: 'SDN Cideng 10' })
    expect(await page.locator('#panel').getByText('SDN Cideng 10').count()).toBe(0)
    await outage.locator('.fold').press('Enter')
    await below.getByText('Cideng Utara').waitFor()
    await context.close()
  })

  it('says that a hotspot goes up and down again and again, and by which rule', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    // Twenty turns take twenty minutes: the word of it is put into what the server sends.
    await page.routeWebSocket(/socket\.io/, (socket) => {
      const server = socket.connectToServer()
      server.onMessage((message) =>
        socket.send(
          typeof message === 'string'
            ? message.replaceAll('"cause":"probe"', '"cause":"probe","flapping":true')
            : message,
        ),
      )
    })
    await page.reload()
    await tableRow(page, HOTSPOT).getByText('Goes up and down').waitFor()
    await tableRow(page, HOTSPOT)
      .getByText('At 30% of 21 states changing it begins, at 20% it ends.')
      .waitFor()
    expect(await tableRow(page, 'hs-rptra-cideng').locator('.flap').count()).toBe(0)
    await context.close()
  })

  it('answers on the first screen which are down, since when, why, and how good the month was', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    const row = tableRow(page, HOTSPOT)
    await row.getByText('The device cannot reach the internet').waitFor()
    await page.locator('#kpi [data-act=monthReport]').getByText(/%/).first().waitFor()
    const seen = await Promise.all(
      [row, page.locator('#kpi [data-act=monthReport]')].map((part) => part.boundingBox()),
    )
    for (const box of seen) expect((box?.y ?? 800) + (box?.height ?? 0)).toBeLessThanOrEqual(800)
    const texts = await row.allInnerTexts()
    expect(texts.join(' ').replaceAll(/\s+/g, ' ')).toMatch(
      /Down .*cannot reach the internet.* \d\d:\d\d WIB/,
    )
    await context.close()
  })

  it('has its view in the address: a link shows the same, and Back goes back', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    await page.locator('#kpi [data-arg=down]').click()
    await tableRow(page, HOTSPOT).getByRole('button', { name: NAME }).click()
    await page.locator('#detail #detail-title').waitFor()
    await tab(page, 'report').click()
    await page.locator('[data-change=reportPeriod]').selectOption('30d')
    await page.locator('[data-change=reportTarget]').selectOption('99.9')
    await page.locator('#panel tr[data-key=total]').waitFor()
    const link = new URL(page.url())
    expect(link.hash).toBe(`#sel=hotspot:${HOTSPOT}&state=down&tab=report&from=-30d&target=99.9&lang=en`)
    const other = await open(`/infrastructure${link.hash}`)
    await other.page.locator('#panel tr[data-key=total]').waitFor()
    expect(await other.page.locator('[data-change=reportPeriod]').inputValue()).toBe('30d')
    expect(await other.page.locator('[data-change=reportTarget]').inputValue()).toBe('99.9')
    await tab(other.page, 'hotspots').click()
    await other.page.locator('#detail').getByText(NAME).waitFor()
    expect(await other.page.locator('#kpi [data-arg=down]').getAttribute('aria-pressed')).toBe('true')
    await other.context.close()
    await page.goBack()
    await page.locator('#detail').getByText(NAME).waitFor()
    await page.goBack()
    await page.locator('#detail').waitFor({ state: 'hidden' })
    await tableRow(page, HOTSPOT).waitFor()
    await context.close()
  })

  it('announces maintenance of a hotspot, and undoes it', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    await tableRow(page, HOTSPOT).getByRole('button', { name: NAME }).click()
    await page.locator('#detail [data-act=maintain]').click()
    const dialog = page.locator('#maintenance-dialog')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Give the reason.').waitFor()
    await dialog.locator('textarea').fill('ganti antena')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.locator('#panel').getByText(`Maintenance announced: ${NAME}.`).waitFor()
    await until(async () => (await stateOf()) === 'maintenance')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('#panel .done-line').waitFor({ state: 'detached' })
    await until(async () => (await stateOf()) === 'down')
    await context.close()
  })

  it('explains a hotspot to residents in two presses', async () => {
    const look = { size: 'phone', theme: 'light', language: 'id' } as const
    const { context, page } = await open(`/#sel=hotspot:${HOTSPOT}&lang=id`, look, false)
    await page.locator('#detail .state-line .why').click()
    const dialog = page.locator('dialog.explanation[open]')
    await dialog.getByRole('button', { name: 'Lihat data mentah' }).click()
    await dialog.locator('.raw-readings tbody tr').first().waitFor()
    await fits(page, look, 'infrastructure-public-why')
    await context.close()
  })

  it.each(LOOKS)('fits on a $size, $theme, in $language', async (look) => {
    const { context, page } = await open(`/infrastructure#lang=${look.language}`, look)
    const shows = (view: string): Promise<void> => fits(page, look, `infrastructure-${view}`)
    await tableRow(page, HOTSPOT).locator('.strip').first().waitFor()
    await shows('hotspots')
    await tableRow(page, HOTSPOT).locator('[data-act=select]').click()
    await page.locator('#detail .strip').waitFor()
    await shows('detail')
    await page.locator('#detail [data-why*="value=availability"]').click()
    await page.locator('dialog.explanation .why-inputs').waitFor()
    await shows('why')
    await page.keyboard.press('Escape')
    await page.locator('#detail [data-act=maintain]').click()
    await shows('maintenance-form')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    for (const name of ['outages', 'maintenance', 'coverage', 'report']) {
      await tab(page, name).click()
      await page.locator('#panel :is(.desk-rows, .notice):not([role=status])').first().waitFor()
      await shows(name)
    }
    await context.close()
  })
})

// The environment desk as an officer uses it: a sensor that lies is named with the test and since when, readings are flagged by hand and
// taken back with the index following, exceedances are listed and taken away, and from a station two presses lead to the readings
// behind its index. `SHOTS=all` keeps pictures of every view in both languages, themes and sizes.

import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditAnswer, FlagsAnswer } from '../../contract/api-staff.ts'
import type { TransferRow } from '../../contract/feed.ts'
import { HOUR, MINUTE } from '../../contract/time.ts'
import { openFeed } from '../../runtime/feed-client.ts'
import { runCommand, startVillage, type TestVillage, until } from '../village.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { artefacts, fits, LOOKS, type Look, ON_A_DESK, openAs, tab, tableRow } from './desk.ts'
import { A4_PT, pdfPages } from './pdf.ts'
import type { Visit } from './visitor.ts'

const STATION = 'env-uji'

/** Two days of minutes at about 80 µg/m³: stuck for the last five hours, with one reading of 600 half a day ago. */
function past(now: number): TransferRow[] {
  return Array.from({ length: 48 * 60 }, (_, minute): TransferRow => {
    const time = now - (48 * 60 - minute) * MINUTE
    const isStuck = time >= now - 5 * HOUR
    const isSpike = minute === 36 * 60
    const pm2_5 = isStuck ? 77 : isSpike ? 600 : 80 + (minute % 7)
    return { kind: 'sensor', device: STATION, time, values: { pm2_5, temperature: 28 + (minute % 30) / 10 } }
  })
}

describe.runIf(hasChromium())('the environment desk', () => {
  let village: TestVillage
  let browser: Browser
  let cookie = ''

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true })
    village = await startVillage()
    browser = await launchChromium()
    cookie = await village.signIn()
    await village.addDevice(
      STATION,
      'sensor',
      '--name',
      'Balai RW 3',
      '--lat',
      '-6.1705',
      '--lon',
      '106.8075',
    )
    await until(async () => (await fetch(`${village.http}/api/v1/devices/${STATION}`)).ok)
    await openFeed(village.dataFolder).importRows(past(Math.floor(Date.now() / MINUTE) * MINUTE))
    await until(async () => {
      const { flags } = await village.get<FlagsAnswer>(`/api/v1/flags?device=${STATION}`, cookie)
      return ['spike', 'stuck'].every((name) => flags.some(({ flag }) => flag === name))
    })
    await until(async () => (await ispu()) !== null)
  })

  afterAll(async () => {
    await browser?.close()
    await village?.dispose()
  })

  async function ispu(): Promise<number | null> {
    const path = '/api/v1/air/stations?index=ispu'
    const { stations } = await village.get<{ stations: { id: string; value: number | null }[] }>(path)
    return stations.find(({ id }) => id === STATION)?.value ?? null
  }

  const open = (path: string, look: Look = ON_A_DESK, isStaff = true): Promise<Visit> =>
    openAs(browser, village, isStaff ? cookie : null, look, path)

  it('names the test that doubts a sensor, and since when', async () => {
    const { context, page } = await open('/environment#lang=en')
    const row = tableRow(page, STATION)
    await row.getByText(/PM2.5: value does not change, since/).waitFor()
    await row.getByRole('button', { name: 'Balai RW 3' }).click()
    await page.locator('#detail .doubts').getByText('suspect: kept in means').waitFor()
    await context.close()
  })

  it('leads the public from a station to the readings behind its index in two presses', async () => {
    const { context, page } = await open(`/#lang=en&sel=sensor:${STATION}`, ON_A_DESK, false)
    await page.locator('.air .why.is-readings').waitFor()
    await fits(page, ON_A_DESK, 'environment-public-station')
    await page.locator('.air .why.is-readings').click()
    const dialog = page.locator('dialog.explanation[open]')
    await dialog.locator('.raw-readings tbody tr').first().waitFor()
    await dialog
      .getByText(/P.14\/2020/)
      .first()
      .waitFor()
    expect(await dialog.locator('.why-inputs tbody tr').count()).toBeGreaterThan(24)
    await fits(page, ON_A_DESK, 'environment-public-readings')
    await context.close()
  })

  it('flags readings by hand, which takes them out of the index, and takes the flag back', async () => {
    const before = await ispu()
    const { context, page } = await open('/environment#lang=en')
    await tab(page, 'flags').click()
    await page.locator('#panel').getByText('bad: left out of means').first().waitFor()
    await page.getByRole('button', { name: 'Flag readings...' }).click()
    const form = page.locator('#flag-dialog form')
    await form.locator('[name=metric]').selectOption('pm2_5')
    const to = await form.locator('[name=to]').inputValue()
    const from = new Date(Date.parse(`${to}Z`) - 30 * HOUR).toISOString().slice(0, 16)
    await form.locator('[name=to]').fill(from)
    await form.getByRole('button', { name: 'Flag', exact: true }).click()
    await form.getByText('To must lie after from.').waitFor()
    await form.locator('[name=from]').fill(from)
    await form.locator('[name=to]').fill(to)
    await form.locator('[name=note]').fill('sate di bawah sensor')
    await form.getByRole('button', { name: 'Flag', exact: true }).click()
    const row = page.locator('#panel tr', { hasText: 'sate di bawah sensor' })
    await row.getByText('admin').waitFor()
    await until(async () => (await ispu()) === null)
    await page.getByRole('button', { name: 'Undo' }).click()
    await row.waitFor({ state: 'detached' })
    await until(async () => (await ispu()) === before)
    await context.close()
  })

  it('sets a flag again that was taken back, and all of it stands in the audit log', async () => {
    const { context, page } = await open('/environment#lang=en&tab=flags&only=hand')
    await page.getByText('No flags.').waitFor()
    await page.getByRole('button', { name: 'Flag readings...' }).click()
    const form = page.locator('#flag-dialog form')
    await form.locator('[name=metric]').selectOption('temperature')
    await form.locator('[name=note]').fill('matahari')
    await form.getByRole('button', { name: 'Flag', exact: true }).click()
    const row = page.locator('#panel tr', { hasText: 'matahari' })
    await row.getByRole('button', { name: 'Take back' }).click()
    await row.waitFor({ state: 'detached' })
    await page.getByText('Flag taken back: Balai RW 3, Temperature.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await row.getByText(/admin, \d\d:\d\d WIB/).waitFor()
    await row.getByRole('button', { name: 'Take back' }).click()
    await row.waitFor({ state: 'detached' })
    const { entries } = await village.get<AuditAnswer>('/api/v1/audit?limit=4', cookie)
    expect(entries.map(({ who, what, result }) => `${who} ${what} ${result}`)).toEqual([
      'admin flag.remove done',
      'admin flag.add done',
      'admin flag.remove done',
      'admin flag.add done',
    ])
    await context.close()
  })

  it('38: lists days over the limit, gives them as CSV, and prints them on A4', async () => {
    const { context, page } = await open('/environment#lang=en&tab=exceedances&standard=who&from=-30d')
    expect(await page.locator('[data-change=exceedStandard]').inputValue()).toBe('who')
    await page.locator('[data-change=exceedStandard]').selectOption('pp22')
    await page.locator('#panel table').first().getByText('Balai RW 3').first().waitFor()
    expect(new URL(page.url()).hash).toBe('#tab=exceedances&from=-30d&lang=en')
    const href = await page.locator('#panel a[download]').getAttribute('href')
    const csv = await (await context.request.get(`${village.http}${href}`)).text()
    expect(csv).toMatch(/\r\npp22,env-uji,Balai RW 3,pm2_5,24h,/)
    const [first, ...more] = pdfPages(await page.pdf({ preferCSSPageSize: true }))
    expect([first?.widthPt ?? 0, first?.heightPt ?? 0].sort((a, b) => a - b).map(Math.round)).toEqual(A4_PT)
    expect(first?.text).toContain('Overthelimit,PP22/2021·Cideng')
    const whole = [first, ...more].map((one) => one?.text).join('')
    for (const part of ['BalaiRW3', 'Enoughdata:', 'Made', 'Asia/Jakarta(WIB)', 'standard=pp22'])
      expect(whole).toContain(part)
    await context.close()
  })

  it('has the same flags after ingest was killed, and after all was judged anew', async () => {
    const list = async (): Promise<string[]> => {
      const { flags } = await village.get<FlagsAnswer>(`/api/v1/flags?device=${STATION}&limit=1000`, cookie)
      return flags.map(({ id, from, to, quality }) => `${id} ${from} ${to} ${quality}`)
    }
    const before = await list()
    await village.killPart('ingest')
    await until(async () => (await list().catch(() => [])).length > 0)
    expect(await list()).toEqual(before)
    const period = [new Date(Date.now() - 72 * HOUR), new Date()].map((time) => time.toISOString())
    const [from = '', to = ''] = period
    const { code, stdout } = await runCommand(['recompute', '--from', from, '--to', to], {
      PANTAU_DATA: village.dataFolder,
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^(48|49) hours of sensors judged anew: 0 flags set, 0 no longer given, 0 of older/,
    )
    expect(await list()).toEqual(before)
  })

  it.each(LOOKS)('reads well on a $size, $theme, in $language', async (look) => {
    const { context, page } = await open(`/environment#lang=${look.language}`, look)
    const views = {
      stations: async () => page.locator(`#table tr[data-key="${STATION}"] .flag`).first().waitFor(),
      detail: async () => {
        await page.locator(`#table [data-arg="${STATION}"]`).click()
        await page.locator('#detail .doubts').waitFor()
      },
      plot: async () => {
        await page.locator('#detail .plot canvas').waitFor()
        await page.locator('#detail .plot').scrollIntoViewIfNeeded()
      },
      why: async () => {
        await page.locator('#detail .air .why').first().click()
        await page.locator('dialog.explanation .why-inputs').waitFor()
      },
      flags: async () => {
        await page.keyboard.press('Escape')
        await page.keyboard.press('Escape')
        await tab(page, 'flags').click()
        await page.locator('#panel tbody tr').first().waitFor()
      },
      form: async () => {
        await page.locator('#panel [data-act=flagAdd]').click()
        await page.locator('#flag-dialog form').waitFor()
      },
      exceedances: async () => {
        await page.locator('#flag-dialog [data-do=cancel]').click()
        await tab(page, 'exceedances').click()
        await page.locator('#panel table').first().waitFor()
      },
    }
    for (const [view, show] of Object.entries(views)) {
      await show()
      await fits(page, look, `environment-${view}`)
    }
    await context.close()
  })
})

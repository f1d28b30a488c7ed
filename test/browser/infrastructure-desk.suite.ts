// Statements 35 to 38 of docs/ui-statements.md on the infrastructure desk: the order of the list, taking an outage on, the table of the
// report, and the report on paper.

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { UptimeAnswer } from '../../contract/api-staff.ts'
import { until } from '../village.ts'
import { type Look, nameOf, tab, tableRow } from './desk.ts'
import { A4_PT, pdfPages } from './pdf.ts'
import type { Visit } from './visitor.ts'

export interface InfrastructureDesk {
  open(path: string, look?: Look, isStaff?: boolean): Promise<Visit>
  get<T>(path: string): Promise<T>
  stateOf(id: string): Promise<string | null>
}

/** By the rule of reference/ui 4, out of what the twelve reported; what hangs below the gate is folded under it. */
const WORST_FIRST = [
  'uplink-utara',
  'hs-halte-kapuas',
  'hs-halte-ciujung',
  'hs-halte-batang-hari',
  'hs-halte-petojo-selatan',
  'hs-balai-rw-04',
  'hs-rsud-tarakan-lobi',
  'hs-kelurahan-cideng',
  'hs-puskesmas-cideng',
  'hs-rptra-cideng',
]

/** Never nothing where there is something. */
function knownText(share: number | null): string {
  if (share === null) return '–'
  return share > 0 && share < 0.0005 ? '<0.1%' : `${(share * 100).toFixed(1)}%`
}

async function order(page: Page): Promise<readonly string[]> {
  return page
    .locator('#table tbody tr')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key') ?? ''))
}

export function statements({ open, get, stateOf }: InfrastructureDesk): void {
  it('36: shows an acknowledgement only once the server has it, by keyboard alone, and says when it has failed', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    const row = tableRow(page, 'hs-halte-ciujung')
    let isBroken = true
    let answers = (): void => {}
    await page.route('**/acknowledge', async (route) => {
      await new Promise<void>((done) => {
        answers = done
      })
      await (isBroken
        ? route.fulfill({ status: 500, json: { title: 'broken', status: 500 } })
        : route.continue())
    })
    const takeOn = async (): Promise<void> => {
      await row.getByRole('button', { name: 'Acknowledge' }).focus()
      await page.keyboard.press('Enter')
      await page.locator('#ack-dialog[open] textarea').waitFor()
      await page.keyboard.type('sudah dicek')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await row.getByText('Sending...').waitFor()
      expect(await row.getByText(/Acknowledged by/).count()).toBe(0)
      answers()
    }
    await row.getByRole('button', { name: 'Acknowledge' }).waitFor()
    await takeOn()
    await row.getByText('Not saved. The outage is still not acknowledged.').waitFor()
    isBroken = false
    await takeOn()
    await row.getByText(/Acknowledged by admin, \d\d:\d\d WIB/).waitFor()
    await context.close()
  })

  it('35: lists the worst first, and does not sort again while a row has the focus', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    await page.locator('#table .strip').first().waitFor()
    const name = 'hs-kelurahan-cideng'
    const body = { devices: [name], from: new Date(Date.now() - 60_000).toISOString(), reason: 'atap' }
    await page.evaluate(
      (window) =>
        fetch('/api/v1/maintenance', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: window,
        }),
      JSON.stringify({ ...body, to: new Date(Date.now() + 3_600_000).toISOString() }),
    )
    await until(async () => (await stateOf(name)) === 'maintenance')
    await expect.poll(() => order(page)).toEqual(WORST_FIRST)
    // From here on the list would be another: maintenance ends, and the hotspot is up.
    await tableRow(page, 'hs-rptra-cideng').locator('[data-act=select]').focus()
    const { windows } = await get<{ windows: readonly { id: string }[] }>('/api/v1/maintenance')
    await page.evaluate((path) => fetch(path, { method: 'DELETE' }), `/api/v1/maintenance/${windows[0]?.id}`)
    await tableRow(page, name).locator('.state-cell', { hasText: /^Up/ }).waitFor()
    await page.getByRole('button', { name: /changes?, sort again/ }).waitFor()
    expect(await order(page)).toEqual(WORST_FIRST)
    await page.getByRole('button', { name: /changes?, sort again/ }).click()
    const behind = WORST_FIRST.filter((id) => id !== name)
    await expect.poll(() => order(page)).not.toEqual(WORST_FIRST)
    expect((await order(page)).filter((id) => id !== name)).toEqual(behind)
    await context.close()
  })

  it('37: reports what the API says to the last digit, the known share beside it, and no verdict on too little', async () => {
    const { context, page } = await open('/infrastructure#lang=en&tab=report&from=-7d')
    const answered = page.waitForResponse((response) => response.url().includes('/connectivity/uptime?from='))
    await page.reload()
    const { hotspots } = (await (await answered).json()) as UptimeAnswer
    await page.locator('#panel tr[data-key=total]').waitFor()
    expect(hotspots).toHaveLength(12)
    for (const { id, availability, knownShare, down_s, outages } of hotspots) {
      const cells = await page.locator(`#panel tr[data-key="${id}"] > *`).allInnerTexts()
      const [name, shown, known, , , , count] = cells.map((text) => text.replaceAll(/\s+/g, ' ').trim())
      expect(name).toBe(nameOf(id))
      // Cut, not rounded (domain B1): 99.999 is not 100.
      const cut = availability === null ? '–' : `${(Math.floor(availability * 1e4) / 100).toFixed(2)}%`
      expect(shown?.startsWith(cut), `${id}: ${shown}`).toBe(true)
      expect(known).toBe(knownText(knownShare))
      expect(count).toBe(String(outages))
      if (availability === null) expect(down_s).toBe(0)
      // A village of a few minutes knows next to nothing of its week.
      else expect(shown).toMatch(/too little data$/)
    }
    expect(await page.locator('#panel .is-met, #panel .is-missed').count()).toBe(0)
    const href = await page.locator('#panel a[download]').getAttribute('href')
    const csv = await page.evaluate<string>(`fetch(${JSON.stringify(href)}).then((answer) => answer.text())`)
    expect(csv.split('\r\n')[0]).toMatch(/^from,to,id,name,/)
    expect(csv.trimEnd().split('\r\n')).toHaveLength(1 + 12)
    await context.close()
  })

  it('38: prints the report on A4, whole, with its head on each page and what it rests on', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    // The twelve over and over: more than a screen shows at once, and than a sheet holds.
    await page.route('**/connectivity/uptime?from=*', async (route) => {
      const answer = (await (await route.fetch()).json()) as UptimeAnswer
      const hotspots = Array.from({ length: 132 }, (_, n) => ({
        ...answer.hotspots[n % 12],
        id: `copy-${n}`,
      }))
      await route.fulfill({ json: { ...answer, hotspots } })
    })
    await tab(page, 'report').click()
    await page.locator('#panel tr[data-key=copy-99]').waitFor()
    expect(await page.locator('#panel tr[data-key=copy-131]').count()).toBe(0)
    const pages = pdfPages(await page.pdf({ preferCSSPageSize: true }))
    expect(pages.length).toBeGreaterThan(1)
    for (const { widthPt, heightPt } of pages)
      expect([widthPt, heightPt].sort((a, b) => a - b).map(Math.round)).toEqual(A4_PT)
    const whole = pages.map(({ text }) => text).join('')
    const withRows = pages.filter(({ text }) => /Halte|Kantor|Balai/.test(text))
    expect(withRows.length).toBeGreaterThan(2)
    expect(whole.match(/HalteJalanKapuas/g)).toHaveLength(11)
    for (const { text } of withRows) expect(text).toContain('AvailabilityKnown')
    for (const part of [
      'AvailabilityofpublicWi-Fi·Cideng',
      'Known:',
      'Made',
      'Asia/Jakarta(WIB)',
      'from=',
      'WIBto',
    ])
      expect(whole).toContain(part)
    // What is for the screen alone stays there.
    for (const part of ['DownloadCSV', 'Print', 'Menu', '7days']) expect(whole).not.toContain(part)
    await tab(page, 'hotspots').waitFor()
    await context.close()
  })
}

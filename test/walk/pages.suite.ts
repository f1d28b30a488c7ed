// Walks every page and panel in real Chromium, in both languages, on desk and phone, and in every state that data can be in: whatever holds
// a digit is a name, a word or a time, or a number with its unit, its time and a way to how it came to be (shown-classes.ts). What is drawn
// on canvases is read too.

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openAs } from '../browser/desk.ts'
import { live, type Resident, type Visit, type VisitOptions } from '../browser/visitor.ts'
import { RECORD_DRAWN } from './drawn-texts.ts'
import { knownOf, putIntoStates } from './known.ts'
import type { ShownNumber } from './page-numbers.ts'
import { faultsOn, goTo, LANGUAGES, openPanel, settled } from './walker.ts'

/** Tabs beside the first view. */
const DESKS = {
  '/infrastructure': ['', 'outages', 'maintenance', 'report'],
  '/environment': ['', 'flags', 'exceedances'],
  '/system': [''],
} as const

const SIZES = [
  ['desk', 'id'],
  ['desk', 'en'],
  ['phone', 'id'],
] as const

export function walksThePages({ village, browser, open }: Resident): void {
  const openDrawn = (path: string, options: VisitOptions): Promise<Visit> =>
    open(path, { ...options, before: RECORD_DRAWN })

  it.each(SIZES)(
    'finds no number without unit, time and a way to its explanation: the map and its panels, on a %s, %s',
    async (size, language) => {
      const known = await knownOf(village())
      const { context, page } = await openDrawn(`/#lang=${language}`, { size, language })
      await live(page)
      // On a phone the legend is one press away, and lies over the map: what stands on the map is walked on the desk.
      const isLookedAt = ({ marks }: ShownNumber): boolean => size === 'desk' || !marks.startsWith('.marker')
      const faults = await faultsOn(page, known, '/', isLookedAt)
      for (const selection of known.selections) {
        await openPanel(page, selection, language)
        faults.push(...(await faultsOn(page, known, selection, isLookedAt)))
      }
      expect(faults).toEqual([])
      await context.close()
    },
  )

  it.each(LANGUAGES)('nor the pages that the server writes, %s', async (language) => {
    const known = await knownOf(village())
    const { context, page } = await open('about:blank', { size: 'desk', language, javaScriptEnabled: false })
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
    await context.addInitScript(RECORD_DRAWN)
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
    const { context, page } = await openDrawn(`/#sel=hotspot:${hotspot}`, { size: 'desk', clock: true })
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

  it('sees when the way, the unit or the legend of one is taken out', async () => {
    const known = await knownOf(village())
    const { context, page } = await openDrawn(`/#sel=${known.station}`, { size: 'desk' })
    await live(page)
    await page.locator('#detail table.values td.number').first().waitFor()
    await page.locator('#detail .plot canvas').waitFor()
    await settled(page)
    expect(await faultsOn(page, known, '')).toEqual([])
    // The page draws itself anew each second: what is taken out is looked at at once, and again when the page was quicker.
    const sees = (take: () => Promise<unknown>, what: RegExp): Promise<void> =>
      expect
        .poll(() => take().then(() => faultsOn(page, known, '')))
        .toContainEqual(expect.stringMatching(what))
    const run = (script: string) => () => page.evaluate(script)
    const each = (selector: string) =>
      `document.querySelectorAll('${selector}').forEach((one) => one.remove())`
    await sees(run(each('#detail .air [data-why]')), /ISPU.*lacks way/)
    await sees(
      run("document.querySelector('#detail table.values td.number').firstChild.data = '41'"),
      /"41".*lacks unit/,
    )
    await sees(
      () => draw(page, '#detail .plot canvas', '42'),
      /"42".*number at an axis, lacks legend and unit/,
    )
    await sees(run(each('#legend img, .legend-note')), /number in a marker, lacks legend/)
    await context.close()
  })
}

/** Nothing but that text. */
async function draw(page: Page, canvas: string, text: string): Promise<void> {
  await page.evaluate(`(() => {
    const canvas = document.querySelector(${JSON.stringify(canvas)})
    canvas.width += 0
    canvas.getContext('2d').fillText(${JSON.stringify(text)}, 9, 9)
  })()`)
}

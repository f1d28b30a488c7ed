// Walks what opens over a page: the panel behind every "why?" of every kind of thing, down to the raw readings, for residents and for staff,
// and the forms of the desks.

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openAs } from '../browser/desk.ts'
import { live, type Resident } from '../browser/visitor.ts'
import { type Known, knownOf } from './known.ts'
import { faultsOn, goTo, LANGUAGES, openPanel, settled } from './walker.ts'

/** Of each desk a tab, and the press on it that opens a form. */
const FORMS = [
  ['/infrastructure', 'maintenance', 'announce'],
  ['/environment', 'flags', 'flagAdd'],
] as const

export function walksTheDialogs({ village, browser, open }: Resident): void {
  it.each(LANGUAGES)('finds no number without unit and time in any explanation, %s', async (language) => {
    const known = await knownOf(village())
    const { context, page } = await open(`/#lang=${language}`, { size: 'desk', language })
    await live(page)
    const { faults, walked } = await walkExplanations(page, known, language)
    expect(faults).toEqual([])
    expect(walked).toBeGreaterThan(10)
    await context.close()
  })

  it('nor in those that staff see, nor in their forms', async () => {
    const known = await knownOf(village())
    const look = { size: 'desk', theme: 'light', language: 'id' } as const
    const { context, page } = await openAs(browser(), village(), await village().signIn(), look, '/')
    await live(page)
    const onRoads = known.selections.filter((selection) => /^(route|vehicle):/.test(selection))
    const { faults } = await walkExplanations(page, { ...known, selections: onRoads }, 'id')
    for (const [path, tab, act] of FORMS) {
      await page.goto(`${village().http}${path}#tab=${tab}`)
      await page.locator(`[data-act=${act}]`).first().click()
      await page.locator('dialog[open] input').first().waitFor()
      faults.push(...(await faultsOn(page, known, `${path} ${act}`)))
    }
    expect(faults).toEqual([])
    await context.close()
  })

  it('sees when an explanation has lost its time or the unit of its value', async () => {
    const known = await knownOf(village())
    const { context, page } = await open(`/#sel=${known.station}`, { size: 'desk' })
    await live(page)
    await openPanel(page, known.station, 'id')
    await openExplanation(page, 'ispu')
    expect(await faultsOn(page, known, '', isInExplanation)).toEqual([])
    await page.evaluate(
      "document.querySelectorAll('dialog.explanation .hint').forEach((hint) => hint.remove())",
    )
    expect(await faultsOn(page, known, '', isInExplanation)).toContainEqual(
      expect.stringMatching(/lacks time/),
    )
    await page.evaluate("document.querySelector('.explanation-value strong').textContent = '41'")
    expect(await faultsOn(page, known, '', isInExplanation)).toContainEqual(
      expect.stringMatching(/"41".*lacks unit/),
    )
    await context.close()
  })
}

const isInExplanation = ({ marks }: { readonly marks: string }): boolean =>
  marks.includes('dialog.dialog.explanation')

/** Of every panel each kind of value once. */
async function walkExplanations(
  page: Page,
  known: Known,
  language: string,
): Promise<{ readonly faults: string[]; readonly walked: number }> {
  const faults: string[] = []
  let walked = 0
  for (const selection of known.selections) {
    await openPanel(page, selection, language)
    const paths = await page.evaluate<string[]>(
      "[...document.querySelectorAll('#detail [data-why]')].map((why) => why.dataset.why)",
    )
    const values = new Set(paths.map((path) => new URLSearchParams(path.split('?')[1]).get('value') ?? ''))
    for (const value of values) {
      await openExplanation(page, value)
      faults.push(...(await faultsOn(page, known, `${selection}: why ${value}`, isInExplanation)))
      await page.keyboard.press('Escape')
      walked += 1
    }
  }
  await goTo(page, `lang=${language}`)
  return { faults, walked }
}

/** With its raw readings, where there are such. A panel draws itself anew while it is open: what is pressed is looked up as it is. */
async function openExplanation(page: Page, value: string): Promise<void> {
  await page.evaluate(`document.querySelector('#detail [data-why*="value=${value}"]').click()`)
  const dialog = page.locator('dialog.explanation[open]')
  await dialog.locator('.explanation-body').waitFor()
  const readings = dialog.locator('[data-do=readings]')
  if ((await readings.count()) > 0) {
    await readings.click()
    await dialog.locator('.raw-readings :is(table, .notice:not([role]))').first().waitFor()
  }
  await settled(page)
}

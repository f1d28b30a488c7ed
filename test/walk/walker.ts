// What the walks over pages share: opening a page whose canvases are read too, and telling what is wrong with its numbers.

import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Known } from './known.ts'
import { numbersOnPage, type ShownNumber } from './page-numbers.ts'
import { bareText, lacks } from './shown-classes.ts'

export const LANGUAGES = ['id', 'en'] as const

/** What is wrong with the numbers that the page shows, each fault once. */
export async function faultsOn(
  page: Page,
  { withoutNames, routeNames }: Pick<Known, 'withoutNames' | 'routeNames'>,
  at: string,
  isLookedAt: (shown: ShownNumber) => boolean = () => true,
): Promise<string[]> {
  const faults = (await numbersOnPage(page)).filter(isLookedAt).flatMap((shown) => {
    // What a vehicle's marker says is the name of its route.
    if (shown.marks.startsWith('.marker') && routeNames.has(shown.text)) return []
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
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
}

/** Until nothing says any more that it is being loaded. */
export async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.locator('.is-loading:visible').count(), { timeout: 30_000 }).toBe(0)
}

/** Opens the panel of what is named so, with its history. */
export async function openPanel(page: Page, selection: string, language: string): Promise<void> {
  await goTo(page, `sel=${selection}&lang=${language}`)
  await page
    .locator(`#detail [data-key="${selection.replace(/^(hotspot|sensor|vehicle):/, 'device:')}"]`)
    .waitFor()
  await settled(page)
}

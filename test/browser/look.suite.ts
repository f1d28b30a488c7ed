// Whether what is on the screen can be made out, on every panel and in both themes (docs/ui-statements.md 11 and 12).

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { seriousViolations } from './axe.ts'
import { live, type Resident, SOON, selections } from './visitor.ts'

/** WCAG 1.4.11. */
const LEAST_CONTRAST = 3

export function toTheEye({ open, village }: Resident): void {
  it.each(['light', 'dark'] as const)(
    '11, 12: reads every panel and dialog without a fault of axe, in %s, and sees each control, its focus and each line of a chart',
    async (colorScheme) => {
      const { context, page } = await open('/', { colorScheme })
      await live(page)
      const found = new Map<string, readonly string[]>()
      const look = async (what: string): Promise<void> => {
        const faults = [
          ...(await seriousViolations(page)),
          ...(await faintControls(page)),
          ...(await cutOff(page)),
        ]
        if (faults.length > 0) found.set(what, faults)
      }
      for (const selection of await selections(village())) {
        await page.evaluate(`location.hash = ${JSON.stringify(`sel=${selection}`)}`)
        await page.locator('#detail-title').waitFor()
        await page.waitForTimeout(400)
        await look(selection)
        if (!selection.startsWith('hotspot:')) continue
        await page.locator('#detail .why').first().click()
        await page.locator('dialog.explanation .why-inputs').waitFor()
        await look('why')
        await page.keyboard.press('Escape')
      }
      await page.keyboard.press('Escape')
      await expect.poll(() => page.locator('#detail').isVisible(), SOON).toBe(false)
      await page.locator('[data-act=place]').click()
      await look('place')
      await page.keyboard.press('Escape')
      await page.locator('#map-tools [data-act=legend]').click()
      await look('legend')
      await page.keyboard.press('Escape')
      await page.locator('#sheet-button').click()
      await page.locator('#list [data-id]').first().waitFor()
      await look('list')
      expect(Object.fromEntries(found)).toEqual({})
      await context.close()
    },
  )
}

/** What of the open panel or dialog reaches beyond its side, outside of boxes that scroll by themselves. */
async function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    const panel = document.querySelector('dialog[open]') ?? document.querySelector('#detail:not([hidden])')
    if (panel === null) return []
    const side = panel.getBoundingClientRect().right
    return [...panel.querySelectorAll('td, th, p, li, dd, dt, button, a, h2, h3')]
      .filter((one) => one.checkVisibility() && one.closest('.table-box, .sr-only, pre') === null)
      .filter((one) => one.getBoundingClientRect().right > side + 1)
      .map((one) => 'cut off: ' + one.textContent.slice(0, 40)) })()`)
}

/** Controls whose edge is under 3:1 to what is around them, and colours of focus and charts that are so on the page's grounds. */
async function faintControls(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })
    const read = (colour) => { context.clearRect(0, 0, 1, 1); context.fillStyle = colour; context.fillRect(0, 0, 1, 1)
      return [...context.getImageData(0, 0, 1, 1).data] }
    const light = ([r, g, b]) => { const part = (one) => one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b) }
    const ratio = (a, b) => { const [high, low] = [light(a), light(b)].sort((x, y) => y - x); return (high + 0.05) / (low + 0.05) }
    const behind = (one) => { for (let at = one; at !== null; at = at.parentElement) { const colour = read(getComputedStyle(at).backgroundColor)
      if (colour[3] > 250) return colour } return [255, 255, 255, 255] }
    const faint = []
    for (const one of document.querySelectorAll('button, input, select, textarea, a.button')) {
      const style = getComputedStyle(one); const box = one.getBoundingClientRect()
      const sides = ['Top', 'Right', 'Bottom', 'Left'].map((side) => parseFloat(style['border' + side + 'Width']))
      if (!one.checkVisibility() || box.width === 0 || style.opacity === '0' || Math.min(...sides) === 0 || style.appearance === 'auto' && one.type === 'checkbox') continue
      const around = behind(one.parentElement); const own = read(style.backgroundColor)
      const best = Math.max(ratio(read(style.borderTopColor), around), own[3] > 250 ? ratio(own, around) : 0)
      if (best < ${LEAST_CONTRAST}) faint.push('edge ' + best.toFixed(2) + ': ' + one.outerHTML.slice(0, 90))
    }
    const root = getComputedStyle(document.documentElement); const probe = document.createElement('i'); document.body.append(probe)
    const named = (name) => { probe.style.color = 'var(' + name + ')'; return read(getComputedStyle(probe).color) }
    for (const name of ['--focus', '--border', '--accent', '--chart-2', '--degraded-text'])
      for (const ground of ['--page', '--ground', '--raised']) { const it = ratio(named(name), named(ground))
        if (it < ${LEAST_CONTRAST}) faint.push(name + ' on ' + ground + ' ' + it.toFixed(2)) }
    probe.remove()
    const before = document.activeElement
    const focused = [...document.querySelectorAll('#detail .icon-button, #sheet-button')].find((one) => one.checkVisibility())
    before?.blur()
    focused?.focus({ focusVisible: true })
    // Under an open dialog nothing takes the focus.
    if (focused !== undefined && document.activeElement === focused) { const style = getComputedStyle(focused)
      if (style.outlineStyle === 'none' || ratio(read(style.outlineColor), behind(focused)) < ${LEAST_CONTRAST}) faint.push('focus: ' + style.outline) }
    before?.focus()
    return faint })()`)
}

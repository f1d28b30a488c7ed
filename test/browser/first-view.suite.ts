// The first thing that a resident sees (docs/ui-statements.md): the answers, in both languages, on a phone, with and without script.

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { seriousViolations } from './axe.ts'
import { answers, CLOCK, live, type Resident } from './visitor.ts'

const ENGLISH = /\b(the|and|hotspot|Updated|nearest|Air quality|Legend)\b/
const INDONESIAN = /\b(yang|dan|titik|Diperbarui|terdekat|Kualitas|Keterangan)\b/

export function firstView({ open, village }: Resident): void {
  it('1, 2: reads the three answers without script, each with a time, on the first screen of a phone', async () => {
    const { context, page } = await open('/', { javaScriptEnabled: false })
    const texts = await answers(page)
    expect(texts).toHaveLength(3)
    for (const text of texts) expect(text).toMatch(CLOCK)
    expect(texts[0]).toMatch(/dari \d titik terdekat aktif|Keadaan Wi-Fi/)
    expect(texts[1]).toMatch(/ISPU \d+, |ISPU belum diketahui|Data belum cukup/)
    const rows = await page.locator('.answer').all()
    const ends = await Promise.all(
      rows.map(async (row) => (await row.boundingBox()) ?? { y: 999, height: 0 }),
    )
    expect(Math.max(...ends.map(({ y, height }) => y + height))).toBeLessThanOrEqual(640)
    await context.close()
  })

  it('1: goes on with the same rows when the page is live, without a jump', async () => {
    const { context, page, faults } = await open('/')
    const before = await page
      .locator('.answer')
      .evaluateAll((rows) => rows.map((row) => row.tagName + row.className))
    await live(page)
    const after = await page
      .locator('.answer')
      .evaluateAll((rows) => rows.map((row) => row.tagName + row.className))
    expect(after).toEqual(before)
    const shift = await page.evaluate<number>(`new Promise((done) => new PerformanceObserver((list) =>
      done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({ type: 'layout-shift', buffered: true }) ||
      setTimeout(() => done(0), 300))`)
    expect(shift).toBeLessThan(0.1)
    expect(faults).toEqual([])
    await context.close()
  })

  it('5: loads at most 150 KB of script, compressed, and no chart before one is opened', async () => {
    const { context, page } = await open('/', { serviceWorkers: 'block' })
    await live(page)
    const scripts = await page.evaluate<{ name: string; size: number }[]>(
      `performance.getEntriesByType('resource').filter((one) => new URL(one.name).pathname.endsWith('.js'))
        .map((one) => ({ name: one.name, size: one.encodedBodySize }))`,
    )
    expect(scripts.length).toBeGreaterThan(2)
    expect(scripts.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(150 * 1024)
    expect(scripts.filter(({ name }) => /plot|uplot/i.test(name))).toEqual([])
    await context.close()
  })

  it('6, 7: switches the language without a reload, and finds it again after one', async () => {
    const { context, page } = await open('/', { size: 'desk' })
    await live(page)
    expect(await page.getAttribute('html', 'lang')).toBe('id')
    expect(await visibleText(page)).not.toMatch(ENGLISH)
    await page.evaluate('window.isSamePage = true')
    await page.getByRole('link', { name: 'EN, English' }).click()
    await page.getByText(/Updated/).waitFor()
    expect(await page.evaluate('window.isSamePage')).toBe(true)
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    const english = await visibleText(page)
    expect(english).not.toMatch(INDONESIAN)
    expect(english).toMatch(/\d\d:\d\d WIB/)
    expect(english).not.toMatch(/\b(?:wifi|air|bus|net|fresh|map|state|answers)\.[a-z]/)
    await page.goto(`${village().http}/`)
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    expect((await answers(page))[0]).toMatch(/hotspots|Wi-Fi/)
    await context.close()
  })

  it('13: meets nothing to press that is under 24 px, and main controls of 44 px on a phone', async () => {
    const { context, page } = await open('/')
    await live(page)
    const sizes = await page.evaluate<{ text: string; width: number; height: number; main: boolean }[]>(`
      [...document.querySelectorAll('a, button, summary, input, [role=button]')].filter((one) => one.checkVisibility())
        .filter((one) => getComputedStyle(one).position !== 'absolute' && !one.closest('.attribution'))
        .map((one) => { const box = one.getBoundingClientRect(); return { text: one.outerHTML.slice(0, 90), width: box.width,
          height: box.height, main: one.closest('.map-tools, .sheet-bar') !== null || one.matches('.language, .menu > summary') } })`)
    expect(sizes.length).toBeGreaterThan(8)
    expect(sizes.filter(({ width, height }) => width < 24 || height < 24)).toEqual([])
    expect(sizes.filter(({ main, width, height }) => main && (width < 43.5 || height < 43.5))).toEqual([])
    await context.close()
  })

  it('18: sees nothing animated with reduced motion', async () => {
    const { context, page } = await open('/', { reducedMotion: 'reduce' })
    await live(page)
    const moving = await page.evaluate<string[]>(`
      [...document.querySelectorAll('*')].filter((one) => { const style = getComputedStyle(one)
        const long = (text) => text.split(',').some((part) => parseFloat(part) > 0)
        return (style.animationName !== 'none' && long(style.animationDuration)) || long(style.transitionDuration) })
        .map((one) => one.outerHTML.slice(0, 80))`)
    expect(moving).toEqual([])
    await context.close()
  })

  it('32: scrolls nothing sideways at 320 px, nor with wide text spacing', async () => {
    const { context, page } = await open('/', { viewport: { width: 320, height: 640 } })
    await live(page)
    const overflow = (): Promise<number> => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect(await overflow()).toBeLessThanOrEqual(0)
    await page.goto(`${village().http}/ringan`)
    expect(await overflow()).toBeLessThanOrEqual(0)
    await context.close()
  })

  it('11, 32: reads the pages that the server writes without a fault of axe, and scrolls none of them sideways', async () => {
    const paths = [
      '/ringan',
      '/kiosk',
      '/embed',
      '/bagikan',
      '/privasi',
      '/cara-hitung',
      '/poster?place=hs-balai-rw-04',
    ]
    for (const colorScheme of ['light', 'dark'] as const) {
      const { context, page, faults } = await open('/ringan', { colorScheme })
      for (const path of paths) {
        await page.goto(`${village().http}${path}`)
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        expect([path, overflow <= 0, await seriousViolations(page)]).toEqual([path, true, []])
      }
      expect(faults).toEqual([])
      await context.close()
    }
  })
}

/** What can be read on the page, names of places left out: they are in their own language. */
async function visibleText(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => { const copy = document.body.cloneNode(true)
    copy.querySelectorAll('script, style, noscript, .attribution, .row-name, #list, .languages').forEach((one) => one.remove())
    document.body.append(copy); const text = copy.innerText; copy.remove(); return text })()`)
}

// What a resident meets on the map's page (statements of docs/ui-statements.md), in real Chromium on a village that is simulated.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVillage, type TestVillage } from '../village.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { answers, live, visit } from './visitor.ts'

const CLOCK = /\d\d\.\d\d WIB/
const ENGLISH = /\b(the|and|hotspot|Updated|nearest|Air quality|Legend)\b/
const INDONESIAN = /\b(yang|dan|titik|Diperbarui|terdekat|Kualitas|Keterangan)\b/

describe.runIf(hasChromium())('a resident', () => {
  let village: TestVillage
  let browser: Browser

  beforeAll(async () => {
    village = await startVillage({ PANTAU_SIMULATE: 'on' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await village?.dispose()
  })

  const open = (path: string, options: Parameters<typeof visit>[3] = {}) =>
    visit(browser, village.http, path, options)

  it('1, 2: reads the three answers without script, each with a time, on the first screen of a phone', async () => {
    const { context, page } = await open('/', { javaScriptEnabled: false })
    const texts = await answers(page)
    expect(texts).toHaveLength(3)
    for (const text of texts) expect(text).toMatch(CLOCK)
    expect(texts[0]).toMatch(/dari \d titik terdekat aktif|Keadaan Wi-Fi/)
    expect(texts[1]).toMatch(/ISPU \d+, |Data belum cukup/)
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

  it('4: asks no other host with every layer open, and the policy blocks an image of one', async () => {
    const { context, page, faults } = await open('/#layer=wifi,air,bus,noise,water', { size: 'desk' })
    await live(page)
    expect(faults).toEqual([])
    const blocked = await page.evaluate<boolean>(`new Promise((done) => {
      const image = new Image(); image.onerror = () => done(true); image.onload = () => done(false)
      image.src = 'https://example.org/x.png' })`)
    expect(blocked).toBe(true)
    expect(faults.some((fault) => /Content Security Policy/.test(fault))).toBe(true)
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
    await page.goto(`${village.http}/`)
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

  it('16, 27: opens a detail from the list, rings it, and Back closes it while the map stays', async () => {
    const { context, page } = await open('/', { size: 'desk' })
    await live(page)
    const row = page.locator('#list [data-id]').first()
    await row.waitFor()
    const id = await row.getAttribute('data-id')
    const view = (): string => /map=[^&]*/.exec(page.url())?.[0] ?? ''
    await page.locator('#map').focus()
    await page.keyboard.press('ArrowUp')
    await expect.poll(view).not.toBe('')
    await row.click()
    await expect.poll(() => decodeURIComponent(page.url())).toContain(`sel=`)
    expect(decodeURIComponent(page.url())).toContain(id ?? '-')
    await page.locator('#detail').waitFor()
    const before = view()
    await page.goBack()
    await expect.poll(() => page.locator('#detail').isVisible()).toBe(false)
    expect(view()).toBe(before)
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

  it('23, 2.13: opens without a network with the last state and its clock, all of it marked old', async () => {
    const { context, page } = await open('/', { size: 'desk' })
    await live(page)
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
    // What is kept for later is kept when the page is left.
    await sleep(3_500)
    await page.goto('about:blank')
    await context.setOffline(true)
    await page.goto(`${village.http}/`)
    await page.getByText(/Menampilkan data terakhir pukul \d\d\.\d\d WIB/).waitFor()
    expect(await page.locator('.leaflet-container canvas').count()).toBeGreaterThan(0)
    await page.locator('#list [data-id]').first().waitFor()
    await page.clock.install()
    await page.clock.fastForward('20:00')
    await expect.poll(async () => (await answers(page))[0]).toMatch(/Data lama|tidak diketahui/)
    await context.setOffline(false)
    await context.close()
  })

  it('25: is asked for the location only after the press, and it stays in the browser', async () => {
    const { context, page, requests } = await open('/', {
      geolocation: { latitude: -6.17123, longitude: 106.80871 },
    })
    await live(page)
    await page.evaluate(
      `navigator.permissions.query({ name: 'geolocation' }).then((one) => { window.permission = one.state })`,
    )
    await page.locator('[data-act=place]').click()
    await page.locator('#place-dialog [data-act=locate]').click()
    await page.getByText(/Izin lokasi ditolak/).waitFor()
    await page.keyboard.press('Escape')
    await context.grantPermissions(['geolocation'])
    await page.locator('[data-act=place]').click()
    await page.locator('#place-dialog [data-act=locate]').click()
    await page.getByText(/Di sekitar: lokasi Anda/).waitFor()
    expect(`${requests.join('\n')}\n${page.url()}`).not.toMatch(/6\.1712|106\.8087/)
    await context.close()
  })

  it('29: stops all changes while updates are paused, and ages go on', async () => {
    const { context, page } = await open('/')
    await live(page)
    await page.locator('[data-act=pause]').click()
    await page.getByText(/Pembaruan dijeda/).waitFor()
    const line = (): Promise<string | null> => page.locator('.fresh-line').textContent()
    const first = await line()
    await expect.poll(line, { timeout: 5_000 }).not.toBe(first)
    await page.locator('[data-act=pause]').click()
    await page.getByText(/^Diperbarui/).waitFor()
    await context.close()
  })

  it('32: scrolls nothing sideways at 320 px, nor with wide text spacing', async () => {
    const { context, page } = await open('/', { viewport: { width: 320, height: 640 } })
    await live(page)
    await page.addStyleTag({ content: '' }).catch(() => null)
    const overflow = (): Promise<number> => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect(await overflow()).toBeLessThanOrEqual(0)
    await page.goto(`${village.http}/ringan`)
    expect(await overflow()).toBeLessThanOrEqual(0)
    await context.close()
  })

  it('40: is told nothing that is for staff, and that all is simulated', async () => {
    const { context, page } = await open('/')
    const frames: string[] = []
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => frames.push(String(payload))),
    )
    const bodies: string[] = []
    page.on('response', async (response) => {
      if (/json|html/.test(response.headers()['content-type'] ?? ''))
        bodies.push(await response.text().catch(() => ''))
    })
    await page.reload()
    await live(page)
    const all = [...frames, ...bodies].join('\n')
    expect(all).toContain('"hotspot"')
    expect(all).not.toMatch(/clockOffset_ms|"conflicts"|acknowledgedBy|passwordHash/)
    for (const [, clients] of all.matchAll(/"clients":\{"value":(\d+)/g))
      expect(Number(clients)).toBeGreaterThanOrEqual(5)
    expect(await page.locator('.sim-badge').textContent()).toContain('SIMULASI')
    await context.close()
  })
})

/** What can be read on the page, names of places left out: they are in their own language. */
async function visibleText(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => { const copy = document.body.cloneNode(true)
    copy.querySelectorAll('script, style, noscript, .attribution, .row-name, #list, .languages').forEach((one) => one.remove())
    document.body.append(copy); const text = copy.innerText; copy.remove(); return text })()`)
}

// What the live page makes of a feed whose every word the test chooses (docs/ui-statements.md): how vehicles move and grow old, what is
// said aloud, what a missed frame costs, what a pause holds, and what many devices and a long visit leave behind.

import type { CDPSession, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { bus, FakeFeed, hotspot } from './fake-feed.ts'
import { live, type Resident, SOON, type VisitOptions } from './visitor.ts'

/** Away from the place that the answers are for, which has a mark of its own. */
const PLACE = [106.812, -6.166] as const
/** Stops are shown from zoom 16 on: below it only what the feed tells is on the canvas. */
const VIEW = `/#map=15/${PLACE[1]}/${PLACE[0]}&layer=bus`
const METRES_PER_DEGREE = 110_600
const METRES_PER_PIXEL = 4.75
/** A vehicle without a route, and what is written below it. */
const PILL = '#2B3A49'
const BADGE = '#15202B'

interface Marks {
  readonly pill: number
  readonly badge: number
  /** Pixels of any colour. */
  readonly any: number
  /** Of the pill's own colour, px to the east of the map's middle. */
  readonly middle: number
}

/** Defines `marks()` in the page: what the points' canvas has around the middle of the map. */
const MARKS = `window.marks = () => {
  const canvas = document.querySelector('.point-canvas'); const ratio = canvas.width / canvas.clientWidth
  const [left, top, wide, high] = [canvas.clientWidth / 2 - 100, canvas.clientHeight / 2 - 30, 200, 70].map((one) => Math.round(one * ratio))
  const { data } = canvas.getContext('2d').getImageData(left, top, wide, high)
  const is = (at, hex) => [1, 3, 5].every((from, part) => Math.abs(data[at + part] - parseInt(hex.slice(from, from + 2), 16)) < 3)
  let [pill, badge, any, sum] = [0, 0, 0, 0]
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] < 200) continue
    const [x, y] = [(at / 4) % wide, Math.floor(at / 4 / wide)]
    any += 1
    if (is(at, '${PILL}')) { pill += 1; sum += x / ratio - 100 }
    if (y > 45 * ratio && is(at, '${BADGE}')) badge += 1
  }
  return { pill, badge, any, middle: pill === 0 ? 0 : sum / pill } }`

export function onTheFeed({ open, village }: Resident): void {
  async function openOn(
    path: string,
    fill: (now: number) => Parameters<typeof FakeFeed.of>[1][],
    options: VisitOptions = {},
  ) {
    const visit = await open('about:blank', options)
    const feed = await FakeFeed.of(visit.page, ...fill(Date.now()))
    await visit.page.goto(`${village().http}${path}`)
    await live(visit.page)
    return { ...visit, feed }
  }
  const marks = (page: Page): Promise<Marks> => page.evaluate<Marks>('marks()')

  it('19: sees a vehicle glide up to its last fix, and never beyond it', async () => {
    const { context, page, feed } = await openOn(VIEW, (now) => [bus('b1', PLACE, now)], { size: 'desk' })
    await page.evaluate(MARKS)
    await expect.poll(async () => (await marks(page)).pill, SOON).toBeGreaterThan(20)
    await page.evaluate(`(() => { window.farthest = -Infinity; const look = () => {
      farthest = Math.max(farthest, marks().middle); requestAnimationFrame(look) }; look() })()`)
    const farthest = (): Promise<number> => page.evaluate<number>('farthest')
    const begin = await feed.now()
    const fix = (metres: number, seconds: number) =>
      feed.tell([bus('b1', [PLACE[0] + metres / METRES_PER_DEGREE, PLACE[1]], begin + seconds * 1_000)])
    const pixels = (metres: number): number => metres / METRES_PER_PIXEL

    await fix(0, 0)
    await fix(200, 10)
    await expect.poll(async () => (await marks(page)).middle, SOON).toBeGreaterThan(4)
    expect((await marks(page)).middle).toBeLessThan(pixels(200) - 4)
    await fix(240, 12)
    await expect.poll(async () => (await marks(page)).middle, SOON).toBeGreaterThan(pixels(240) - 2)
    // The feed says no more: there it stays.
    await page.waitForTimeout(1_500)
    expect(await farthest()).toBeLessThan(pixels(240) + 2)
    await context.close()
  })

  it('20: sees a silent vehicle with its age from 30 s on, hollow when it is old, off the map by 10 min, and in the list', async () => {
    const options = { size: 'desk', clock: true } as const
    const { context, page, feed } = await openOn(VIEW, () => [], options)
    await page.evaluate(MARKS)
    await feed.tell([bus('b1', PLACE, await feed.now())])
    await expect.poll(async () => (await marks(page)).pill, SOON).toBeGreaterThan(20)
    expect((await marks(page)).badge).toBe(0)
    await page.clock.fastForward(31_000)
    await feed.tell()
    await expect.poll(async () => (await marks(page)).badge, SOON).toBeGreaterThan(20)
    expect((await marks(page)).pill).toBeGreaterThan(20)
    await page.clock.fastForward(31_000)
    await feed.tell()
    await expect.poll(async () => (await marks(page)).pill, SOON).toBe(0)
    expect((await marks(page)).any).toBeGreaterThan(100)
    await page.clock.fastForward(9 * 60_000)
    await feed.tell()
    await expect.poll(async () => (await marks(page)).any, SOON).toBe(0)
    expect(await page.locator('#list [data-id=b1]').textContent()).toMatch(/Terakhir terlihat \d\d\.\d\d WIB/)
    await context.close()
  })

  it('22: asks once for everything after a frame that was missed, and knows what a fresh page knows', async () => {
    const fill = (now: number) => [hotspot('a', now), hotspot('b', now)]
    const { context, page, feed } = await openOn('/', fill, { size: 'desk' })
    expect(feed.watches).toBe(1)
    const now = await feed.now()
    await feed.tell([hotspot('a', now, 'down')], true)
    await feed.tell([hotspot('b', now, 'down')])
    await expect.poll(() => feed.watches, SOON).toBe(2)
    const fresh = await open('about:blank', { size: 'desk' })
    await FakeFeed.of(fresh.page, ...feed.devices.values())
    await fresh.page.goto(`${village().http}/`)
    await live(fresh.page)
    const rows = (of: Page): Promise<string[]> =>
      of.locator('#list .row-name, #list .row-state').allInnerTexts()
    await expect.poll(() => rows(fresh.page), SOON).toContain('Gangguan')
    expect(await rows(page)).toEqual(await rows(fresh.page))
    expect(await page.locator('.answer-main').first().textContent()).toBe(
      await fresh.page.locator('.answer-main').first().textContent(),
    )
    await feed.tell()
    await page.waitForTimeout(500)
    expect(feed.watches).toBe(2)
    await fresh.context.close()
    await context.close()
  })

  it('28: hears a change of the nearest hotspots once, at most one in ten seconds of a storm, and keeps the focus', async () => {
    const { context, page, feed } = await openOn('/', (now) => [hotspot('a', now)], { clock: true })
    await page.clock.runFor(2_000)
    await page.locator('#sheet-button').focus()
    await page.evaluate(`window.said = []; new MutationObserver(() => said.push([Date.now(), document.querySelector('#announcer').textContent]))
      .observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true })`)
    const said = (): Promise<[number, string][]> => page.evaluate('said')
    for (let second = 0; second < 25; second += 1) {
      await feed.tell([hotspot('a', await feed.now(), second % 2 === 0 ? 'down' : 'up')])
      await page.clock.runFor(1_000)
    }
    await feed.tell([hotspot('a', await feed.now(), 'down')])
    await page.clock.runFor(12_000)
    const texts = await said()
    expect(texts.length).toBeGreaterThanOrEqual(2)
    for (const [index, [time]] of texts.slice(1).entries()) {
      expect(time - (texts[index]?.[0] ?? 0)).toBeGreaterThanOrEqual(9_900)
    }
    expect(texts.at(-1)?.[1]).toBe(await page.locator('[data-key=wifi] .answer-main').textContent())
    await page.clock.runFor(30_000)
    expect(await said()).toEqual(texts)
    expect(await page.evaluate('document.activeElement.id')).toBe('sheet-button')
    await context.close()
  })

  it('29: sees neither a value nor a marker change during a pause, and everything after it', async () => {
    const { context, page, feed } = await openOn('/', (now) => [hotspot('a', now)], { size: 'desk' })
    const seen = (): Promise<string> =>
      page.evaluate(`document.querySelector('#list .row-state').textContent +
        document.querySelector('#answers').textContent.replace(/sekarang|\\d+ (detik|menit) yang lalu/g, '') + document.querySelector('.point-canvas').toDataURL()`)
    await page.locator('#list [data-id=a]').waitFor()
    await page.locator('[data-act=pause]').click()
    await page.getByText(/Pembaruan dijeda/).waitFor()
    const before = await seen()
    await feed.tell([hotspot('a', await feed.now(), 'down')])
    await page.waitForTimeout(1_500)
    expect(await seen()).toBe(before)
    await page.locator('[data-act=pause]').click()
    await expect.poll(seen, SOON).not.toBe(before)
    expect(await page.locator('#list .row-state').first().textContent()).toContain('Gangguan')
    await context.close()
  })

  it('30, 31: holds few nodes below the map with 2,000 devices, and nothing of a panel that was closed', async () => {
    const around = (index: number): [number, number] => [
      PLACE[0] + Math.cos(index) * 0.008,
      PLACE[1] + Math.sin(index) * 0.008,
    ]
    const fill = (now: number) =>
      Array.from({ length: 2_000 }, (_, index) =>
        index % 4 === 0
          ? bus(`b${index}`, around(index), now)
          : {
              ...hotspot(`h${index}`, now),
              geometry: { type: 'Point' as const, coordinates: around(index) },
            },
      )
    const { context, page } = await openOn('/', fill, { size: 'desk' })
    const cdp = await context.newCDPSession(page)
    await cdp.send('Performance.enable')
    const lookAt = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        await page.evaluate(`document.querySelectorAll('#list [data-id]')[${3 * index}].click()`)
        await page.locator('#detail-title').waitFor()
        await page.waitForTimeout(100)
        await page.keyboard.press('Escape')
        await expect.poll(() => page.locator('#detail').isVisible(), SOON).toBe(false)
      }
    }
    await lookAt(3)
    const before = await held(cdp)
    await lookAt(8)
    const after = await held(cdp)
    expect(after.nodes - before.nodes).toBeLessThan(100)
    expect(after.listeners - before.listeners).toBeLessThan(8)
    expect(await page.locator('#map *').count()).toBeLessThan(200)
    await context.close()
  })

  it('39: sees a gap of a chart as a gap, with the lowest, highest and last in words and every point in a table', async () => {
    const { features } = await village().get<{ features: { id: string }[] }>(
      '/api/v1/devices?kind=sensor&limit=1',
    )
    const { context, page } = await open('about:blank', { size: 'desk', serviceWorkers: 'block' })
    const to = Date.now()
    // Every five minutes of a day, without its third quarter.
    const points = Array.from({ length: 288 }, (_, index): [number, number] => [
      to - (287 - index) * 300_000,
      index === 40 ? 12.5 : index === 250 ? 87.5 : 50,
    ]).filter((_, index) => index < 144 || index >= 216)
    await page.route(/\/readings\?/, async (route) => {
      const isMean = route.request().url().includes('every=')
      const series = isMean ? [{ metric: 'pm2_5', unit: 'ug/m3', points }] : []
      await route.fulfill({ json: { device: 'x', every: '5m', fn: 'mean', series, next: null } })
    })
    await page.goto(`${village().http}/#sel=sensor:${features[0]?.id ?? ''}`)
    await page.locator('.plot canvas').waitFor()
    const line = await page.evaluate<boolean[]>(`(() => {
      const canvas = document.querySelector('.plot canvas'); const ratio = canvas.width / canvas.clientWidth
      const probe = document.createElement('canvas').getContext('2d')
      probe.fillStyle = getComputedStyle(canvas).getPropertyValue('--accent').trim(); probe.fillRect(0, 0, 1, 1)
      const ink = probe.getImageData(0, 0, 1, 1).data
      // Between the axis at the left and the right edge (chart/plot.ts).
      const [left, width] = [52, canvas.clientWidth - 62]
      return [0.1, 0.45, 0.6, 0.7, 0.9].map((share) => {
        const { data } = canvas.getContext('2d').getImageData(Math.round((left + share * width - 2) * ratio), 0, Math.round(4 * ratio), canvas.height)
        for (let at = 0; at < data.length; at += 4)
          if (data[at + 3] > 200 && [0, 1, 2].every((part) => Math.abs(data[at + part] - ink[part]) < 40)) return true
        return false }) })()`)
    expect(line).toEqual([true, true, false, false, true])
    const caption = await page.locator('#detail figcaption').textContent()
    expect(caption).toMatch(/terendah 12,5 .*tertinggi 87,5 .*terakhir 50/)
    expect(await page.locator('#detail details table tbody tr').count()).toBe(points.length)
    await context.close()
  })
}

/** Nodes and listeners after a collection. */
async function held(cdp: CDPSession): Promise<{ readonly nodes: number; readonly listeners: number }> {
  await cdp.send('HeapProfiler.collectGarbage')
  await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN
  return { nodes: of('Nodes'), listeners: of('JSEventListeners') }
}

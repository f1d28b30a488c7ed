// The map, the list and the details, by mouse, by touch and by keyboard alone (docs/ui-statements.md).

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { live, type Resident } from './visitor.ts'

export function onTheMap({ open, village }: Resident): void {
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
    // The map goes to what was opened, and writes where it is once it has come to rest.
    let before = ''
    while (before !== view()) {
      before = view()
      await page.waitForTimeout(1_000)
    }
    await page.goBack()
    await expect.poll(() => page.locator('#detail').isVisible()).toBe(false)
    expect(view()).toBe(before)
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
    // Far away, and never found: each is said in its own words, and the other ways are offered.
    const locate = (answer: string): Promise<void> =>
      page.evaluate(`navigator.geolocation.getCurrentPosition = (found, failed) => ${answer}`)
    await locate('found({ coords: { latitude: -7.8, longitude: 110.4, accuracy: 10 } })')
    await page.locator('[data-act=place]').click()
    await page.locator('#place-dialog [data-act=locate]').click()
    await page.getByText(/Anda berada di luar Cideng/).waitFor()
    await locate('failed({ code: 3, TIMEOUT: 3, PERMISSION_DENIED: 1 })')
    await page.locator('#place-dialog [data-act=locate]').click()
    await page.getByText(/Lokasi belum ditemukan/).waitFor()
    await context.close()
  })

  it('leads from the menu to every page for everybody, on a phone that lies on its side too', async () => {
    const { context, page } = await open('/')
    await live(page)
    await page.setViewportSize({ width: 640, height: 320 })
    await page.locator('.menu summary').click()
    for (const href of ['/ringan', '/cara-hitung', '/privasi', '/bagikan']) {
      const link = page.locator(`.menu-pages a[href="${href}"]`)
      await link.scrollIntoViewIfNeeded()
      await link.click({ trial: true })
    }
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

  it('14: reaches by Tab, in this order, the way to the list, head, place, answers, list, map and its buttons, and sees where it is', async () => {
    const { context, page } = await open('/', { size: 'desk' })
    await live(page)
    await page.locator('#list [data-id]').first().waitFor()
    const parts = ['.skip', '#header', '#place', '#answers', '#list', '#map', '#map-tools']
    const met: string[] = []
    const unseen: string[] = []
    for (let presses = 0; presses < 140 && met.length < parts.length; presses += 1) {
      await page.keyboard.press('Tab')
      const { part, isSeen, text } = await page.evaluate<{
        part: string | null
        isSeen: boolean
        text: string
      }>(`(() => {
        const one = document.activeElement; const style = getComputedStyle(one); const box = one.getBoundingClientRect()
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, innerHeight - box.y) / 2)
        const ring = (element) => { const its = getComputedStyle(element); return its.outlineStyle !== 'none' && parseFloat(its.outlineWidth) >= 2 }
        return { part: ${JSON.stringify(parts)}.find((name) => one.closest(name) !== null) ?? null, text: one.outerHTML.slice(0, 80),
          isSeen: (ring(one) || ring(one.parentElement)) && (one.contains(top) || top?.contains(one) || one.matches('input')) } })()`)
      if (part !== null && !met.includes(part)) met.push(part)
      if (!isSeen) unseen.push(text)
    }
    expect(met).toEqual(parts)
    expect(unseen).toEqual([])
    await context.close()
  })

  it('15: pans by arrow, zooms by +, goes to a point by n, opens it by Enter, and comes back by Escape', async () => {
    const { context, page } = await open('/', { size: 'desk' })
    await live(page)
    await page.locator('#map').focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => viewOf(page)).not.toBe('')
    const panned = viewOf(page)
    await page.keyboard.press('+')
    await expect.poll(() => viewOf(page)).not.toBe(panned)
    await page.keyboard.press('n')
    await expect.poll(() => page.locator('#announcer').textContent()).not.toBe('')
    await page.keyboard.press('Enter')
    await page.locator('#detail-title').waitFor()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('detail-title')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('#detail').isVisible()).toBe(false)
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('map')
    await context.close()
  })

  it('17: does by buttons what is done by dragging: panning, and opening the sheet', async () => {
    const { context, page } = await open('/')
    await live(page)
    await page.locator('[data-act=togglePan]').click()
    await page.locator('[data-act=pan][data-arg=left]').click()
    await expect.poll(() => viewOf(page)).not.toBe('')
    const before = viewOf(page)
    await page.locator('[data-act=pan][data-arg=up]').click()
    await expect.poll(() => viewOf(page)).not.toBe(before)
    await page.locator('#sheet-button').click()
    await page.locator('#list [data-id]').first().waitFor()
    await context.close()
  })

  it('26: shows in a fresh browser what a copied address says: view, layers, selection, language', async () => {
    const first = await open('/', { size: 'desk', language: 'en' })
    await live(first.page)
    await first.page.locator('#list [data-id]').first().click()
    await first.page.locator('#detail-title').waitFor()
    await expect.poll(() => first.page.url()).toMatch(/map=.*sel=.*lang=en/)
    const [address, title] = [first.page.url(), await first.page.locator('#detail-title').textContent()]
    await first.context.close()
    const second = await open(address.slice(village().http.length), { size: 'desk', language: 'id' })
    await live(second.page)
    await second.page.locator('#detail-title').waitFor()
    expect(await second.page.locator('#detail-title').textContent()).toBe(title)
    expect(await second.page.getAttribute('html', 'lang')).toBe('en')
    expect(second.page.url()).toBe(address)
    await second.context.close()
  })

  it('33, 34: shows an index that is none by its reason, and a flagged value with its flag', async () => {
    const station = await village().addDevice(
      'st-empty',
      'sensor',
      '--lat',
      '-6.1702',
      '--lon',
      '106.8071',
      '--name',
      'Stasiun kosong',
    )
    const client = await village().connect(station)
    await client.publishAsync(
      `${station.topicPrefix}/reading`,
      JSON.stringify({ time: new Date().toISOString(), seq: 1, values: { pm2_5: 5_000 } }),
      { qos: 1 },
    )
    await client.endAsync()
    const { context, page } = await open('/#sel=sensor:st-empty', { size: 'desk' })
    await live(page)
    const detail = page.locator('#detail')
    await detail
      .getByText(/Data belum cukup untuk menghitung ISPU|belum mengirim data pencemar/)
      .first()
      .waitFor()
    const text = (await detail.allInnerTexts()).join('\n')
    expect(text).not.toMatch(/Masih aman|Udara baik|Kurangi|Hindari/)
    expect(text).toMatch(/5\.000 µg\/m³/)
    expect(text).toMatch(/rentang|di luar|range/i)
    // In no mean either, and of no category's colour: the marker is the grey question mark.
    const from = new Date(Date.now() - 3_600_000).toISOString()
    const { series } = await village().get<{ series: { points: unknown[] }[] }>(
      `/api/v1/devices/st-empty/readings?metric=pm2_5&from=${from}&every=5m&quality=good`,
    )
    expect(series.flatMap(({ points }) => points)).toEqual([])
    const grey = await page.evaluate<number>(`(() => { const image = document.querySelector('.detail-mark')
      const { width, height } = image; const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')
      context.drawImage(image, 0, 0, width, height); const { data } = context.getImageData(0, 0, width, height)
      let most = 0; for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200)
        most = Math.max(most, Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]))
      return most })()`)
    expect(grey).toBeLessThan(40)
    await context.close()
  })
}

/** The part of the address that says where the map is. */
function viewOf(page: Page): string {
  return /map=[^&]*/.exec(page.url())?.[0] ?? ''
}

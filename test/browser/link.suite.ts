// A page whose network, server or address is not as it should be, and what is told to whom (docs/ui-statements.md).

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { launchChromium } from './chromium.ts'
import { answers, live, type Resident, SOON, selections, visit } from './visitor.ts'

export function onTheLink({ open, village }: Resident): void {
  it('4: asks no other host in a minute with every layer and every kind of panel open, and the policy blocks an image of one', async () => {
    const { context, page, faults } = await open('/#layer=wifi,air,bus,noise,water', {
      size: 'desk',
      clock: true,
    })
    await live(page)
    for (const selection of await selections(village())) {
      await page.evaluate(
        `location.hash = ${JSON.stringify(`layer=wifi,air,bus,noise,water&sel=${selection}`)}`,
      )
      await page.locator('#detail-title').waitFor()
      await page.clock.fastForward(15_000)
    }
    expect(faults).toEqual([])
    const blocked = await page.evaluate<boolean>(`new Promise((done) => {
      const image = new Image(); image.onerror = () => done(true); image.onload = () => done(false)
      image.src = 'https://example.org/x.png' })`)
    expect(blocked).toBe(true)
    expect(faults.some((fault) => /Content Security Policy/.test(fault))).toBe(true)
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

  it('23, 2.13: opens without a network with the last state and its clock, all of it marked old', async () => {
    const { context, page } = await open('/', { size: 'desk' })
    await live(page)
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
    // What is kept for later is kept when the page is left.
    await sleep(3_500)
    await page.goto('about:blank')
    await context.setOffline(true)
    const missed: string[] = []
    page.on('requestfailed', (request) => {
      if (/\/village\/|\/transit\/(routes|stops)(\?|$)/.test(request.url())) missed.push(request.url())
    })
    await page.goto(`${village().http}/`)
    await page
      .getByText(/Tidak ada koneksi internet\. Menampilkan data terakhir pukul \d\d\.\d\d WIB/)
      .waitFor()
    expect(await page.locator('.leaflet-container canvas').count()).toBeGreaterThan(0)
    await page.locator('#list [data-id]').first().waitFor()
    await expect.poll(async () => (await answers(page))[0]).toMatch(/Data lama/)
    expect((await answers(page))[1]).toMatch(/Data udara sudah lama/)
    expect((await answers(page)).join()).not.toMatch(/Langsung/)
    // One visit is enough: streets and stops are there too.
    expect(missed).toEqual([])
    await context.setOffline(false)
    await context.close()
  })

  it('is live where no web socket comes through, as behind some proxies', async () => {
    const { context, page, requests } = await open('/', {
      before:
        'WebSocket = class { constructor() { setTimeout(() => this.onerror(new Event("error"))) } close() {} }',
    })
    await live(page)
    await page.locator('.fresh-line', { hasText: 'Diperbarui' }).waitFor()
    expect(requests.some((url) => url.includes('transport=polling'))).toBe(true)
    await context.close()
  })

  it('21: says that the server is frozen and killed, counts on, and is back with it, without a reload or a point twice', async () => {
    const { context, page } = await open('/', { size: 'desk', clock: true })
    await live(page)
    await page.evaluate('window.isSamePage = true')
    const before = await answers(page)
    const age = (): Promise<string | null> => page.locator('.fresh-line').textContent()
    const ids = (): Promise<string[]> =>
      page
        .locator('#list [data-id]')
        .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id') ?? ''))
    const listed = new Set(await ids()).size
    const pid = await village().partPid('dashboard')
    process.kill(pid, 'SIGSTOP')
    try {
      await page.clock.fastForward(16_000)
      await page.locator('.chip-reconnecting').waitFor({ timeout: 15_000 })
      await page.clock.fastForward(31_000)
      // It is not the internet that is away.
      await page
        .getByText(/Tidak tersambung ke Pantau\. Menampilkan data terakhir pukul/)
        .waitFor({ timeout: 30_000 })
      expect((await answers(page))[1]?.split('\n')[0]).toBe(before[1]?.split('\n')[0])
      const first = await age()
      await page.clock.fastForward(61_000)
      await expect.poll(age, SOON).not.toBe(first)
      expect(await ids()).toHaveLength(listed)
    } finally {
      await village().killPart('dashboard')
    }
    await page.getByText('Tersambung kembali').waitFor({ timeout: 100_000 })
    expect(await page.locator('.chip-live').count()).toBe(1)
    expect(await page.evaluate('window.isSamePage')).toBe(true)
    const after = await ids()
    expect(after.length).toBeGreaterThan(listed / 2)
    expect(new Set(after).size).toBe(after.length)
    await context.close()
  })

  it('24: on plain http of another address asks for no worker and no location, errs in nothing, and lets a place be picked', async () => {
    const { port } = new URL(village().http)
    const browser = await launchChromium(['--host-resolver-rules=MAP pantau.test 127.0.0.1'])
    const { context, page, faults } = await visit(browser, `http://pantau.test:${port}`, '/', {
      size: 'desk',
    })
    await live(page)
    expect(await page.evaluate('isSecureContext')).toBe(false)
    expect(await page.locator('[data-act=locate]').count()).toBe(0)
    await page.locator('[data-act=place]').click()
    await page.locator('#place-dialog input').fill('balai')
    await page.locator('#place-dialog [role=option]').first().click()
    await page.getByText(/Di sekitar: Balai/).waitFor()
    expect(faults).toEqual([])
    await context.close()
    await browser.close()
  })
}

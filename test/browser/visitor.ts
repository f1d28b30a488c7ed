// A visitor in Chromium: a page of the village on a phone or on a desk, and what went wrong while it was open.

import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { DeviceCollection, StopsAnswer } from '../../contract/api.ts'
import type { TestVillage } from '../village.ts'

export const SIZES = {
  phone: { width: 360, height: 640 },
  desk: { width: 1280, height: 800 },
} as const

export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors of the page and its console, and requests to other hosts. */
  readonly faults: readonly string[]
  /** Addresses that were asked for, with the path of each. */
  readonly requests: readonly string[]
}

export interface VisitOptions extends BrowserContextOptions {
  readonly size?: keyof typeof SIZES
  readonly language?: 'id' | 'en'
  /** The page's clock can be put forward. */
  readonly clock?: boolean
  /** Runs in each page before its own scripts. */
  readonly before?: string
}

/** What the suites are given: the village runs once for all of them. */
export interface Resident {
  village(): TestVillage
  browser(): Browser
  open(path: string, options?: VisitOptions): Promise<Visit>
}

/** For what comes by itself, also on a machine that has much to do. */
export const SOON = { timeout: 20_000 } as const

/** A time as Indonesian pages write it. */
export const CLOCK = /\d\d\.\d\d WIB/

/** Opens a page of the village at `origin`; the context is the caller's to close. */
export async function visit(
  browser: Browser,
  origin: string,
  path: string,
  options: VisitOptions = {},
): Promise<Visit> {
  const { size = 'phone', language = 'id', clock = false, before, ...rest } = options
  const context = await browser.newContext({
    viewport: SIZES[size],
    hasTouch: size === 'phone',
    locale: language === 'id' ? 'id-ID' : 'en-GB',
    ...rest,
  })
  if (before !== undefined) await context.addInitScript(before)
  const page = await context.newPage()
  const faults: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => faults.push(`page: ${error.message}`))
  context.on('request', (request) => {
    const url = new URL(request.url())
    if (!url.protocol.startsWith('http')) return
    requests.push(request.url())
    if (url.origin !== origin) faults.push(`another host: ${url.href}`)
  })
  if (clock) await page.clock.install()
  await page.goto(path === 'about:blank' ? path : origin + path)
  return { context, page, faults, requests }
}

/** Waits until the live word has come: then the answers are the page's own. */
export async function live(page: Page): Promise<void> {
  await page.locator('.chip-live').waitFor()
  await page.locator('#fresh button').waitFor()
}

/** One of each kind that has a panel, as the page's address names it. */
export async function selections(village: TestVillage): Promise<readonly string[]> {
  const [{ features }, { stops }] = await Promise.all([
    village.get<DeviceCollection>('/api/v1/devices?limit=1000'),
    village.get<StopsAnswer>('/api/v1/transit/stops?limit=1'),
  ])
  const kinds = (['hotspot', 'sensor', 'vehicle'] as const).map((kind) => {
    const device = features.find(({ properties }) => properties.kind === kind)
    return `${kind}:${device?.id ?? ''}`
  })
  return [...kinds, `stop:${encodeURIComponent(stops[0]?.id ?? '')}`]
}

export async function answers(page: Page): Promise<readonly string[]> {
  return page.locator('.answer .answer-text').allInnerTexts()
}

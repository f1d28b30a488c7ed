// The desks' tests: how pages are looked at, staff who open them, and hotspots of the village's own list that report what a test wants.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { systemClock } from '../../contract/time.ts'
import { addDevice } from '../../runtime/devices.ts'
import { root, type TestVillage } from '../village.ts'
import { type SIZES, type Visit, visit } from './visitor.ts'

export interface Look {
  readonly size: keyof typeof SIZES
  readonly theme: 'light' | 'dark'
  readonly language: 'id' | 'en'
}

/** Phone and desk, light and dark, both languages. */
export const EVERY_LOOK: readonly Look[] = (['phone', 'desk'] as const).flatMap((size) =>
  (['light', 'dark'] as const).flatMap((theme) =>
    (['id', 'en'] as const).map((language) => ({ size, theme, language })),
  ),
)

/** `SHOTS=all` looks at everything in every way; else one way stands for all, the narrowest. */
export const LOOKS: readonly Look[] =
  process.env['SHOTS'] === 'all' ? EVERY_LOOK : [{ size: 'phone', theme: 'dark', language: 'id' }]

export const ON_A_DESK: Look = { size: 'desk', theme: 'light', language: 'en' }

export const artefacts = join(root, 'artefacts')

/** A page as somebody sees it who holds the cookie; without one it is a stranger's. */
export async function openAs(
  browser: Browser,
  village: TestVillage,
  cookie: string | null,
  { size, theme, language }: Look,
  path: string,
): Promise<Visit> {
  const opened = await visit(browser, village.http, 'about:blank', { size, language, colorScheme: theme })
  if (cookie !== null) await opened.context.addCookies(cookiesOf(village.http, cookie))
  await opened.page.goto(village.http + path)
  return opened
}

function cookiesOf(origin: string, cookie: string) {
  const { hostname } = new URL(origin)
  return cookie.split('; ').map((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    return { name, value, domain: hostname, path: '/' }
  })
}

export const tab = (page: Page, name: string) => page.locator(`#desk-tabs [data-arg="${name}"]`)
export const tableRow = (page: Page, id: string) => page.locator(`#table tr[data-key="${id}"]`)

/** Keeps a picture, and holds that nothing scrolls sideways. */
export async function fits(page: Page, look: Look, view: string): Promise<void> {
  const { size, theme, language } = look
  await page.screenshot({ path: join(artefacts, `${view}-${size}-${theme}-${language}.png`) })
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
  expect([view, overflow <= 0]).toEqual([view, true])
}

interface Listed {
  readonly id: string
  readonly kind: 'hotspot' | 'sensor' | 'vehicle'
  readonly name: string
  readonly lat: number
  readonly lon: number
}

const listed = JSON.parse(
  readFileSync(join(root, 'villages/cideng/devices.json'), 'utf8'),
) as readonly Listed[]

export const nameOf = (id: string): string => listed.find((one) => one.id === id)?.name ?? id

/** Adds a hotspot of the village's list as a real one, and sends its reports in order. */
export async function reportAs(
  village: TestVillage,
  id: string,
  reports: readonly Readonly<Record<string, number>>[],
): Promise<void> {
  const device = listed.find((one) => one.id === id)
  if (device === undefined) throw new Error(`the village has no ${id}`)
  const { kind, name, lat, lon } = device
  const credentials = await addDevice(
    village.dataFolder,
    'cideng',
    { id, kind, name, lat, lon },
    systemClock.now(),
  )
  if (reports.length === 0) return
  const client = await village.connect(credentials)
  for (const values of reports)
    await client.publishAsync(`${credentials.topicPrefix}/reading`, JSON.stringify({ values }), { qos: 1 })
  await client.endAsync()
}

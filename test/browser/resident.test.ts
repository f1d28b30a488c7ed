// What a resident meets on the map's page, in real Chromium on a village that is simulated. The number before a test is that of the
// statement in docs/ui-statements.md.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { startVillage, type TestVillage, until } from '../village.ts'
import { walksTheApi } from '../walk/api.suite.ts'
import { walksTheExports } from '../walk/exports.suite.ts'
import { walksTheFeeds } from '../walk/feeds.suite.ts'
import { walksOldPages } from '../walk/old-pages.suite.ts'
import { walksThePages } from '../walk/pages.suite.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { onTheFeed } from './feed.suite.ts'
import { firstView } from './first-view.suite.ts'
import { onTheLink } from './link.suite.ts'
import { toTheEye } from './look.suite.ts'
import { onTheMap } from './map.suite.ts'
import { type Resident, visit } from './visitor.ts'

describe.runIf(hasChromium())('a resident', () => {
  let village: TestVillage
  let browser: Browser

  beforeAll(async () => {
    village = await startVillage({ PANTAU_SIMULATE: 'on' })
    browser = await launchChromium()
    // In a village's first seconds nothing was heard yet, and the answers say so without a time.
    await until(async () => {
      const answers = await (await fetch(`${village.http}/`)).text()
      return (answers.match(/\d\d\.\d\d WIB/g) ?? []).length >= 3
    })
  })
  afterAll(async () => {
    await browser?.close()
    await village?.dispose()
  })

  const resident: Resident = {
    village: () => village,
    browser: () => browser,
    open: (path, options) => visit(browser, village.http, path, options),
  }
  describe('at first', () => firstView(resident))
  describe('on the map', () => onTheMap(resident))
  describe('on a feed', () => onTheFeed(resident))
  describe('to the eye', () => toTheEye(resident))
  describe('on a bad line', () => onTheLink(resident))
  // Of a village that has run for a while, so that there is something of everything.
  describe('and whoever asks for numbers', () => {
    walksThePages(resident)
    walksOldPages(() => browser)
    walksTheApi(() => village)
    walksTheExports(() => village)
    walksTheFeeds(() => village)
  })
})

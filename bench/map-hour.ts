// `npm run bench -- map --hour`: what an hour of a resident's page costs in memory. The real page of a real village, with 2,000 devices
// on its live feed: vehicles move every second, a tenth of the others send, and each minute somebody opens one, pans and zooms.

import { request as ask, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { Server as LiveServer } from 'socket.io'
import type { DeviceCollection, DeviceFeature } from '../contract/api.ts'
import type { ClientToServer, ServerToClient } from '../contract/live.ts'
import { LIVE_NAMESPACE } from '../contract/live.ts'
import { formatTime, SECOND, systemClock } from '../contract/time.ts'
import { startVillage } from '../test/village.ts'
import { benchFlags } from './flags.ts'
import { printTable } from './table.ts'

const DEVICES = 2_000
const MINUTES = 60
/** Of what stands still, one in so many sends in a second. */
const ONE_IN = 10
/** Degrees: clones of a device stand around it. */
const AROUND = 0.004
/** A step of about 8 m. */
const STEP = 0.00008

interface Feed {
  readonly url: string
  close(): void
}

interface Held {
  readonly heapMb: number
  readonly nodes: number
  readonly listeners: number
}

export async function benchHour(browser: Browser, flags: readonly string[]): Promise<void> {
  const { minutes } = benchFlags(flags, { minutes: { least: 1, most: 24 * 60, usual: MINUTES } })
  const village = await startVillage({ PANTAU_SIMULATE: 'on' }, { readyMs: 600 * SECOND })
  const known = await village.get<DeviceCollection>('/api/v1/devices?limit=1000')
  const feed = await startFeed(village.http, known)
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Performance.enable')
    await page.goto(feed.url)
    await page.locator('#list [data-id]').first().waitFor()
    await page.waitForTimeout(5 * SECOND)
    await page.evaluate(`globalThis.longestMs = 0; new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration) }).observe({ type: 'longtask' })`)
    const rows: (string | number)[][] = []
    let first: Held | null = null
    for (let minute = 1; minute <= minutes; minute += 1) {
      const begin = systemClock.monotonicMs()
      await lookAround(page, minute)
      await page.waitForTimeout(Math.max(0, 60 * SECOND - (systemClock.monotonicMs() - begin)))
      const held = await heldBy(cdp)
      first ??= held
      if (minute !== 1 && minute % 5 !== 0 && minute !== minutes) continue
      const longestMs = await page.evaluate<number>('longestMs')
      rows.push([`${minute}`, held.heapMb, held.heapMb - first.heapMb, held.nodes, held.listeners, longestMs])
      process.stdout.write(`minute ${minute}: ${held.heapMb.toFixed(2)} MB, ${held.nodes} nodes\n`)
    }
    process.stdout.write(
      `${DEVICES} devices on the residents' page for ${minutes} minutes; targets: grows less than 10 MB, no task over 200 ms\n`,
    )
    printTable(['minute', 'heap MB', 'grown by MB', 'nodes', 'listeners', 'longest task ms'], rows)
  } finally {
    feed.close()
    await village.dispose()
  }
}

/** What a resident does once a minute. */
async function lookAround(page: Page, minute: number): Promise<void> {
  await page
    .locator('#list [data-id]')
    .nth((minute * 7) % 50)
    .click()
  await page.locator('#detail-title').waitFor()
  await page.waitForTimeout(3 * SECOND)
  await page.keyboard.press('Escape')
  await page.locator('#map').focus()
  for (const key of ['-', 'ArrowLeft', 'n', 'n', 'ArrowRight', '+']) {
    await page.keyboard.press(key)
    await page.waitForTimeout(SECOND)
  }
  await page.locator('#map-tools [data-act=home]').click()
}

async function heldBy(cdp: CDPSession): Promise<Held> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN
  return { heapMb: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes'), listeners: of('JSEventListeners') }
}

/** The village's own devices and as many others like them as it takes. */
function crowdOf(features: readonly DeviceFeature[]): readonly DeviceFeature[] {
  return Array.from({ length: DEVICES }, (_, index) => {
    const like = features[index % features.length]
    if (like === undefined) throw new Error('the village has no device')
    const round = Math.floor(index / features.length)
    if (round === 0) return like
    const [lon = 0, lat = 0] = like.geometry?.coordinates ?? []
    const place = [lon + Math.cos(index) * AROUND, lat + Math.sin(index) * AROUND]
    return { ...like, id: `${like.id}-${round}`, geometry: { type: 'Point', coordinates: place } }
  })
}

/** The village's pages with a live feed of our own in front of them. */
async function startFeed(
  village: string,
  { features, units = {}, rules = {} }: DeviceCollection,
): Promise<Feed> {
  const http = createServer((request, response) => {
    const { method, headers } = request
    const asked = ask(`${village}${request.url ?? '/'}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    asked.once('error', () => response.destroy())
    request.pipe(asked)
  })
  const devices = new Map(crowdOf(features).map((feature) => [feature.id, feature]))
  const live = new LiveServer<ClientToServer, ServerToClient>(http).of(LIVE_NAMESPACE)
  let seq = 0
  live.on('connection', (socket) => {
    socket.on('watch', () => {
      const time = formatTime(systemClock.now())
      socket.emit('snapshot', { seq, time, devices: [...devices.values()], fresh: true, units, rules })
    })
  })
  const timer = setInterval(() => {
    seq += 1
    const time = formatTime(systemClock.now())
    const changed = [...devices.values()].flatMap((feature, index) => sent(feature, index, seq, time))
    for (const feature of changed) devices.set(feature.id, feature)
    live.emit('delta', { seq, time, changed, removed: [] })
  }, SECOND)
  const close = (): void => {
    clearInterval(timer)
    http.closeAllConnections()
    http.close()
  }
  return { url: `${await listen(http)}/`, close }
}

/** What a device says in that second: nothing, or that it is there, and a vehicle where. */
function sent(feature: DeviceFeature, index: number, second: number, time: string): readonly DeviceFeature[] {
  const { transit } = feature.properties
  if (transit === undefined && (index + second) % ONE_IN !== 0) return []
  const [lon = 0, lat = 0] = feature.geometry?.coordinates ?? []
  // To and fro, so that an hour does not lead out of the village.
  const step = Math.floor(second / 30) % 2 === 0 ? STEP : -STEP
  const place =
    transit === undefined ? [lon, lat] : [lon + Math.cos(index) * step, lat + Math.sin(index) * step]
  const values = Object.entries(feature.properties.values).map(([metric, value]) => [
    metric,
    { ...value, time },
  ])
  const properties = { ...feature.properties, lastSeen: time, values: Object.fromEntries(values) }
  return [{ ...feature, geometry: { type: 'Point', coordinates: place }, properties }]
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

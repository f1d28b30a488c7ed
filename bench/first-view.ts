// `npm run bench -- first-view`: how long until a resident on a cheap phone and a slow network (1.6 Mbit/s, 150 ms, a processor four
// times slower) reads the answers and sees a marker, and how much script that takes; beside it a plain Leaflet page with circle markers
// on the same devices in the same run.

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../test/browser/chromium.ts'
import { startVillage } from '../test/village.ts'
import { median, printTable } from './table.ts'

const ROUNDS = 5
const SLOW_4G = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
}
const SLOWER_CPU = 4
/** Targets of reference/ui 7.2. */
const TARGETS = ['<= 2.00', '<= 5.00', '<= 150']

interface View {
  readonly answersS: number
  readonly markerS: number
  readonly scriptKb: number
  readonly allKb: number
}

export async function benchFirstView(): Promise<void> {
  const village = await startVillage({ PANTAU_SIMULATE: 'on' })
  const browser = await launchChromium()
  const plain = await plainPage(village.http)
  try {
    const ours: View[] = []
    const theirs: View[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await firstView(browser, `${village.http}/`))
      theirs.push(await firstView(browser, plain.url))
    }
    const row = (name: string, views: readonly View[], hasAnswers: boolean): (string | number)[] => [
      name,
      hasAnswers ? median(views.map(({ answersS }) => answersS)) : 'has none',
      median(views.map(({ markerS }) => markerS)),
      median(views.map(({ scriptKb }) => scriptKb)),
      median(views.map(({ allKb }) => allKb)),
    ]
    process.stdout.write(
      `1.6 Mbit/s, 150 ms, processor ${SLOWER_CPU} times slower, 360x640, empty cache; medians of ${ROUNDS} rounds in turn\n`,
    )
    printTable(
      ['page', 'answers visible s', 'first marker s', 'script kB', 'all until then kB'],
      [row('Pantau', ours, true), row('Leaflet circles', theirs, false), ['target', ...TARGETS, '-']],
    )
  } finally {
    plain.server.close()
    await browser.close()
    await village.dispose()
  }
}

async function firstView(browser: Browser, url: string): Promise<View> {
  const context = await browser.newContext({
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    locale: 'id-ID',
    serviceWorkers: 'block',
  })
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Network.enable')
  await cdp.send('Network.emulateNetworkConditions', SLOW_4G)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER_CPU })
  await page.goto(url, { waitUntil: 'commit' })
  // Not `waitForFunction`: the policy of the page takes no evaluated text, and that is how it asks.
  await page.evaluate(`new Promise((done) => { const look = () =>
    performance.getEntriesByName('first-marker').length > 0 ? done() : setTimeout(look, 50); look() })`)
  const view = await page.evaluate<View>(`(() => {
    const at = (name) => (performance.getEntriesByName(name)[0]?.startTime ?? NaN) / 1000
    const files = performance.getEntriesByType('resource')
    const size = (list) => list.reduce((sum, one) => sum + one.encodedBodySize, 0) / 1000
    const page = performance.getEntriesByType('navigation')[0].encodedBodySize / 1000
    return { answersS: at('first-contentful-paint'), markerS: at('first-marker'),
      scriptKb: size(files.filter((one) => new URL(one.name).pathname.endsWith('.js'))), allKb: size(files) + page } })()`)
  await context.close()
  return view
}

/** What one writes in an hour: Leaflet from its own files, the devices as GeoJSON, a circle for each. */
async function plainPage(village: string): Promise<{ readonly url: string; readonly server: Server }> {
  const leaflet = createRequire(import.meta.url).resolve('leaflet/dist/leaflet.js')
  const files: Readonly<Record<string, readonly [string, () => Promise<string>]>> = {
    '/': ['text/html', async () => PLAIN_PAGE],
    '/leaflet.js': ['text/javascript', async () => readFileSync(leaflet, 'utf8')],
    '/leaflet.css': ['text/css', async () => readFileSync(leaflet.replace(/\.js$/, '.css'), 'utf8')],
    '/devices.json': [
      'application/json',
      async () => (await fetch(`${village}/api/v1/devices?limit=1000`)).text(),
    ],
  }
  const server = createServer((request, response) => {
    const file = files[request.url ?? '']
    if (file === undefined) {
      response.writeHead(404).end()
      return
    }
    void file[1]().then((text) =>
      response.writeHead(200, { 'content-type': file[0], 'content-encoding': 'gzip' }).end(gzipSync(text)),
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server }
}

const PLAIN_PAGE = `<!doctype html><meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/leaflet.css">
<style>body{margin:0}#map{height:100vh}</style><h1>Devices</h1><div id="map"></div><script src="/leaflet.js"></script><script>
const map = L.map('map', { preferCanvas: true }).setView([-6.17, 106.807], 14)
fetch('/devices.json').then((answer) => answer.json()).then(({ features }) => {
  for (const { geometry } of features) if (geometry) L.circleMarker([geometry.coordinates[1], geometry.coordinates[0]]).addTo(map)
  requestAnimationFrame(() => performance.mark('first-marker')) })</script>`

// `npm run bench -- map`: frames a second, heap and long tasks while all points move once a second, our layer beside Leaflet's circle
// markers on canvas, on the same places in the same run. `--hour` instead watches the heap of the residents' page for an hour (`map-hour.ts`).

import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchChromium } from '../test/browser/chromium.ts'
import { root } from '../test/village.ts'
import { benchHour } from './map-hour.ts'
import { median, printTable } from './table.ts'

const COUNTS = [5_000, 10_000, 50_000] as const
const WAYS = ['own', 'circles'] as const
type Way = (typeof WAYS)[number]

/** Targets of reference/ui 8, statements 30 and 31. */
const LEAST_FRAMES: Readonly<Record<number, number>> = { 10000: 50, 50000: 45 }
const SETTLE_S = 3
const MEASURED_S = 10

/** Answered by the benchmark itself. */
const ORIGIN = 'http://localhost/'
const PAGE = '<!doctype html><style>body{margin:0}#map{height:100vh}</style><div id="map"></div>'

interface Measured {
  readonly frames: readonly number[]
  readonly longTasks: number
  readonly longestMs: number
  readonly nodes: number
}

export async function benchMap(flags: readonly string[]): Promise<void> {
  const browser = await launchChromium(['--disable-background-timer-throttling'])
  try {
    if (flags[0] === '--hour') await benchHour(browser, flags.slice(1))
    else await compare(browser, await bundle())
  } finally {
    await browser.close()
  }
}

async function compare(browser: Browser, script: string): Promise<void> {
  const rows: (string | number)[][] = []
  for (const count of COUNTS) {
    const measured = new Map<Way, Awaited<ReturnType<typeof runOnce>>>()
    for (const way of WAYS) measured.set(way, await runOnce(browser, script, way, count))
    const [own, circles] = [measured.get('own'), measured.get('circles')]
    if (own === undefined || circles === undefined) continue
    const [ours, theirs] = [median(own.frames), median(circles.frames)]
    rows.push([
      `${count}`,
      ours,
      theirs,
      theirs === 0 ? '-' : ours / theirs,
      LEAST_FRAMES[count] === undefined ? '-' : `>= ${LEAST_FRAMES[count]}`,
      `${own.heapMb.toFixed(0)} / ${circles.heapMb.toFixed(0)}`,
      `${own.longTasks} (${own.longestMs.toFixed(0)} ms) / ${circles.longTasks} (${circles.longestMs.toFixed(0)} ms)`,
      `${own.nodes}`,
    ])
  }
  process.stdout.write(
    `all points move once a second; median of ${MEASURED_S} s in ${browser.version()}, headless, without a graphics card; long tasks are over 50 ms\n`,
  )
  printTable(
    ['points', 'frames a second', 'Leaflet circles', 'ratio', 'target', 'heap MB', 'long tasks', 'nodes'],
    rows,
  )
}

async function runOnce(
  browser: Browser,
  script: string,
  way: Way,
  count: number,
): Promise<Measured & { readonly heapMb: number }> {
  const { page, cdp } = await openPage(browser, script)
  await page.evaluate(`begin(${JSON.stringify(way)}, ${count})`)
  await page.waitForTimeout(SETTLE_S * 1_000)
  const measured = await page.evaluate<Measured>(`measure(${MEASURED_S})`)
  const heapMb = await heapOf(cdp)
  await page.close()
  return { ...measured, heapMb }
}

async function openPage(browser: Browser, script: string): Promise<{ page: Page; cdp: CDPSession }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  // The worker of the clusters is asked for too; nothing here is clustered, so it is given an empty one.
  await page.route(`${ORIGIN}**`, async (route) => {
    const isPage = route.request().url() === ORIGIN
    await route.fulfill({ contentType: isPage ? 'text/html' : 'text/javascript', body: isPage ? PAGE : '' })
  })
  await page.goto(ORIGIN)
  await page.addScriptTag({ content: script })
  return { page, cdp: await page.context().newCDPSession(page) }
}

async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  return usedSize / 1e6
}

/** The page's code as the pages themselves are built, minified. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'dashboard/web/measure/moving-points.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    target: 'es2022',
    alias: { leaflet: join(root, 'node_modules/leaflet/dist/leaflet-src.esm.js') },
    define: { 'import.meta.url': JSON.stringify(ORIGIN) },
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

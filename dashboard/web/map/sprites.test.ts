/// <reference types="node" />
// Markers as they are drawn, in a real browser: what is told apart by colour must be told apart without it (reference/ui 8, rows 9
// and 10). Skipped where there is no Chromium, unless PANTAU_REQUIRE wants it.

import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEVICE_STATES } from '../../../contract/device-state.ts'
import { hasChromium, launchChromium } from '../../../test/browser/chromium.ts'
import { CATEGORIES } from '../air-index.ts'
import type { SpriteSpec } from './sprite-spec.ts'

/** Luminance and alpha of each pixel, colours left out. */
type Mask = readonly number[]

describe.runIf(hasChromium())('markers', () => {
  let browser: Browser
  let texts: (spec: SpriteSpec) => Promise<readonly string[]>
  let masks: (specs: readonly SpriteSpec[]) => Promise<readonly Mask[]>

  beforeAll(async () => {
    const bundled = await build({
      stdin: {
        contents: `import { Sprites } from './sprites.ts'
          import { palette } from './palette.ts'
          globalThis.masksOf = (specs) => {
            const sprites = new Sprites(palette('light', false), 1)
            return specs.map((spec) => {
              const { canvas } = sprites.get(spec)
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
              return Array.from({ length: data.length / 4 }, (_, i) => {
                const grey = 0.2126 * data[4 * i] + 0.7152 * data[4 * i + 1] + 0.0722 * data[4 * i + 2]
                return Math.round((grey * data[4 * i + 3]) / 255)
              })
            })
          }
          globalThis.textsOf = (spec) => {
            const texts = []
            const plain = CanvasRenderingContext2D.prototype.fillText
            CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { texts.push(text); plain.call(this, text, ...rest) }
            new Sprites(palette('light', false), 1).get(spec)
            CanvasRenderingContext2D.prototype.fillText = plain
            return texts
          }`,
        resolveDir: join(import.meta.dirname),
        loader: 'ts',
      },
      bundle: true,
      write: false,
      format: 'iife',
    })
    browser = await launchChromium()
    const page = await browser.newPage()
    await page.addScriptTag({ content: bundled.outputFiles[0]?.text ?? '' })
    texts = (spec) =>
      page.evaluate(
        (given) => (globalThis as unknown as { textsOf(of: unknown): string[] }).textsOf(given),
        spec,
      )
    masks = (specs) =>
      page.evaluate(
        (given) => (globalThis as unknown as { masksOf(of: unknown): Mask[] }).masksOf(given),
        specs,
      )
  })

  afterAll(async () => {
    await browser?.close()
  })

  /** Share of pixels that differ by more than a tenth of the range. */
  const difference = (a: Mask, b: Mask): number =>
    a.filter((grey, index) => Math.abs(grey - (b[index] ?? 0)) > 25).length / a.length

  it('of a station hold the number of its index and the letter of its category', async () => {
    for (const categories of Object.values(CATEGORIES)) {
      for (const { key, letter } of categories) {
        expect(await texts({ shape: 'station', text: '86', category: key, freshness: 'live' })).toEqual([
          '86',
          letter,
        ])
      }
    }
  })

  it('in grey differ between any two states of a hotspot', async () => {
    const drawn = await masks(
      DEVICE_STATES.map((state) => ({ shape: 'hotspot', state, freshness: 'live' }) as const),
    )
    for (const [first, a] of drawn.entries()) {
      for (const b of drawn.slice(first + 1)) expect(difference(a, b)).toBeGreaterThan(0.03)
    }
  })

  it('in grey differ between an old state and the same state now', async () => {
    const [now = [], old = []] = await masks([
      { shape: 'hotspot', state: 'up', freshness: 'live' },
      { shape: 'hotspot', state: 'up', freshness: 'stale' },
    ])
    expect(difference(now, old)).toBeGreaterThan(0.1)
  })

  it('in grey differ between any two categories of an index', async () => {
    for (const categories of Object.values(CATEGORIES)) {
      const drawn = await masks(
        categories.map(
          ({ key }) => ({ shape: 'station', text: '', category: key, freshness: 'live' }) as const,
        ),
      )
      for (const [first, a] of drawn.entries()) {
        for (const b of drawn.slice(first + 1)) expect(difference(a, b)).toBeGreaterThan(0.02)
      }
    }
  })
})

// Where there is no coverage, on the infrastructure desk: against the exact share of domain B12, and by RW.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { type CoveredPlace, coveredShareOf } from '../../domain/connectivity/coverage.ts'
import type { GeoArea } from '../../domain/geo/polygon.ts'
import { root } from '../village.ts'
import { tab } from './desk.ts'
import type { InfrastructureDesk } from './infrastructure-desk.suite.ts'

/** Of the twelve: what is up, what is not known to be, and the rest is down. */
const UP = [
  'hs-halte-petojo-selatan',
  'hs-halte-batang-hari',
  'hs-kelurahan-cideng',
  'hs-rptra-cideng',
  'hs-puskesmas-cideng',
]
const UNKNOWN = ['hs-itc-roxy-lobi', 'hs-sdn-cideng-10', 'hs-rsud-tarakan-lobi', 'hs-balai-rw-04']
const DOWN = ['uplink-utara', 'hs-halte-kapuas', 'hs-halte-ciujung']

const folder = join(root, 'villages/cideng')
const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T

function exactShare(ids: readonly string[]): number {
  const devices = read<readonly { id: string; lat: number; lon: number; radius_m?: number }[]>('devices.json')
  const places = devices.flatMap(({ id, lat, lon, radius_m: radiusM }): readonly CoveredPlace[] =>
    radiusM !== undefined && ids.includes(id) ? [{ lat, lon, radiusM }] : [],
  )
  const { features } = read<{ features: readonly { geometry: GeoArea }[] }>('boundary.geojson')
  const [boundary] = features
  return boundary === undefined ? Number.NaN : (coveredShareOf(boundary.geometry, places) ?? Number.NaN)
}

async function shares(page: Page): Promise<readonly number[]> {
  const texts = await page.locator('#panel .coverage-shares dd').allInnerTexts()
  return texts.map((text) => Number.parseFloat(text) / 100)
}

/** West and east of the middle of the village. */
const RW = [
  ['RW 01', 106.78, 106.808],
  ['RW 02', 106.808, 106.84],
] as const

export function coverage({ open }: InfrastructureDesk): void {
  it('shows what is reached, what may be and what is not, as the exact rule does', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    await page.locator('#kpi [data-arg=coverage]').click()
    await page.locator('#coverage-map .leaflet-image-layer').waitFor()
    const now = await shares(page)
    const [up, known] = [exactShare(UP), exactShare([...UP, ...UNKNOWN])]
    // Half a percent is what B12 allows a grid.
    expect(Math.abs((now[0] ?? 0) - up)).toBeLessThan(0.005)
    expect(Math.abs((now[1] ?? 0) - (known - up))).toBeLessThan(0.005)
    expect(now[1]).toBeGreaterThan(0)
    expect(now.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 2)
    await page.getByText('Estimate from the radius of each hotspot, not measured.').first().waitFor()
    await page.locator('#panel table').first().getByText('ha').first().waitFor()
    await page.getByRole('button', { name: 'If all are up' }).click()
    await expect.poll(async () => (await shares(page))[1]).toBe(0)
    expect(Math.abs(((await shares(page))[0] ?? 0) - exactShare([...UP, ...UNKNOWN, ...DOWN]))).toBeLessThan(
      0.005,
    )
    expect(new URL(page.url()).hash).toBe('#tab=coverage&only=planned&lang=en')
    // A link leads to the same, and its map has found its size.
    await page.reload()
    await page.locator('#coverage-map .leaflet-image-layer').waitFor()
    const [frame, picture] = await Promise.all(
      ['.coverage-frame', '.leaflet-image-layer'].map((part) => page.locator(part).boundingBox()),
    )
    expect(picture?.height ?? 0).toBeGreaterThan(0.5 * (frame?.height ?? 0))
    expect(picture?.y ?? 0).toBeGreaterThanOrEqual(frame?.y ?? 0)
    await context.close()
  })

  it('sums coverage and availability up by RW, where the base map has their borders', async () => {
    const { context, page } = await open('/infrastructure#lang=en')
    await page.route('**/landmarks.geojson', async (route) => {
      const file = (await (await route.fetch()).json()) as { features: object[] }
      const areas = RW.map(([name, west, east]) => ({
        type: 'Feature',
        properties: { class: 'rw', name },
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [west, -6.2],
              [east, -6.2],
              [east, -6.15],
              [west, -6.15],
              [west, -6.2],
            ],
          ],
        },
      }))
      await route.fulfill({ json: { ...file, features: [...file.features, ...areas] } })
    })
    await tab(page, 'coverage').click()
    const rows = page.locator('#panel tr[data-key^="RW"]')
    await rows.nth(1).waitFor()
    const counts = (await rows.locator('td:nth-child(2)').allInnerTexts()).map(Number)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12)
    expect(Math.min(...counts)).toBeGreaterThan(0)
    await tab(page, 'report').click()
    await page.locator('#panel tr[data-key="area:RW 02"]').waitFor()
    const outages = async (key: string): Promise<number> =>
      Number(await page.locator(`#panel tr[data-key="${key}"] td:nth-child(7)`).textContent())
    expect((await outages('area:RW 01')) + (await outages('area:RW 02'))).toBe(await outages('total'))
    await context.close()
  })
}

// Jakarta's published daily ISPU of five stations, 2010 to 2023. The archive holds sub-indices and no concentrations, so what can be checked is
// what follows from them: the index, its pollutant and its category, and that the table gives each sub-index back. Where the published row
// differs, the difference is counted, or listed. Nobody states its licence, so it is not part of the repository.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  ISPU_CATEGORIES,
  ISPU_CONCENTRATIONS,
  ISPU_POLLUTANTS,
  type IspuPollutant,
  ispu,
  ispuCategory,
} from '../domain/air/ispu.ts'
import { worstPart } from '../domain/air/worst-part.ts'
import { halfUp } from '../domain/rounding.ts'

const FILE = '/work/shared/data/air-series/ispu-jakarta-2010-2023-daily.csv.gz'

/** In the archive's words. */
const POLLUTANTS = { pm2_5: 'PM2.5', pm10: 'PM10', o3: 'O3', no2: 'NO2', so2: 'SO2', co: 'CO' } as const

interface Row {
  readonly day: string
  readonly parts: readonly { readonly pollutant: keyof typeof POLLUTANTS; readonly value: number }[]
  /** As published; `mended` as who collected the archive mended it. */
  readonly published: Said
  readonly mended: Said
}

interface Said {
  readonly max: number
  readonly critical: string
  readonly category: string
}

describe.skipIf(!existsSync(FILE))('fourteen years of published ISPU', () => {
  const rows = read()

  it('are read whole', () => {
    expect(rows).toHaveLength(14_081)
  })

  it('have the index and the pollutant that the rule finds in their sub-indices, once mended', () => {
    const others = rows.filter(({ parts, mended }) => {
      const worst = worstPart(parts, ISPU_POLLUTANTS)
      const tied = parts
        .filter(({ value }) => value === worst?.value)
        .map(({ pollutant }) => POLLUTANTS[pollutant])
      return worst?.value !== mended.max || !tied.some((name) => name === mended.critical)
    })
    // One row names no pollutant.
    expect(others.map(({ day, mended }) => [day, mended.critical])).toEqual([
      ['2020-10-14 DKI1 Bunderan HI', ''],
    ])
  })

  it('as they were published differ from it in a row in eleven', () => {
    const differs = { max: 0, critical: 0, category: 0 }
    for (const { parts, published } of rows) {
      const worst = worstPart(parts, ISPU_POLLUTANTS)
      if (worst === null) continue
      const tied = parts
        .filter(({ value }) => value === worst.value)
        .map(({ pollutant }) => POLLUTANTS[pollutant])
      if (worst.value !== published.max) differs.max += 1
      if (!tied.some((name) => name === published.critical)) differs.critical += 1
      if (ispuCategory(worst.value).toUpperCase() !== published.category) differs.category += 1
    }
    // As the archive's own description counts: 1,291, 1,275 and 601, and beside these the four days of exactly 200 below.
    expect(differs).toEqual({ max: 1_291, critical: 1_275, category: 601 + 4 })
  })

  it('have the category of the regulation, but for four days of exactly 200, and three of a fraction above a bound', () => {
    const differing = (index: (max: number) => number): unknown[] =>
      rows
        .filter(({ mended: { max, category } }) => ispuCategory(index(max)).toUpperCase() !== category)
        .map(({ day, mended }) => [day, mended.max, mended.category])
    // P.14/2020 annex I.A: 101 to 200 is Tidak Sehat.
    const of200 = [
      ['2012-04-22 DKI2 Kelapa Gading', 200, 'SANGAT TIDAK SEHAT'],
      ['2012-11-24 DKI2 Kelapa Gading', 200, 'SANGAT TIDAK SEHAT'],
      ['2014-05-09 DKI5 Kebon Jeruk', 200, 'SANGAT TIDAK SEHAT'],
      ['2014-05-13 DKI5 Kebon Jeruk', 200, 'SANGAT TIDAK SEHAT'],
    ]
    expect(differing((max) => max)).toEqual(of200)
    // An index is a whole number; who mended the archive filled gaps with fractions.
    expect(differing(halfUp)).toEqual(
      expect.arrayContaining([
        ...of200,
        ['2014-07-05 DKI2 Kelapa Gading', expect.closeTo(50.09, 2), 'SEDANG'],
        ['2016-01-03 DKI3 Jagakarsa', expect.closeTo(50.12, 2), 'SEDANG'],
        ['2020-10-10 DKI5 Kebon Jeruk', expect.closeTo(100.44, 2), 'TIDAK SEHAT'],
      ]),
    )
    expect(differing(halfUp)).toHaveLength(7)
  })

  it('have sub-indices that the table gives back from the concentration that they stand for', () => {
    const seen = new Map<string, { pollutant: IspuPollutant; index: number }>()
    for (const { parts } of rows) {
      for (const { pollutant, value } of parts)
        seen.set(`${pollutant} ${halfUp(value)}`, { pollutant, index: halfUp(value) })
    }
    expect(seen.size).toBeGreaterThan(500)
    for (const { pollutant, index } of seen.values())
      expect([pollutant, ispu(pollutant, concentrationOf(pollutant, index))]).toEqual([pollutant, index])
  })

  it('never reach a category that the regulation does not have, once mended', () => {
    const known = ISPU_CATEGORIES.map((name) => name.toUpperCase())
    expect(rows.filter(({ mended }) => !known.includes(mended.category))).toEqual([])
  })
})

/** The 24 h mean in ug/m3 at which the line of the annex has the index. */
function concentrationOf(pollutant: IspuPollutant, index: number): number {
  const nodes = [0, ...ISPU_CONCENTRATIONS[pollutant]]
  const indices = [0, 50, 100, 200, 300, 400]
  const upper = Math.max(
    1,
    indices.findIndex((node) => index <= node),
  )
  const [low = 0, high = 0] = [indices[upper - 1], indices[upper]]
  const [from = 0, to = 0] = [nodes[upper - 1], nodes[upper]]
  return from + ((index - low) / (high - low)) * (to - from)
}

function read(): readonly Row[] {
  const [head = '', ...lines] = gunzipSync(readFileSync(FILE)).toString().trim().split('\n')
  const columns = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
    const said = (suffix: '' | '_raw'): Said => ({
      max: Number(cell(`max${suffix}`)),
      critical: cell(`critical${suffix}`),
      category: cell(`categori${suffix}`),
    })
    return {
      day: `${cell('tanggal')} ${cell('stasiun')}`,
      parts: (Object.keys(POLLUTANTS) as (keyof typeof POLLUTANTS)[]).flatMap((pollutant) => {
        const text = cell(pollutant.replace('_', ''))
        return text === '' ? [] : [{ pollutant, value: Number(text) }]
      }),
      published: said('_raw'),
      mended: said(''),
    }
  })
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../contract/time.ts'
import { openSeries } from './series.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-series-'))
  writeFileSync(
    join(folder, 'airrohr-hcmc-2018-10.csv'),
    'second,pm2_5,temperature\n0,10,25\n100,20,\n200,40,27\n1101,50,28\n2001,50,28\n',
  )
  writeFileSync(join(folder, 'beijing-dongsi-2016-06.csv'), 'hour,o3\n0,5\n1,7\n2,\n3,9\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (utcOffsetMs: number) => openSeries(pathToFileURL(`${folder}/`), utcOffsetMs)

describe('a replayed series', () => {
  it('lies on the line between two rows, and is the row’s value at a row', () => {
    const { airRohr } = open(0)
    expect(airRohr.at('pm2_5', 0)).toBe(10)
    expect(airRohr.at('pm2_5', 50 * SECOND)).toBe(15)
    expect(airRohr.at('pm2_5', 150 * SECOND)).toBe(30)
    expect(airRohr.at('pm2_5', 1_500 * SECOND)).toBe(50)
  })

  it('has no value across a gap, beside an empty cell, behind its last row, or of a column that it has not', () => {
    const { airRohr } = open(0)
    expect(airRohr.at('pm2_5', 600 * SECOND)).toBeNull()
    expect(airRohr.at('temperature', 50 * SECOND)).toBeNull()
    expect(airRohr.at('pm2_5', 2_002 * SECOND)).toBeNull()
    expect(airRohr.at('no2', 0)).toBeNull()
  })

  it('begins anew when it ends, and runs backwards as well', () => {
    const { airRohr, reference } = open(0)
    expect(airRohr.at('pm2_5', 10 * DAY + 50 * SECOND)).toBe(15)
    expect(airRohr.at('pm2_5', -10 * DAY + 50 * SECOND)).toBe(15)
    expect(reference.at('o3', 60 * DAY)).toBe(5)
  })

  it('of local hours is read by the village’s clock', () => {
    const { reference } = open(7 * HOUR)
    expect(reference.at('o3', -7 * HOUR)).toBe(5)
    expect(reference.at('o3', -7 * HOUR + 30 * MINUTE)).toBe(6)
  })
})

// Walks the exports that people take away: every column of a number says its unit, every row its time, and every row of computed numbers
// the rule with its version.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import { writeParquet } from '../../commands/parquet.ts'
import { COLUMNS, fileName, lineHead } from '../../commands/transfer.ts'
import { unitInName } from '../../contract/about.ts'
import type { TransferRow } from '../../contract/feed.ts'
import { METRICS, unitOf } from '../../contract/metrics.ts'
import { HOUR } from '../../contract/time.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import type { TestVillage } from '../village.ts'

/** Columns that hold no measure, and those whose unit stands elsewhere. */
const COLUMN_CLASSES: Readonly<Record<string, readonly string[]>> = {
  'text: what the row is about':
    'device kind metric id name station standard averaging category flag simulated trip route occupancy every fn'.split(
      ' ',
    ),
  'time of the row, RFC 3339 UTC': ['time', 'from', 'to'],
  'its unit stands in the column `unit`': ['value', 'limit'],
  'the unit of those': ['unit'],
  'share from 0 to 1': ['availability', 'knownShare', 'completeness', 'latency_error'],
  'count of what it names': ['outages'],
  'degrees of WGS 84, or a name in digits': ['lat', 'lon', 'direction'],
  'rule and version': ['rule', 'rule_version', 'rules'],
}
const CLASSED = new Set(Object.values(COLUMN_CLASSES).flat())

/** What is wrong with the columns of a file. */
function faultsOf(columns: readonly string[], isComputed: boolean): readonly string[] {
  const has = (...names: readonly string[]): boolean => names.some((name) => columns.includes(name))
  const isUnit = (column: string): boolean => unitInName(column) !== null || column.endsWith('_deg')
  return [
    ...columns
      .filter((column) => !CLASSED.has(column) && !isUnit(column))
      .map((column) => `${column} says no unit and is of no class`),
    ...(has('value', 'limit') && !has('unit') ? ['no unit stands beside the values'] : []),
    ...(has('time') || (has('from') && has('to')) ? [] : ['no column of time']),
    ...(isComputed && !has('rules') && !(has('rule') && has('rule_version'))
      ? ['no rule with its version']
      : []),
  ]
}

/** An observation of each kind with every metric that there is. */
async function* everyMetric(): AsyncGenerator<TransferRow> {
  for (const kind of KINDS) {
    const values = Object.fromEntries(Object.keys(METRICS[kind]).map((metric) => [metric, 1]))
    yield { kind, device: `${kind}-1`, time: Date.now(), values }
  }
}

async function readFile(path: string) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const read = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)
    const names = read.columnNames()
    const columns = new Map(read.columnTypes().map((type, place) => [names[place] ?? '', String(type)]))
    return { columns, rows: read.getRowObjects() }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

export function walksTheExports(village: () => TestVillage): void {
  it('finds unit, time and rule in every column of the CSV answers', async () => {
    const cookie = await village().signIn()
    const from = new Date(Date.now() - HOUR).toISOString()
    const { features } = await village().get<{ features: { id: string }[] }>(
      '/api/v1/devices?kind=sensor&limit=1',
    )
    const readings = `/api/v1/devices/${features[0]?.id ?? ''}/readings?format=csv&from=${from}`
    const answers = [
      [readings, false],
      [`${readings}&every=1m&fn=p95`, true],
      [`/api/v1/connectivity/uptime?format=csv&from=${from}`, true],
      ['/api/v1/air/exceedances?format=csv', true],
    ] as const
    for (const [path, isComputed] of answers) {
      const answer = await fetch(village().http + path, { headers: { cookie } })
      const [header = '', ...rows] = (await answer.text()).trim().split('\r\n')
      const columns = header.split(',')
      expect(faultsOf(columns, isComputed), path).toEqual([])
      for (const row of rows.slice(0, 50)) {
        const cells = row.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.map((cell) => cell.replace(/,$/, '')) ?? []
        const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
        expect(cell('time') + cell('from'), `${path}: ${row}`).toMatch(/^\d{4}-\d\d-\d\dT/)
        if (columns.includes('unit')) expect(cell('unit'), `${path}: ${row}`).not.toBe('')
        if (isComputed) expect(cell('rule') + cell('rules'), `${path}: ${row}`).toMatch(/\w/)
      }
    }
  })

  it('finds unit and time in every row of the Parquet that `npm run export` writes, and in the types of its columns', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pantau-walk-'))
    const path = join(folder, 'all.parquet')
    try {
      const readings = await writeParquet(path, everyMetric())
      const { columns, rows } = await readFile(path)
      expect(faultsOf([...columns.keys()], false)).toEqual([])
      expect(columns.get('time')).toBe('TIMESTAMP WITH TIME ZONE')
      expect(columns.get('value')).toBe('DOUBLE')
      expect(rows).toHaveLength(readings)
      for (const { kind, metric, time, unit } of rows) {
        expect(time).not.toBeNull()
        expect([metric, unit]).toEqual([metric, unitOf(kind as Kind, String(metric)) || null])
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('finds unit and time in every column of the files that `npm run export` writes', () => {
    expect(faultsOf(COLUMNS.map(fileName), false)).toEqual([])
    for (const kind of KINDS) {
      for (const metric of Object.keys(METRICS[kind]))
        expect(lineHead()).toMatch(new RegExp(`# ${kind}: .*\\b${metric} \\[[^\\]]+\\]`))
    }
    expect(lineHead()).toMatch(/# time \[ns since 1970 UTC\]/)
  })
}

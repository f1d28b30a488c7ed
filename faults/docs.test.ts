// docs/faults.md says which test shows what: the files, names and faults that it names are there.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../test/village.ts'
import { FAULTS } from './index.ts'

const text = readFileSync(join(root, 'docs/faults.md'), 'utf8')
const rows = text.split('\n').filter((line) => /^\| \d+ \|/.test(line))

describe('docs/faults.md', () => {
  it('has a row for each of the 37 faults', () => {
    expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(Array.from({ length: 37 }, (_, n) => n + 1))
  })

  it('names tests that there are', () => {
    const missing: string[] = []
    for (const row of rows) {
      let source = ''
      for (const [, file, name] of row.matchAll(/`([\w./-]+\.ts)`|"([^"]+)"/g)) {
        if (file !== undefined) {
          source = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : ''
          if (source === '') missing.push(file)
        } else if (name !== undefined && !source.includes(name)) missing.push(name)
      }
    }
    expect(missing).toEqual([])
  })

  it('names faults of the campaign that there are, and every one of them', () => {
    const named = rows.flatMap((row) =>
      [...row.matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)*)`/g)].map(([, name]) => name ?? ''),
    )
    const faults = FAULTS.map(({ name }) => name)
    expect(faults.filter((name) => !named.includes(name))).toEqual([])
    const inFaults = rows.flatMap((row) =>
      [...row.matchAll(/faults ((?:`[a-z-]+`(?: \([^)]*\))?(?:, )?)+)/g)].flatMap(([, list = '']) =>
        [...list.replace(/\([^)]*\)/g, '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name ?? ''),
      ),
    )
    expect(inFaults.filter((name) => !faults.includes(name))).toEqual([])
    expect(inFaults.length).toBeGreaterThan(20)
  })
})

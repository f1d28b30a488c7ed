// docs/mqtt.md names a test for each clause; here both are read and held against each other.

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const FOLDERS = ['broker/protocol', 'test/protocol']

interface Titled {
  readonly clause: string
  readonly file: string
  readonly title: string
}

/** Each clause in the title of a test, with what stands behind the clauses. */
function titles(): Titled[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.test.ts') && name !== 'table.test.ts')
      .flatMap((name) => {
        const text = readFileSync(join(root, folder, name), 'utf8')
        const found = text.matchAll(/(['"`])((?:\[MQTT-[\d.]+-\d+\] )+)((?:\\.|(?!\1).)*)\1/g)
        return [...found].flatMap(([, , clauses = '', title = '']) =>
          [...clauses.matchAll(/MQTT-[\d.]+-\d+/g)].map(([clause]) => ({
            clause,
            file: `${folder}/${name}`,
            title: title.replaceAll("\\'", "'"),
          })),
        )
      }),
  )
}

interface Row extends Titled {
  readonly more: number
  readonly result: string
}

function rows(): Row[] {
  const text = readFileSync(join(root, 'docs/mqtt.md'), 'utf8')
  const found = text.matchAll(
    /^\| (MQTT-[\d.]+-\d+) \| [^|]+ \| \[[^\]]+\]\(\.\.\/([^)]+)\): (.+?)(?: \(\+(\d+)\))? \| ([^|]+) \|$/gm,
  )
  return [...found].map(([, clause = '', file = '', title = '', more = '0', result = '']) => ({
    clause,
    file,
    title: title.replaceAll('\\|', '|'),
    more: Number(more),
    result,
  }))
}

describe('the table of clauses', () => {
  const tests = titles()
  const table = rows()
  const names = (all: readonly Titled[]): string[] => [...new Set(all.map(({ clause }) => clause))].sort()

  it('has a row for each clause that a test carries, and a test for each row', () => {
    expect(table.length).toBeGreaterThan(100)
    expect(names(table)).toEqual(names(tests))
    expect(table).toHaveLength(names(table).length)
  })

  it('names the file and the title of a test that carries the clause, and how many more do', () => {
    const wrong = table.filter(({ clause, file, title, more }) => {
      const carrying = tests.filter((test) => test.clause === clause)
      return (
        carrying.length !== more + 1 || !carrying.some((test) => test.file === file && test.title === title)
      )
    })
    expect(wrong).toEqual([])
  })

  it('leaves no row without a result', () => {
    expect(table.filter(({ result }) => result.trim() === '')).toEqual([])
  })
})

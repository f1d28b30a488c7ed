// docs/security.md is true: every threat and advisory has a row, every row names tests that exist, or says in a sentence why it does
// not apply.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../village.ts'

/** Threats, advisories and promises that there must be a row of. */
const NUMBERED = { T: 27, A: 13, P: 6 } as const

interface Row {
  readonly id: string
  readonly defence: string
  readonly tests: string
}

const rows: readonly Row[] = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| **'))
  .map((line) => {
    const [, threat = '', defence = '', tests = ''] = line.split(/(?<!\\) ?\| ?/)
    return { id: /\*\*(\w+)\*\*/.exec(threat)?.[1] ?? '', defence, tests }
  })

const REFERENCE = /`([\w./-]+\.ts)` "([^"]+)"/g

describe('docs/security.md', () => {
  it('has a row for each threat, advisory and promise, once', () => {
    const ids = Object.entries(NUMBERED).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    )
    expect(rows.map(({ id }) => id)).toEqual(ids)
  })

  it.each(rows.map(({ id, ...row }) => [id, row] as const))(
    '%s names tests that there are',
    (_id, { defence, tests }) => {
      expect(defence.length).toBeGreaterThan(10)
      const named = [...tests.matchAll(REFERENCE)]
      expect(named.length).toBeGreaterThan(0)
      for (const [, file = '', title = ''] of named) {
        expect([file, existsSync(join(root, file))]).toEqual([file, true])
        expect([file, title, titlesIn(file).some((there) => there.includes(title))]).toEqual([
          file,
          title,
          true,
        ])
      }
      // Nothing else than references, their separators and, where there are any, whole sentences.
      expect(tests.replace(REFERENCE, '').replace(/[; ]/g, '')).toMatch(/^([A-Z].{20,})?$/)
    },
  )
})

const known = new Map<string, readonly string[]>()

/** Texts in quotes of a test file; a title is one of them. */
function titlesIn(file: string): readonly string[] {
  const kept = known.get(file)
  if (kept !== undefined) return kept
  const text = readFileSync(join(root, file), 'utf8')
  const titles = [...text.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\])*)`/g)].map(
    ([, single, double, template]) => (single ?? double ?? template ?? '').replace(/\\(.)/g, '$1'),
  )
  known.set(file, titles)
  return titles
}

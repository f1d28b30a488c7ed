// README says what the code does: its table of settings is made from contract/settings.ts, its commands exist.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../contract/settings.ts'
import { root } from './village.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

describe('README', () => {
  it('lists every setting with its default and meaning', () => {
    const table = /<!-- settings:[^>]*-->\n([\s\S]*?)<!-- \/settings -->/.exec(readme)?.[1] ?? ''
    const rows = table.split('\n').filter((line) => line.startsWith('| `PANTAU_'))
    const expected = Object.entries(SETTINGS).map(
      ([name, { shown, meaning }]) =>
        `| \`${name}\` | ${shown === 'none' || shown === 'off' ? shown : `\`${shown}\``} | ${meaning} |`,
    )
    expect(rows).toEqual(expected)
  })

  it('names only npm commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...readme.matchAll(/npm run (?:--silent )?([a-z-]+)/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(3)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  it('begins with the two commands', () => {
    expect(readme.split('\n').slice(2, 5).join('\n')).toMatch(/npm ci && npm start[\s\S]*npm ci && npm test/)
  })
})

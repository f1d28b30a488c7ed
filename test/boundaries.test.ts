// Holds the directions of imports and the few places that may read clock, chance and process (docs/architecture.md).

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** What each folder may import besides itself and packages. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  domain: ['contract'],
  runtime: ['contract', 'domain'],
  broker: ['contract', 'domain', 'runtime'],
  ingest: ['contract', 'domain', 'runtime'],
  'edge-agent': ['contract', 'domain', 'runtime'],
  simulators: ['contract', 'domain', 'runtime'],
  // The server's half has no DOM, so its type check lets in only what of the page's half is pure.
  'dashboard/server': ['contract', 'domain', 'runtime', 'dashboard/web'],
  'dashboard/web': ['contract', 'domain'],
  commands: ['contract', 'domain', 'runtime', 'bench', 'faults'],
  faults: ['contract', 'domain', 'runtime', 'broker', 'ingest', 'edge-agent', 'bench', 'test'],
}

const PURE = ['contract', 'domain', 'dashboard/web']

interface Source {
  readonly file: string
  readonly folder: string
  readonly text: string
  readonly imports: readonly string[]
}

function sources(): Source[] {
  return Object.keys(MAY_IMPORT).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.(test|suite)\.ts$/.test(file) && !file.includes('dev/'))
      .filter((file) => !/(^|\/)(test|fixtures|[a-z-]*\.samples)\//.test(file))
      .map((file) => {
        const path = join(folder, file)
        const text = readFileSync(join(root, path), 'utf8')
        const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
          (match) => match[1] ?? '',
        )
        return { file: path, folder, text, imports }
      }),
  )
}

describe('boundaries', () => {
  const all = sources()

  it('are looked at over all folders', () => {
    expect(all.length).toBeGreaterThan(100)
  })

  it('let a folder import only what stands below it', () => {
    const wrong = all.flatMap(({ file, folder, imports }) =>
      imports
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(root, resolve(root, dirname(file), target)))
        .filter(
          (target) =>
            ![folder, ...(MAY_IMPORT[folder] ?? [])].some((allowed) => target.startsWith(`${allowed}/`)),
        )
        .map((target) => `${file} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('keep Node out of what runs in the browser', () => {
    const wrong = all.flatMap(({ file, folder, imports }) =>
      PURE.includes(folder) && !file.endsWith('vite.config.ts')
        ? imports.filter((target) => target.startsWith('node:')).map((target) => `${file} imports ${target}`)
        : [],
    )
    expect(wrong).toEqual([])
  })

  it('keep the clock in contract/time.ts and chance in seeded sources', () => {
    const allowed = (file: string): boolean =>
      file === 'contract/time.ts' ||
      /(^|\/)main\.ts$/.test(file) ||
      file.startsWith('commands/') ||
      file.endsWith('vite.config.ts')
    const wrong = all
      .filter(
        ({ file, text }) => !allowed(file) && /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(text),
      )
      .map(({ file }) => file)
    expect(wrong).toEqual([])
  })

  it('let only programs read the process', () => {
    const allowed = (file: string): boolean =>
      /(^|\/)main\.ts$/.test(file) ||
      file.startsWith('commands/') ||
      file === 'runtime/part.ts' ||
      file.endsWith('vite.config.ts')
    const wrong = all
      .filter(({ file, text }) => !allowed(file) && /\bprocess\.(env|argv|exit)\b/.test(text))
      .map(({ file }) => file)
    expect(wrong).toEqual([])
  })
})

// What Pantau is built from: every package at one version with its digest, under a licence that may be shipped, running nothing when
// it is installed, and content with the oldest Node that Pantau promises. Read from the lockfile and from what is installed.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../village.ts'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

interface Manifest {
  readonly license?: string | { readonly type: string }
  readonly licenses?: readonly { readonly type: string }[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const readJson = <T>(...path: string[]): T => JSON.parse(readFileSync(join(root, ...path), 'utf8')) as T
const lock = readJson<{ lockfileVersion: number; packages: Record<string, Locked> }>('package-lock.json')
const own = readJson<Manifest>('package.json')
const packages = Object.entries(lock.packages).filter(([path]) => path !== '')

/** What is installed on this machine: packages for other systems are in the lockfile alone. */
const installed = packages.filter(([path]) => existsSync(join(root, path, 'package.json')))
const manifestOf = (path: string): Manifest => readJson<Manifest>(path, 'package.json')

/** May be linked into and shipped with a program of any licence; the last four are no less permissive. */
const LICENCES = new Set([
  'MIT',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'Apache-2.0',
  'MPL-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'Unlicense',
])
/** Packages that name theirs in the form of before 2015. */
const OLD_NAMES: Readonly<Record<string, string>> = { 'Apache 2.0': 'Apache-2.0' }

function licencesOf([path, { license }]: (typeof packages)[number]): string[] {
  const manifest = existsSync(join(root, path, 'package.json')) ? manifestOf(path) : {}
  const named =
    license ??
    (typeof manifest.license === 'object' ? manifest.license.type : manifest.license) ??
    manifest.licenses?.map(({ type }) => type).join(' OR ')
  return (named ?? 'none')
    .replace(/[()]/g, '')
    .split(' OR ')
    .map((name) => OLD_NAMES[name] ?? name)
}

/** Programs that npm runs when the package is installed; each is known, and Pantau works without it (`--ignore-scripts`). */
const MAY_HAVE_INSTALL_SCRIPTS = new Set([
  // Checks that the program of its own platform package is the one that runs.
  'node_modules/esbuild',
  // Prints a hint about its version numbers.
  'node_modules/protobufjs',
])

describe('the lockfile', () => {
  it('names a digest for every package, and no source but the registry', () => {
    expect(lock.lockfileVersion).toBe(3)
    expect(packages.length).toBeGreaterThan(200)
    expect(
      packages.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([path]) => path),
    ).toEqual([])
    expect(
      packages.flatMap(([path, { resolved }]) =>
        resolved === undefined || /^https:\/\/registry\.npmjs\.org\//.test(resolved) ? [] : [path],
      ),
    ).toEqual([])
  })

  it('holds what package.json asks for, each at one exact version', () => {
    const asked = { ...own.dependencies, ...own.devDependencies }
    expect(Object.values(asked).filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
    expect({ ...lock.packages['']?.dependencies, ...lock.packages['']?.devDependencies }).toEqual(asked)
    for (const [name, version] of Object.entries(asked)) {
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version])
    }
  })

  it('is what is installed', () => {
    const others = installed.filter(
      ([path, { version }]) => readJson<Locked>(path, 'package.json').version !== version,
    )
    expect(others.map(([path]) => path)).toEqual([])
  })
})

describe('every package', () => {
  it('is under a licence that may be shipped', () => {
    const wrong = packages
      .map((entry) => [entry[0], licencesOf(entry)] as const)
      .filter(([, names]) => !names.some((name) => LICENCES.has(name)))
    expect(wrong).toEqual([])
  })

  it('runs nothing when it is installed, but for those that are known', () => {
    const says = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path)
    const does = installed
      .filter(([path]) => {
        const scripts = manifestOf(path).scripts ?? {}
        return (
          ['preinstall', 'install', 'postinstall'].some((name) => Object.hasOwn(scripts, name)) ||
          existsSync(join(root, path, 'binding.gyp'))
        )
      })
      .map(([path]) => path)
    expect([...says, ...does].filter((path) => !MAY_HAVE_INSTALL_SCRIPTS.has(path))).toEqual([])
  })

  it('runs on the oldest Node that package.json promises, and on this one', () => {
    const oldest = /^>=(\d+\.\d+)$/.exec(own.engines?.node ?? '')?.[1]
    expect(oldest).toBeDefined()
    for (const version of [`${oldest}.0`, process.versions.node]) {
      const unwilling = packages.flatMap(([path, { engines, optional }]) =>
        engines?.node === undefined || optional === true || satisfies(version, engines.node)
          ? []
          : [`${path} wants ${engines.node}, not ${version}`],
      )
      expect(unwilling).toEqual([])
    }
  })

  it('is shipped only when it is needed to run: none of development is among the dependencies', () => {
    const names = Object.keys(own.dependencies ?? {})
    expect(names.filter((name) => /^@types\/|vitest|typescript|biome|oxlint|playwright/.test(name))).toEqual(
      [],
    )
  })
})

describe('the sources', () => {
  it('name no secret: no key, no token, no password that somebody could sign in with', () => {
    const found = filesBelow(root).flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return SECRETS.filter((pattern) => pattern.test(text)).map((pattern) => `${path}: ${pattern.source}`)
    })
    expect(found).toEqual([])
  })
})

/** Shapes of what is issued by others, and private keys. */
const SECRETS = [
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{36}\b/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
  /\bxox[abprs]-[A-Za-z0-9-]{20}/,
]

const SKIPPED = /^(node_modules|dist|artefacts|data|\.git|villages)(\/|$)|\.(png|log|zip|woff2|ico)$/

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !SKIPPED.test(path))
}

/** Whether a version satisfies a range as packages write them for `engines`: comparators, `^`, `||` (npm, semver ranges). */
function satisfies(version: string, range: string): boolean {
  const given = numbersOf(version)
  return range.split('||').some((set) =>
    [...set.matchAll(/(>=|<=|>|<|\^|~|=)?\s*v?(\*|\d+(?:\.(?:\d+|x))*)/g)].every(
      ([, sign = '', text = '']) => {
        if (text === '*') return true
        const bound = numbersOf(text)
        const order = compare(given, bound)
        if (sign === '>=') return order >= 0
        if (sign === '<=') return order <= 0
        if (sign === '>') return order > 0
        if (sign === '<') return order < 0
        if (sign === '^') return order >= 0 && given[0] === bound[0]
        return text.split('.').every((part, index) => part === 'x' || Number(part) === given[index])
      },
    ),
  )
}

const numbersOf = (version: string): number[] => {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10) || 0)
  return [0, 1, 2].map((index) => parts[index] ?? 0)
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = [0, 1, 2].find((at) => a[at] !== b[at])
  return index === undefined ? 0 : (a[index] ?? 0) - (b[index] ?? 0)
}

describe('a range of versions', () => {
  it.each([
    ['20.19.0', '>=18', true],
    ['20.19.0', '^20.19.0 || >=22.12.0', true],
    ['21.0.0', '^20.19.0 || >=22.12.0', false],
    ['20.18.9', '^20.19.0 || ^22.13.0 || >=23.5.0', false],
    ['20.19.0', '>=22', false],
    ['20.19.0', '>= 10.x', true],
    ['20.19.0', '>=v12.0.0', true],
    ['20.19.0', '>=10 <20', false],
    ['20.19.0', '*', true],
    ['20.19.0', '20', true],
  ])('%s satisfies %s: %s', (version, range, answer) => {
    expect(satisfies(version, range)).toBe(answer)
  })
})

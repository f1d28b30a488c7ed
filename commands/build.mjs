// Builds what runs: each part and command bundled from TypeScript to one file of JavaScript in `dist/` (Node 20 runs no
// TypeScript), and the pages by Vite. A stamp over all sources tells whether a build is old. Plain JavaScript, since it
// runs before anything is built.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const dist = join(root, 'dist')

const SHARED = ['contract', 'domain', 'runtime']
const NODE_SOURCES = [
  ...SHARED,
  'broker',
  'ingest',
  'edge-agent',
  'dashboard',
  'simulators',
  'commands',
  'bench',
  'faults',
  'test',
]
const WEB_SOURCES = ['contract', 'domain', 'dashboard/web']

/** Output name in `dist/` to source, for what runs as a process or a thread of its own. */
const ENTRIES = {
  broker: 'broker/main.ts',
  'log-thread': 'broker/log/log-thread.ts',
  ingest: 'ingest/main.ts',
  'store-thread': 'ingest/store/store-thread.ts',
  dashboard: 'dashboard/main.ts',
  simulators: 'simulators/main.ts',
  'bench/browsers': 'bench/browsers.ts',
  'bench/crowd': 'bench/crowd.ts',
  'bench/load': 'bench/load.ts',
  'bench/plain-aedes': 'bench/plain-aedes.ts',
  'bench/plain-live': 'bench/plain-live.ts',
  'bench/straightforward': 'bench/straightforward.ts',
}

/** True when there is nothing to build, or nothing to build from. */
export function isUpToDate({ web }) {
  return !existsSync(join(root, 'contract')) || targetsOf(web).every(isFresh)
}

const targetsOf = (web) => (web ? ['node', 'web'] : ['node'])

/** Builds what is missing or old. `web`: the pages too. Returns the names of what was built. */
export async function buildIfOld({ web }) {
  if (!existsSync(join(root, 'contract'))) return []
  const built = []
  for (const target of targetsOf(web)) {
    if (isFresh(target)) continue
    if (!hasBuildTools()) {
      throw new Error(`the build of ${target} is missing or old and esbuild is not installed; run npm ci`)
    }
    await underLock(async () => {
      if (isFresh(target)) return
      await (target === 'node' ? buildNode() : buildWeb())
      writeFileSync(stampPath(target), stampOf(target))
      built.push(target)
    })
  }
  return built
}

function hasBuildTools() {
  return existsSync(join(root, 'node_modules/esbuild/package.json'))
}

const stampPath = (target) => join(dist, `${target}.stamp`)

function isFresh(target) {
  return existsSync(stampPath(target)) && readFileSync(stampPath(target), 'utf8') === stampOf(target)
}

/** Digest of path, size and time of every source file. */
function stampOf(target) {
  const hash = createHash('sha256')
  const folders = target === 'node' ? NODE_SOURCES : WEB_SOURCES
  for (const file of [...folders.flatMap(filesBelow), 'package-lock.json', 'commands/build.mjs']) {
    const status = statSync(join(root, file))
    hash.update(`${file} ${status.size} ${status.mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

async function underLock(work) {
  mkdirSync(dist, { recursive: true })
  const lock = join(dist, '.building')
  for (let waitedMs = 0; ; waitedMs += 100) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      // A build takes seconds: a lock this old was left behind.
      if (waitedMs > 120_000) rmdirSync(lock)
      await sleep(100)
    }
  }
  try {
    await work()
  } finally {
    rmdirSync(lock)
  }
}

async function buildNode() {
  const esbuild = await import('esbuild')
  const shared = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
    define: { PANTAU_VERSION: JSON.stringify(version()) },
  }
  const commands = readdirSync(join(root, 'commands')).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const entryPoints = Object.fromEntries([
    ...Object.entries(ENTRIES).filter(([, source]) => existsSync(join(root, source))),
    ...commands.map((file) => [`commands/${file.slice(0, -3)}`, `commands/${file}`]),
  ])
  await esbuild.build({ ...shared, entryPoints, outdir: dist, packages: 'external' })
  // The edge agent goes to small machines as one file, its packages inside; those are CommonJS and call `require`.
  await esbuild.build({
    ...shared,
    entryPoints: { 'edge-agent': 'edge-agent/main.ts' },
    outdir: dist,
    minifySyntax: true,
    minifyWhitespace: true,
    banner: {
      js: "import { createRequire as pantauRequire } from 'node:module'; const require = pantauRequire(import.meta.url);",
    },
  })
  // Its service would stay a child of what runs from here.
  await esbuild.stop()
}

export function version() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
}

async function buildWeb() {
  const config = join(root, 'dashboard/web/vite.config.ts')
  if (!existsSync(config)) return
  const { build } = await import('vite')
  await build({ configFile: config, logLevel: 'warn' })
}

/** Type-checks everything; throws when there is an error, which tsc has printed. */
export function typecheck() {
  const require = createRequire(import.meta.url)
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  for (const project of ['tsconfig.json', 'dashboard/web/tsconfig.json']) {
    if (!existsSync(join(root, project))) continue
    const { status } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' })
    if (status !== 0) throw new Error(`type errors in ${project}; see above`)
  }
}

// A build of the village with one thing in it exchanged: the log's disk, or a planted defect. It is a copy of `dist/` in a folder of its
// own; what ships has no switch for any of it.

import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from '../../test/village.ts'

/** What is exchanged: file of the build to source. */
const RIGS = {
  /** The log on a disk with faults by order. */
  disk: { 'log-thread': 'faults/rig/log-thread.ts' },
  /** The store's thread ends by order. */
  dyingStore: { 'store-thread': 'faults/rig/dying-store-thread.ts' },
  /** Planted: acknowledged before the sync. */
  earlyAcknowledgement: { 'log-thread': 'faults/rig/early-log-thread.ts' },
  /** Planted: position stored before the rows. */
  earlyPosition: { 'store-thread': 'faults/rig/early-position-thread.ts' },
} as const satisfies Record<string, Readonly<Record<string, string>>>

export type Rig = keyof typeof RIGS

interface Build {
  /** Stands for `npm start`, and does not look at each start whether the build is old. */
  readonly start: string
  remove(): void
}

/** The builds of a campaign, each made once. */
export class Builds {
  readonly #made = new Map<Rig | undefined, Promise<Build>>()
  #current: Promise<void> | null = null

  /** The program that stands for `npm start`; of the build as it ships without a rig. */
  async start(rig: Rig | undefined): Promise<string> {
    this.#current ??= bringBuildUpToDate()
    await this.#current
    const made = this.#made.get(rig) ?? (rig === undefined ? makePlainBuild() : makeRiggedBuild(rig))
    this.#made.set(rig, made)
    return (await made).start
  }

  async remove(): Promise<void> {
    for (const made of await Promise.allSettled(this.#made.values())) {
      if (made.status === 'fulfilled') made.value.remove()
    }
  }
}

async function makePlainBuild(): Promise<Build> {
  const folder = newFolder()
  return { start: writeStart(folder, join(root, 'dist')), remove: () => removeFolder(folder) }
}

async function makeRiggedBuild(rig: Rig): Promise<Build> {
  const real = join(root, 'dist')
  const folder = newFolder()
  const dist = join(folder, 'dist')
  for (const name of readdirSync(real)) {
    if (name.endsWith('.js')) cpSync(join(real, name), join(dist, name))
  }
  cpSync(join(real, 'commands'), join(dist, 'commands'), { recursive: true })
  // Where the dashboard looks for the pages, beside the folder that stands for `dist/`.
  symlinkSync(join(real, 'web'), join(dist, 'web'))
  await build({
    absWorkingDir: root,
    entryPoints: RIGS[rig],
    outdir: dist,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
    allowOverwrite: true,
  })
  return { start: writeStart(folder, dist), remove: () => removeFolder(folder) }
}

function writeStart(folder: string, dist: string): string {
  const start = join(folder, 'start.mjs')
  const command = pathToFileURL(join(dist, 'commands/start.js')).href
  writeFileSync(start, startText(command))
  return start
}

/** What is loaded before the code of each part, and takes orders from a file. */
const PRELOADS = {
  /** The wall clock is off by what the file says, in ms. */
  shiftedClock: { source: 'faults/rig/shifted-clock.ts', file: 'SHIFT_FILE' },
  /** Garbage is collected, and what is left told, when the file's text changes. */
  measuredMemory: { source: 'faults/rig/measured-memory.ts', file: 'ASKED_FILE' },
} as const

export interface Preload {
  /** Settings of a village whose parts have it. */
  readonly environment: Readonly<Record<string, string>>
  readonly file: string
  remove(): void
}

export async function makePreload(name: keyof typeof PRELOADS): Promise<Preload> {
  const { source, file } = PRELOADS[name]
  const folder = newFolder()
  const orders = join(folder, 'orders')
  const script = join(folder, 'preload.cjs')
  await build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: script,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { [file]: JSON.stringify(orders) },
    logLevel: 'warning',
  })
  return {
    environment: { NODE_OPTIONS: `--require=${script}` },
    file: orders,
    remove: () => removeFolder(folder),
  }
}

/** Below the project's packages, so that they are found from there. */
function newFolder(): string {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  return mkdtempSync(join(cache, 'faults-'))
}

/** A fault is one line, as it is of `npm start`. */
function startText(command: string): string {
  return `import { main } from ${JSON.stringify(command)}
process.exitCode = await main([]).catch((error) => {
  console.error(error.message)
  return error.exitCode ?? 1
})
`
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** In a process of its own, since the build is plain JavaScript beside the commands. */
async function bringBuildUpToDate(): Promise<void> {
  const script = `const { buildIfOld } = await import(${JSON.stringify(pathToFileURL(join(root, 'commands/build.mjs')).href)}); await buildIfOld({ web: true })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise((done) => child.once('exit', done))
  if (code !== 0) throw new Error(`the build ended with ${String(code)}`)
}

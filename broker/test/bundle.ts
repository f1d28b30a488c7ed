// Node 20 runs no TypeScript, in a worker thread least of all: the tests bundle the broker's process and the log's thread as the build
// does, into a folder from which packages are found.

import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '../..')

export interface Bundle {
  /** The broker's process. */
  readonly program: string
  /** The log's thread. */
  readonly thread: URL
  /** The same on a disk whose faults a test commands (`log/test/faulty-thread.ts`). */
  readonly faultyThread: URL
  remove(): void
}

export async function bundleBroker(): Promise<Bundle> {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const outdir = mkdtempSync(join(cache, 'broker-'))
  await build({
    absWorkingDir: root,
    entryPoints: {
      broker: 'broker/main.ts',
      'log-thread': 'broker/log/log-thread.ts',
      'faulty-thread': 'broker/log/test/faulty-thread.ts',
    },
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  })
  return {
    program: join(outdir, 'broker.js'),
    thread: pathToFileURL(join(outdir, 'log-thread.js')),
    faultyThread: pathToFileURL(join(outdir, 'faulty-thread.js')),
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  }
}

// What a part's process does with a fault that nobody meets: it ends, says why, and its supervisor starts it again.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
let folder = ''
let data = ''

beforeEach(async () => {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'part-'))
  data = mkdtempSync(join(tmpdir(), 'pantau-part-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(data, { recursive: true, force: true })
})

/** Runs a part that is well until it does `what`; how it ended. */
async function run(what: string): Promise<{ code: number | null; stderr: string[] }> {
  const program = join(folder, 'part.mjs')
  await build({
    stdin: {
      contents: `
        import { PantauError } from './contract/errors.ts'
        import { runPart } from './runtime/part.ts'
        await runPart('broker', async ({ fail }) => {
          setTimeout(() => { ${what} }, 20)
          setInterval(() => undefined, 1_000)
          return { stop: async () => undefined }
        }, [])
      `,
      loader: 'ts',
      resolveDir: root,
    },
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  })
  const child = spawn(process.execPath, [program], { env: { ...process.env, PANTAU_DATA: data } })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, stderr: stderr.trim().split('\n') }
}

describe('a part that is ready', () => {
  it.each([
    ['throws where nobody catches', "throw new Error('wires crossed')", 1],
    ['rejects where nobody waits', "void Promise.reject(new Error('wires crossed'))", 1],
    ['says that it cannot go on', "fail(new Error('wires crossed'))", 1],
    ['meets a fault of its settings', "throw new PantauError('bad_setting', 'wires crossed')", 2],
  ])('and %s ends, with the reason as its last line', async (_what, harm, expected) => {
    const { code, stderr } = await run(harm)
    expect(code).toBe(expected)
    expect(stderr.at(-1)).toBe('wires crossed')
  })

  it('and is told to stop ends with 0', async () => {
    expect((await run("process.kill(process.pid, 'SIGTERM')")).code).toBe(0)
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { partPid, whileFrozen } from './frozen-part.ts'

/** Counts for as long as it runs, as a part does something. */
const COUNTING = 'let n = 0; setInterval(() => { n += 1; process.stdout.write(n + "\\n") }, 1)'
const folder = mkdtempSync(join(tmpdir(), 'pantau-frozen-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(process.platform !== 'linux')('a part that is held still', () => {
  let part: ChildProcess
  let count = 0
  beforeEach(async () => {
    part = spawn(process.execPath, ['-e', COUNTING, '/dist/counting.js'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    part.stdout?.on('data', (text) => {
      count = Number(String(text).trim().split('\n').at(-1))
    })
    await goesOn()
  })
  afterEach(() => {
    part.kill('SIGKILL')
  })

  const pid = (): number => part.pid ?? 0
  async function goesOn(): Promise<void> {
    for (const before = count; count === before; ) await sleep(5)
  }

  it('is found under its supervisor by its name', () => {
    expect(partPid(process.pid, 'counting')).toBe(pid())
    expect(partPid(process.pid, 'other')).toBe(null)
    expect(partPid(pid(), 'counting')).toBe(null)
  })

  it('does nothing meanwhile and goes on behind, also when the work fails', async () => {
    const seen = await whileFrozen(pid(), async () => {
      // What it said before has been read by then.
      await sleep(50)
      const before = count
      await sleep(100)
      return [before, count]
    })
    expect(seen[0]).toBe(seen[1])
    await goesOn()
    await expect(whileFrozen(pid(), () => Promise.reject(new Error('no room')))).rejects.toThrow('no room')
    await goesOn()
  })

  it('goes on when the one who held it is killed', async () => {
    const bundle = join(folder, 'holder.mjs')
    await build({
      stdin: {
        contents: `import { whileFrozen } from './frozen-part.ts'
          await whileFrozen(${pid()}, async () => { process.stdout.write('held'); await new Promise((done) => setTimeout(done, 600_000)) })`,
        resolveDir: import.meta.dirname,
      },
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    })
    const holder = spawn(process.execPath, [bundle], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((done) => holder.stdout.once('data', done))
    await sleep(50)
    const before = count
    await sleep(100)
    expect(count).toBe(before)
    holder.kill('SIGKILL')
    await goesOn()
  })
})

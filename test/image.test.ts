// The image's steps, read from Dockerfile and run as plain commands in clean folders: no container engine is needed to see that
// what the image holds starts and serves. `npm ci` is stood in for by the packages that are there, since tests need no network, and
// `npm run build` by what this run has built of the same sources: that a clean clone builds is shown by `test/smoke.sh`.

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, until } from './village.ts'

interface Stage {
  readonly steps: readonly { readonly verb: string; readonly text: string }[]
}

function stages(): Stage[] {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n')
  const found: { steps: { verb: string; text: string }[] }[] = []
  for (const line of lines.filter((one) => /^[A-Z]/.test(one))) {
    const [verb = '', text = ''] = line.split(/ (.*)/s)
    if (verb === 'FROM') found.push({ steps: [] })
    else found.at(-1)?.steps.push({ verb, text })
  }
  return found
}

/** Sources as a clone has them. */
function clone(folder: string): void {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  for (const file of files) if (existsSync(join(root, file))) cpSync(join(root, file), join(folder, file))
}

/** The folder of the build, as new as the sources. */
function built(): string {
  const build = "const { buildIfOld } = await import('./commands/build.mjs'); await buildIfOld({ web: true })"
  execFileSync(process.execPath, ['--input-type=module', '-e', build], { cwd: root })
  return join(root, 'dist')
}

function copy(from: string, text: string, to: string): void {
  const names = text.replace(/^--from=\S+ /, '').split(' ')
  const target = join(to, names.pop() ?? '.')
  for (const name of names) {
    const source = join(from, name.replace(/^\/pantau\//, ''))
    const isFolder = statSync(source).isDirectory()
    cpSync(source, isFolder ? target : join(target, basename(source)), { recursive: true })
  }
}

describe('the image', () => {
  const base = mkdtempSync(join(tmpdir(), 'pantau-image-'))
  const build = join(base, 'build')
  const image = join(base, 'image')
  const [buildStage, runStage] = stages()

  beforeAll(() => {
    mkdirSync(build)
    mkdirSync(image)
    for (const { verb, text } of buildStage?.steps ?? []) {
      if (verb === 'COPY' && text === '. .') clone(build)
      else if (verb === 'RUN' && text.startsWith('npm ci')) {
        // Copied, not linked: pruning writes into the folder.
        execFileSync('cp', ['-a', join(root, 'node_modules/.'), join(build, 'node_modules')])
      } else if (verb === 'RUN' && text === 'npm run build')
        cpSync(built(), join(build, 'dist'), { recursive: true })
      else if (verb === 'RUN') execFileSync('sh', ['-c', text], { cwd: build, stdio: 'pipe' })
    }
    for (const { verb, text } of runStage?.steps ?? []) {
      if (verb === 'COPY' && text.includes('node_modules')) {
        execFileSync('cp', ['-al', join(build, 'node_modules'), join(image, 'node_modules')])
      } else if (verb === 'COPY') copy(build, text, image)
    }
  }, 240_000)

  afterAll(() => {
    rmSync(base, { recursive: true, force: true })
  })

  it('runs as another user than root', () => {
    expect(runStage?.steps.find(({ verb }) => verb === 'USER')?.text).toBe('node')
  })

  it('holds no build tools and no sources', () => {
    expect(existsSync(join(image, 'node_modules/typescript'))).toBe(false)
    expect(existsSync(join(image, 'contract'))).toBe(false)
  })

  it('starts, serves the map and stops', async () => {
    const data = join(base, 'data')
    const command = JSON.parse(runStage?.steps.find(({ verb }) => verb === 'CMD')?.text ?? '[]') as string[]
    const village = spawn(process.execPath, command.slice(1), {
      cwd: image,
      env: {
        ...process.env,
        PANTAU_DATA: data,
        PANTAU_MQTT_PORT: '0',
        PANTAU_HTTP_PORT: '0',
        NODE_ENV: 'production',
      },
      stdio: 'ignore',
    })
    await until(() => existsSync(join(data, 'ready.json')), 60_000)
    const { http } = JSON.parse(readFileSync(join(data, 'ready.json'), 'utf8')) as { http: string }
    expect(await (await fetch(`${http}/`)).text()).toContain('<title')
    const ended = new Promise((done) => village.once('exit', done))
    village.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})

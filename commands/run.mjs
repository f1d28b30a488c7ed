// `npm run NAME -- ARGUMENTS` ends here: builds what is missing or old, then runs the command or part of that name in this
// process. Plain JavaScript, since Node 20 runs no TypeScript.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildIfOld, dist, isUpToDate, root, typecheck } from './build.mjs'

/** Parts and programs that start when they are loaded. */
const PROGRAMS = {
  broker: 'broker',
  ingest: 'ingest',
  dashboard: 'dashboard',
  'edge-agent': 'edge-agent',
  simulate: 'simulators',
}

const [name = '', ...argv] = process.argv.slice(2)
await run().catch((error) => end(error.exitCode ?? 1, error.message))

async function run() {
  if (name === 'build') return buildAll()
  if (name === 'test') return test()
  if (name === 'build-if-old') return void (await buildIfOld({ web: true }))
  if (name === 'start') buildApart()
  else await buildIfOld({ web: name === 'dashboard' })
  const program = PROGRAMS[name]
  if (program !== undefined) {
    process.argv = [process.execPath, join(dist, `${program}.js`), ...argv]
    await import(pathToFileURL(join(dist, `${program}.js`)).href)
    return
  }
  const file = join(dist, 'commands', `${name}.js`)
  if (!existsSync(file)) return end(2, `there is no command ${name}; see README.md`)
  const { main } = await import(pathToFileURL(file).href)
  process.exitCode = await main(argv)
}

async function buildAll() {
  typecheck()
  const built = await buildIfOld({ web: true })
  console.log(built.length > 0 ? `built: ${built.join(', ')}` : 'the build is up to date')
}

/** In a process of its own: what a build takes, some 200 MiB, a village that runs for months would never give back. */
function buildApart() {
  if (isUpToDate({ web: true })) return
  const { status } = spawnSync(process.execPath, [join(root, 'commands/run.mjs'), 'build-if-old'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('the build failed; see above')
  console.error('built what was missing or old')
}

async function test() {
  await buildIfOld({ web: true })
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...argv], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
}

function end(code, message) {
  console.error(message)
  process.exitCode = code
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DiskQueue } from './queue/disk-queue.ts'
import { TestBroker } from './testing/broker.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"
const DEVICE = 'cdg-hs-03'

let built = ''

async function bundle(entry: string, name: string): Promise<string> {
  const outfile = join(built, name)
  await build({
    entryPoints: [join(HERE, entry)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: REQUIRE },
    logLevel: 'error',
  })
  return outfile
}

beforeAll(() => {
  built = fs.mkdtempSync(join(tmpdir(), 'pantau-bundle-'))
})
afterAll(() => fs.rmSync(built, { recursive: true }))

describe('the bundled agent', () => {
  let program: string
  let folder: string
  let broker: TestBroker
  const children: ChildProcess[] = []

  beforeAll(async () => {
    program = await bundle('main.ts', 'edge-agent.mjs')
  })
  beforeEach(async () => {
    folder = fs.mkdtempSync(join(tmpdir(), 'pantau-run-'))
    broker = new TestBroker(DEVICE)
    await broker.start()
    fs.writeFileSync(join(folder, 'password'), 'secret-1\n')
  })
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child, 'SIGKILL')
    await broker.stop()
    fs.rmSync(folder, { recursive: true })
  })

  const MEASURE = ['--targets', '', '--dns-name', '', '--http-url', '']
  function start(more: readonly string[] = []): ChildProcess & { log: string[] } {
    const flags = ['--url', broker.url, '--device', DEVICE, '--state', join(folder, 'state')]
    const secret = ['--password-file', join(folder, 'password')]
    const child = spawn(process.execPath, [program, ...flags, ...secret, ...MEASURE, ...more])
    children.push(child)
    const log: string[] = []
    child.stderr.on('data', (text: Buffer) => log.push(...text.toString().trim().split('\n')))
    return Object.assign(child, { log })
  }

  async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    return new Promise((done) => {
      child.once('exit', (code) => done(code))
      child.kill(signal)
    })
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((done) => setTimeout(done, 20))
  }

  const seqs = (): number[] => broker.observations().map(({ seq }) => seq)

  test('--once prints one measurement of a real target as JSON and ends with 0', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const child = spawn(process.execPath, [
      program,
      '--once',
      '--targets',
      `127.0.0.1:${port}`,
      '--ping-count=2',
      '--dns-name=',
      '--http-url=',
    ])
    let out = ''
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString()
    })
    const code = await new Promise((done) => child.once('exit', done))
    server.close()
    expect(code).toBe(0)
    const observation = JSON.parse(out)
    expect(out.trim().split('\n')).toHaveLength(1)
    expect(observation.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
    expect(observation.values).toMatchObject({ up: 1, loss_pct: 0 })
    expect(observation.values.latency_ms).toBeGreaterThan(0)
  })

  test('a wrong command line ends with 2, names the flag and shows no stack', () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [program, '--interval', 'soon'], {
      encoding: 'utf8',
    })
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('--interval is soon; a span from 1s to 1d is taken')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('a password file that is not there, or a CA that is none, ends with 2', () => {
    const flags = ['--url', 'mqtt://localhost:1', '--device', DEVICE, '--state', join(folder, 'state')]
    const ca = join(folder, 'password')
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, ...flags, '--password-file', '/nonexistent', '--ca', ca],
      { encoding: 'utf8' },
    )
    expect(status).toBe(2)
    expect(stderr.trim().split('\n')).toEqual([
      `--ca is ${ca}; a file with PEM certificates is taken`,
      '--password-file is /nonexistent, which cannot be read (ENOENT)',
    ])
  })

  test('it runs in the memory of a router, says goodbye on SIGTERM and ends with 0', async () => {
    const child = start(['--interval', '1s'])
    await until(() => broker.on('reading').length >= 4)
    const rssMib =
      Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024
    expect(await kill(child, 'SIGTERM')).toBe(0)
    expect(broker.on('status').map(({ payload }) => payload)).toEqual(['online', 'offline'])
    for (const line of child.log) {
      expect(JSON.parse(line)).toMatchObject({
        part: 'edge-agent',
        level: expect.any(String),
        time: expect.any(String),
      })
    }
    process.stderr.write(`edge agent: ${rssMib.toFixed(1)} MiB resident\n`)
    expect(rssMib).toBeLessThan(60)
  }, 30_000)

  test('a second agent on the same folder ends with 1, and after kill -9 the folder is free', async () => {
    const first = start(['--interval', '1s'])
    await until(() => broker.on('reading').length >= 1)
    const second = start()
    expect(await new Promise((done) => second.once('exit', done))).toBe(1)
    expect(second.log.at(-1)).toMatch(/--state is .*, which another running agent uses; stop it/)
    await kill(first, 'SIGKILL')
    start(['--interval', '1s'])
    await until(() => broker.connects.length >= 2)
  }, 30_000)

  test('kill -9 in the middle of a backlog: after a restart all of it has arrived, in order', async () => {
    const count = 4_000
    fs.mkdirSync(join(folder, 'state'))
    const queue = new DiskQueue({ folder: join(folder, 'state/queue'), maxBytes: 16_777_216, disk: fs })
    for (let seq = 1_000_000; seq < 1_000_000 + count; seq += 1) {
      const values = { up: 1, latency_ms: 21.4, loss_pct: 0, clients: 14, mem_pct: 41.123, cpu_pct: 3.2 }
      queue.append(Buffer.from(JSON.stringify({ time: '2026-11-24T08:00:00.000Z', seq, values })))
    }
    expect(queue.close()).toEqual({ ok: true })

    // The third array is received, and its acknowledgement held back until the agent is dead.
    let release = (): void => {}
    broker.beforeAcknowledge = ({ payload }) =>
      payload.startsWith('[') &&
      broker.on('reading').filter((one) => one.payload.startsWith('[')).length === 3
        ? new Promise((done) => {
            release = done
          })
        : null
    const first = start(['--interval', '1h'])
    await until(() => broker.on('reading').filter(({ payload }) => payload.startsWith('[')).length >= 4)
    await kill(first, 'SIGKILL')
    release()
    broker.beforeAcknowledge = () => null
    start(['--interval', '1h'])
    await until(() => new Set(seqs().filter((seq) => seq >= 1_000_000)).size === count)

    const arrived = [...new Set(seqs().filter((seq) => seq >= 1_000_000))]
    expect(arrived).toEqual(Array.from({ length: count }, (_, index) => 1_000_000 + index))
    const largest = Math.max(...broker.on('reading').map(({ payload }) => Buffer.byteLength(payload)))
    expect(largest).toBeLessThanOrEqual(65_536)
    expect(largest).toBeGreaterThan(60_000)
  }, 60_000)
})

test('a writer killed with -9 at any moment has on disk what its flushes said, in order', async () => {
  const writer = join(built, 'writer.ts')
  fs.writeFileSync(
    writer,
    `import * as fs from 'node:fs'
     import { DiskQueue } from ${JSON.stringify(join(HERE, 'queue/disk-queue.ts'))}
     const queue = new DiskQueue({ folder: process.argv[2], maxBytes: 1048576, disk: fs })
     for (let seq = Number(process.argv[3]); ; seq += 10) {
       for (let one = seq; one < seq + 10; one += 1) queue.append(Buffer.from(JSON.stringify({ seq: one })))
       if (queue.flush().ok) fs.writeSync(1, (seq + 9) + '\\n')
     }`,
  )
  const outfile = join(built, 'writer.mjs')
  await build({
    entryPoints: [writer],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  const folder = join(built, 'killed')
  let next = 0
  for (let round = 0; round < 8; round += 1) {
    const child = spawn(process.execPath, [outfile, folder, String(next)])
    let out = ''
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString()
    })
    await new Promise((done) => child.stdout.once('data', done))
    await new Promise((done) => setTimeout(done, round * 7))
    child.kill('SIGKILL')
    await new Promise((done) => child.once('close', done))
    const flushed = Number(out.trim().split('\n').at(-1))
    const queue = new DiskQueue({ folder, maxBytes: 1_048_576, disk: fs })
    const found: number[] = []
    for (let batch = queue.next(1_000, 65_536); batch !== null; batch = queue.next(1_000, 65_536)) {
      found.push(...[JSON.parse(batch.message.toString())].flat().map((one: { seq: number }) => one.seq))
      queue.acknowledge(batch.parts)
    }
    queue.close()
    expect(found.slice(0, flushed - next + 1)).toEqual(
      Array.from({ length: flushed - next + 1 }, (_, index) => next + index),
    )
    next = (found.at(-1) ?? next) + 1
  }
}, 60_000)

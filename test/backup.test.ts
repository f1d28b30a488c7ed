// A backup taken while the village works: whatever was acknowledged before it began is in the village that starts on it, once;
// and the village it was taken from has lost nothing. What is no whole backup is not restored.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CountersAnswer } from '../contract/api-staff.ts'
import { SCHEMA_VERSION } from '../runtime/data-folder.ts'
import {
  type CommandResult,
  type Credentials,
  root,
  runCommand,
  startVillage,
  type TestVillage,
  until,
} from './village.ts'

const folder = mkdtempSync(join(tmpdir(), 'pantau-backup-'))
const backup = join(folder, 'backup')
const begin = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000

let village: TestVillage
let device: Credentials
let cookie = ''

beforeAll(async () => {
  village = await startVillage()
  cookie = await village.signIn()
  device = await village.addDevice('air-1', 'sensor')
})

afterAll(async () => {
  await village?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

const run = async (...argv: string[]): Promise<CommandResult> => {
  const result = await runCommand(argv, { PANTAU_DATA: village.dataFolder })
  expect(result.stderr).not.toMatch(/^\s+at /m)
  return result
}

/** Environment of a command that is killed instead of its copy number `count` of a file. */
function killedAtCopy(count: number): Record<string, string> {
  const script = join(folder, `killed-at-copy-${count}.cjs`)
  writeFileSync(
    script,
    `const fs = require('node:fs')
const { copyFileSync } = fs
let left = ${count}
fs.copyFileSync = (...argv) => {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
  return copyFileSync(...argv)
}
require('node:module').syncBuiltinESMExports()
`,
  )
  return { NODE_OPTIONS: `--require=${script}` }
}

interface Readings {
  readonly series: readonly { readonly points: readonly (readonly [number, number])[] }[]
  readonly next?: string
}

async function stored(): Promise<(readonly [number, number])[]> {
  const points: (readonly [number, number])[] = []
  const path = `/api/v1/devices/air-1/readings?metric=pm2_5&from=${new Date(begin).toISOString()}`
  for (let next: string | undefined = ''; next !== undefined; ) {
    const answer: Readings = await village.get(next === '' ? path : `${path}&cursor=${next}`, cookie)
    // What the product thinks of a reading, its flag, may come later than the reading.
    for (const [time, value] of answer.series[0]?.points ?? []) points.push([time, value])
    next = answer.next
  }
  return points
}

const valueAt = (number: number): number => number / 7

/** Publishes reading after reading, several on the way; how many have been acknowledged, in order. */
async function publishing(): Promise<{ acknowledged(): number; end(): Promise<number> }> {
  const client = await village.connect(device)
  const topic = `${device.topicPrefix}/reading`
  let sent = 0
  const done = new Set<number>()
  let acknowledged = 0
  let ended = false
  const publisher = async (): Promise<void> => {
    while (!ended) {
      const number = sent
      sent += 1
      await client.publishAsync(
        topic,
        JSON.stringify({ time: begin + number, values: { pm2_5: valueAt(number) } }),
        { qos: 1 },
      )
      done.add(number)
      while (done.delete(acknowledged)) acknowledged += 1
    }
  }
  const publishers = Array.from({ length: 8 }, publisher)
  return {
    acknowledged: () => acknowledged,
    async end() {
      ended = true
      await Promise.all(publishers)
      await client.endAsync()
      return sent
    },
  }
}

describe('a backup under load', () => {
  let before = 0
  let sent = 0

  beforeAll(async () => {
    const publisher = await publishing()
    await until(() => publisher.acknowledged() >= 500)
    // One that is killed while it holds ingest still leaves nothing that looks like a backup, and a village that goes on.
    const killed = await runCommand(['backup', backup], {
      PANTAU_DATA: village.dataFolder,
      ...killedAtCopy(1),
    })
    expect([killed.code, existsSync(backup)]).toEqual([null, false])
    before = publisher.acknowledged()
    const { code, stdout, stderr } = await run('backup', backup)
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({ path: backup })
    const after = publisher.acknowledged()
    await until(() => publisher.acknowledged() > after)
    sent = await publisher.end()
  })

  it('takes nothing from the village it is taken of', async () => {
    await until(async () => (await stored()).length >= sent)
    expect(await stored()).toEqual(
      Array.from({ length: sent }, (_, number) => [begin + number, valueAt(number)]),
    )
    expect((await fetch(`${village.http}/readyz`)).status).toBe(200)
  })

  it('is its owner’s alone, and holds nothing of the running village', () => {
    expect(statSync(backup).mode & 0o077).toBe(0)
    for (const name of ['lock', 'ready.json', 'run']) expect(existsSync(join(backup, name))).toBe(false)
    expect(existsSync(`${backup}.unfinished`)).toBe(false)
  })

  it('is refused where something is, and in the data folder', async () => {
    const again = await run('backup', backup)
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('exists')])
    const inside = await run('backup', join(village.dataFolder, 'backup'))
    expect([inside.code, inside.stderr]).toEqual([2, expect.stringContaining('in the data folder')])
  })

  it('of which a restore is killed is no village that starts', async () => {
    const files = readdirSync(backup, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    // The manifest is not copied: the last copy is the one that makes the folder whole.
    for (const copy of [2, files.length - 1]) {
      const half = join(folder, `half-${copy}`)
      const { code } = await runCommand(['restore', backup], { PANTAU_DATA: half, ...killedAtCopy(copy) })
      expect([code, existsSync(join(half, 'schema.json'))]).toEqual([null, true])
      const start = await runCommand(['start'], { PANTAU_DATA: half })
      expect([start.code, start.stderr]).toEqual([1, expect.stringContaining('restore it from a backup')])
    }
  })

  it('is not restored over a village', async () => {
    const { code, stderr } = await run('restore', backup)
    expect([code, stderr]).toEqual([1, expect.stringContaining('is not empty')])
  })

  it('becomes a village that has all that was acknowledged before, each reading once', async () => {
    await village.stop()
    for (const name of readdirSync(village.dataFolder)) {
      rmSync(join(village.dataFolder, name), { recursive: true, force: true })
    }
    const { code, stderr } = await run('restore', backup)
    expect([code, stderr]).toEqual([0, ''])
    await village.restart()
    cookie = await village.signIn()
    await until(async () => (await village.get<CountersAnswer>('/api/v1/counters', cookie)).lag_ms === 0)
    const points = await stored()
    expect(points.length).toBeGreaterThanOrEqual(before)
    expect(points.length).toBeLessThanOrEqual(sent)
    const numbers = points.map(([time]) => time - begin)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.slice(0, before)).toEqual(Array.from({ length: before }, (_, number) => number))
    for (const [time, value] of points) expect(value).toBe(valueAt(time - begin))
    const { observations, readings } = await village.get<CountersAnswer>('/api/v1/counters', cookie)
    expect([observations.taken, readings.stored + readings.duplicates]).toEqual([
      observations.received,
      observations.taken,
    ])
    expect(readings.stored).toBe(points.length)
  })

  it('becomes a village that its devices come into, and that goes on', async () => {
    const client = await village.connect(device)
    await client.publishAsync(`${device.topicPrefix}/reading`, `{"time":${begin - 1},"values":{"pm2_5":1}}`, {
      qos: 1,
    })
    await client.endAsync()
    const taken = async (): Promise<number> =>
      (await village.get<CountersAnswer>('/api/v1/counters', cookie)).observations.taken
    const was = (await stored()).length
    await until(async () => (await taken()) > was)
    const doctor = await run('doctor')
    expect([doctor.code, doctor.stdout.match(/^fail.*$/gm)]).toEqual([0, null])
  })
})

describe('a village that is stopped', () => {
  it('is backed up and restored as it is', async () => {
    const points = await stored()
    await village.stop()
    const path = join(folder, 'stopped')
    expect((await run('backup', path)).code).toBe(0)
    const data = join(folder, 'restored')
    const { code, stdout } = await runCommand(['restore', path], { PANTAU_DATA: data })
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { data }])
    expect(statSync(data).mode & 0o077).toBe(0)
    expect(readFileSync(join(data, 'registry.json'))).toEqual(
      readFileSync(join(village.dataFolder, 'registry.json')),
    )
    await village.restart()
    expect(await stored()).toEqual(points)
  })
})

describe('a data folder of an older Pantau', () => {
  const old = join(root, 'runtime', 'fixtures', 'data-folder-1')

  /** What the village of schema 1 had acknowledged before it was stopped, on 2026-11-24 from 08:00. */
  const sent = [0, 1, 2].map((minute) => [Date.UTC(2026, 10, 24, 8, minute), 10 + minute])

  function copyOld(name: string): string {
    const data = join(folder, name)
    cpSync(old, data, { recursive: true })
    // As it was; a repository does not keep that.
    for (const path of [data, ...readdirSync(data, { recursive: true, encoding: 'utf8' })]) {
      const absolute = path === data ? data : join(data, path)
      chmodSync(absolute, statSync(absolute).isDirectory() ? 0o700 : 0o600)
    }
    return data
  }

  it('is carried on once, by whichever of several programs comes first', async () => {
    const data = copyOld('raced')
    const results = await Promise.all(
      ['device', 'user', 'device'].map(async (command) =>
        runCommand([command, 'list'], { PANTAU_DATA: data }),
      ),
    )
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, '']))
    expect(results[0]?.stdout).toContain('"id":"air-1"')
    expect(readFileSync(join(data, 'before-schema-2', 'audit.jsonl'))).toEqual(
      readFileSync(join(old, 'audit.jsonl')),
    )
  })

  it('is told by the doctor, then carried on by a start, after a copy, with all that is in it', async () => {
    const data = copyOld('old')
    const environment = { PANTAU_DATA: data, PANTAU_MQTT_PORT: '0', PANTAU_HTTP_PORT: '0' }
    const before = await runCommand(['doctor'], environment)
    expect(before.stdout).toMatch(/^warn {2}schema: version 1; the next start keeps .*before-schema-2/m)
    expect(readFileSync(join(data, 'schema.json'))).toEqual(readFileSync(join(old, 'schema.json')))

    await village.stop()
    for (const name of readdirSync(village.dataFolder)) {
      rmSync(join(village.dataFolder, name), { recursive: true, force: true })
    }
    cpSync(data, village.dataFolder, { recursive: true })
    await village.restart()
    const from = new Date(Date.UTC(2026, 10, 24, 7)).toISOString()
    const to = new Date(Date.UTC(2026, 10, 24, 9)).toISOString()
    const path = `/api/v1/devices/air-1/readings?metric=pm2_5&from=${from}&to=${to}`
    await until(async () => (await village.get<Readings>(path)).series[0]?.points.length === sent.length)
    const points = (await village.get<Readings>(path)).series[0]?.points
    expect(points?.map(([time, value]) => [time, value])).toEqual(sent)
    expect(JSON.parse(readFileSync(join(village.dataFolder, 'schema.json'), 'utf8'))).toEqual({
      schema: SCHEMA_VERSION,
    })
    expect(readdirSync(join(village.dataFolder, 'before-schema-2')).sort()).toEqual([
      'audit.jsonl',
      'schema.json',
    ])
    const after = await run('doctor')
    expect([after.code, after.stdout.match(/^(fail|warn).*$/gm)]).toEqual([0, null])
  })
})

describe('what is no whole backup', () => {
  it.each<[string, (copy: string) => void, string]>([
    ['a folder of something else', (copy) => rmSync(join(copy, 'backup.json')), 'no backup.json'],
    [
      'a manifest cut short',
      (copy) => writeFileSync(join(copy, 'backup.json'), '{"version":1,'),
      'is damaged',
    ],
    [
      'a file that was changed',
      (copy) => writeFileSync(join(copy, 'registry.json'), '{}'),
      'registry.json is not as it was written',
    ],
    [
      'a file that is missing',
      (copy) => rmSync(join(copy, 'schema.json')),
      'schema.json cannot be read (ENOENT)',
    ],
    [
      'a path out of the data folder',
      (copy) =>
        writeFileSync(
          join(copy, 'backup.json'),
          JSON.stringify({ version: 1, schema: 1, files: [{ path: '../../evil', bytes: 0, sha256: '' }] }),
        ),
      'is damaged',
    ],
    [
      'a backup of a newer Pantau',
      (copy) => {
        const manifest = JSON.parse(readFileSync(join(copy, 'backup.json'), 'utf8')) as object
        writeFileSync(
          join(copy, 'backup.json'),
          JSON.stringify({ ...manifest, schema: 999, pantau: '9.9.9' }),
        )
      },
      'Pantau 9.9.9',
    ],
  ])('%s is refused and nothing is written', async (what, harm, words) => {
    const copy = join(folder, what.replaceAll(' ', '-'))
    cpSync(backup, copy, { recursive: true })
    harm(copy)
    const data = join(folder, 'untouched')
    const { code, stderr } = await runCommand(['restore', copy], { PANTAU_DATA: data })
    expect([code, stderr]).toEqual([1, expect.stringContaining(words)])
    expect(existsSync(data)).toBe(false)
  })
})

// Commands against a running village and its data folder: devices, accounts, export and import in each format, the doctor. What
// they print is for programs and people alike: JSON lines and plain sentences, exit codes as the contract has them.

import {
  chmodSync,
  existsSync,
  mkdirSync,
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
import { mountSmallDisk } from './small-disk.ts'
import {
  type CommandResult,
  type Credentials,
  runCommand,
  startVillage,
  type TestVillage,
  until,
} from './village.ts'

let village: TestVillage
let cookie = ''
const folder = mkdtempSync(join(tmpdir(), 'pantau-commands-'))

beforeAll(async () => {
  village = await startVillage()
  cookie = await village.signIn()
})

afterAll(async () => {
  await village?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

/** A command on the village's data folder; no stack trace, whatever its end. */
async function run(...argv: string[]): Promise<CommandResult> {
  const result = await runCommand(argv, { PANTAU_DATA: village.dataFolder })
  expect(result.stderr).not.toMatch(/^\s+at /m)
  return result
}

/** Its one JSON line. */
async function runForLine<T>(...argv: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...argv)
  expect([code, stderr, stdout.split('\n').length]).toEqual([0, '', 2])
  return JSON.parse(stdout) as T
}

async function expectFault(code: number, words: string, ...argv: string[]): Promise<void> {
  const result = await run(...argv)
  expect([result.code, result.stdout]).toEqual([code, ''])
  // The last line says what and what to do.
  expect(result.stderr.trim().split('\n').at(-1)).toContain(words)
}

async function comesIn({ username }: Credentials, password: string): Promise<boolean> {
  const device = { username, password } as Credentials
  return village.connect(device, { reconnectPeriod: 0 }).then(
    async (client) => client.endAsync().then(() => true),
    () => false,
  )
}

describe('npm run device', () => {
  it('adds a device that comes in at once, changes its password, and shuts it out', async () => {
    const added = await runForLine<Credentials>(
      'device',
      'add',
      'wifi-1',
      '--kind',
      'hotspot',
      '--name',
      'Pos RW 3',
    )
    expect(added).toEqual({
      id: 'wifi-1',
      kind: 'hotspot',
      username: 'wifi-1',
      // 128 bits at least.
      password: expect.stringMatching(/^[\w-]{22,}$/),
      topicPrefix: 'pantau/cideng/hotspot/wifi-1',
    })
    await until(() => comesIn(added, added.password))

    const { code, stdout } = await run('device', 'list')
    expect(code).toBe(0)
    expect(stdout).not.toContain(added.password)
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string }),
    ).toContainEqual(
      expect.objectContaining({ id: 'wifi-1', kind: 'hotspot', name: 'Pos RW 3', simulated: false }),
    )

    const rotated = await runForLine<Credentials>('device', 'rotate', 'wifi-1')
    expect(rotated).toEqual({ ...added, password: expect.stringMatching(/^[\w-]{22,}$/) })
    expect(rotated.password).not.toBe(added.password)
    await until(() => comesIn(added, rotated.password))
    expect(await comesIn(added, added.password)).toBe(false)

    expect(await run('device', 'remove', 'wifi-1')).toEqual({ code: 0, stdout: '', stderr: '' })
    await until(async () => !(await comesIn(added, rotated.password)))
  })

  it('keeps no password as it is', () => {
    expect(readFileSync(join(village.dataFolder, 'registry.json'), 'utf8')).not.toContain('"password"')
  })

  it('refuses a name that is taken, and one that there is not', async () => {
    await runForLine('device', 'add', 'taken-1', '--kind', 'sensor')
    await expectFault(1, 'a device taken-1 exists', 'device', 'add', 'taken-1', '--kind', 'sensor')
    await expectFault(1, 'there is no device none-1', 'device', 'remove', 'none-1')
    await expectFault(2, '--kind is absent', 'device', 'add', 'new-1')
  })
})

describe('npm run user', () => {
  const signIn = async (name: string, password: string): Promise<number> => {
    const answer = await fetch(`${village.http}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    })
    return answer.status
  }

  it('adds an account that signs in, gives it another password, and removes it', async () => {
    interface Account {
      readonly name: string
      readonly role: string
      readonly password: string
    }
    const added = await runForLine<Account>('user', 'add', 'siti', '--role', 'environment')
    expect(added).toEqual({ name: 'siti', role: 'environment', password: expect.stringMatching(/^\S{16,}$/) })
    await until(async () => (await signIn('siti', added.password)) === 204)

    const { stdout } = await run('user', 'list')
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { name: 'admin', role: 'admin' },
      { name: 'siti', role: 'environment' },
    ])

    const reset = await runForLine<Account>('user', 'reset', 'siti')
    expect(reset).toMatchObject({ name: 'siti', role: 'environment' })
    await until(async () => (await signIn('siti', reset.password)) === 204)
    expect(await signIn('siti', added.password)).toBe(401)

    const enrolled = await runForLine<{ secret: string }>('user', 'second-factor', 'siti')
    expect(enrolled).toEqual({
      name: 'siti',
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      uri: expect.stringContaining(`secret=${enrolled.secret}`),
    })
    await until(async () => (await signIn('siti', reset.password)) === 401)
    expect(await run('user', 'no-second-factor', 'siti')).toEqual({ code: 0, stdout: '', stderr: '' })
    await until(async () => (await signIn('siti', reset.password)) === 204)

    expect(await run('user', 'remove', 'siti')).toEqual({ code: 0, stdout: '', stderr: '' })
    await until(async () => (await signIn('siti', reset.password)) === 401)
  })

  it('refuses to remove the last admin, a name that is taken, and one that there is not', async () => {
    await expectFault(2, 'the last admin', 'user', 'remove', 'admin')
    await expectFault(1, 'admin exists', 'user', 'add', 'admin', '--role', 'admin')
    await expectFault(1, 'there is no account nobody', 'user', 'reset', 'nobody')
  })
})

describe('npm run export and import', () => {
  const end = Math.floor(Date.now() / 1_000) * 1_000
  const begin = end - 3_600_000
  const period = ['--from', new Date(begin).toISOString(), '--to', new Date(end).toISOString()]
  /** Values whose last digits a careless format loses. */
  const sent = Array.from({ length: 500 }, (_, index) => ({
    time: begin + index * 7_000 + (index % 1_000),
    values: { pm2_5: index / 3, temperature: -0.1 * (index + 1), note_count: index === 0 ? 1e300 : index },
  }))
  const READINGS = 3 * sent.length
  const buses = [
    {
      time: begin + 1,
      values: { speed: 5.5 },
      position: { lat: -6.17, lon: 106.807, speed: 5.5, bearing: 359.9, accuracy: 4 },
      trip: 'trip, "one"',
      route: '1A=x',
      direction: 1,
      occupancy: 'FEW_SEATS_AVAILABLE',
    },
  ]

  beforeAll(async () => {
    for (const [id, kind, observations] of [
      ['air-1', 'sensor', sent],
      ['bus-1', 'vehicle', buses],
    ] as const) {
      const credentials = await village.addDevice(id, kind)
      const client = await village.connect(credentials)
      await client.publishAsync(`${credentials.topicPrefix}/reading`, JSON.stringify(observations), {
        qos: 1,
      })
      await client.endAsync()
    }
    await until(async () => (await counters()).stored >= READINGS + 1)
  })

  const counters = async (): Promise<CountersAnswer['readings']> =>
    (await village.get<CountersAnswer>('/api/v1/counters', cookie)).readings

  it.each(['csv', 'line', 'parquet'])(
    '%s: what is exported here and imported there is exported the same again',
    async (format) => {
      const out = join(folder, `all.${format}`)
      const exported = await run('export', ...period, '--format', format, '--out', out)
      expect(exported).toEqual({ code: 0, stdout: `${READINGS + 1} readings in ${out}\n`, stderr: '' })
      expect(statSync(out).mode & 0o077).toBe(0)

      const before = await counters()
      const again = await run('import', '--format', format, out)
      expect([again.code, again.stderr]).toEqual([0, ''])
      // Idempotent: each is known, and none is another.
      const after = await counters()
      expect([after.stored, after.conflicts]).toEqual([before.stored, before.conflicts])

      const other = await startVillage()
      try {
        const imported = await runCommand(['import', '--format', format, out], {
          PANTAU_DATA: other.dataFolder,
        })
        expect([imported.code, imported.stderr]).toEqual([0, ''])
        const back = join(folder, `back.${format}`)
        const result = await runCommand(['export', ...period, '--format', format, '--out', back], {
          PANTAU_DATA: other.dataFolder,
        })
        expect([result.code, result.stdout]).toEqual([0, `${READINGS + 1} readings in ${back}\n`])
        if (format !== 'parquet') expect(readFileSync(back, 'utf8')).toBe(readFileSync(out, 'utf8'))
      } finally {
        await other.dispose()
      }
    },
  )

  it('CSV holds every reading that was sent, exact', async () => {
    const out = join(folder, 'air.csv')
    await run('export', ...period, '--device', 'air-1', '--format', 'csv', '--out', out)
    const [header = '', ...lines] = readFileSync(out, 'utf8').trim().split('\n')
    const column = (name: string): number => header.split(',').indexOf(name)
    const got = lines
      .map((line) => line.split(','))
      .map((cells) => [
        Date.parse(cells[column('time')] ?? ''),
        cells[column('metric')],
        Number(cells[column('value')]),
      ])
    const wanted = sent.flatMap(({ time, values }) =>
      Object.entries(values).map(([metric, value]) => [time, metric, value]),
    )
    const key = ([time, metric]: unknown[]): string => `${time} ${metric}`
    const sorted = (rows: unknown[][]): unknown[][] => rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    expect(sorted(got)).toEqual(sorted(wanted))
  })

  it('--kind and --device leave out the rest', async () => {
    const out = join(folder, 'bus.csv')
    const { stdout } = await run('export', ...period, '--kind', 'vehicle', '--format', 'csv', '--out', out)
    expect(stdout).toBe(`1 readings in ${out}\n`)
    expect(readFileSync(out, 'utf8')).toContain('"trip, ""one"""')
  })

  it('a wrong line ends the import with 1 and its place, and the file mended can be run again', async () => {
    const file = join(folder, 'wrong.csv')
    const good = readFileSync(join(folder, 'air.csv'), 'utf8').trim().split('\n').slice(0, 8)
    const bad = good.with(6, (good[6] ?? '').replace(/^[^,]*/, 'yesterday'))
    writeFileSync(file, bad.join('\n'))
    const result = await run('import', '--format', 'csv', file)
    expect(result.code).toBe(1)
    expect(result.stderr.trim().split('\n').at(-1)).toMatch(/line 7: time is yesterday/)
    writeFileSync(file, good.join('\n'))
    expect((await run('import', '--format', 'csv', file)).code).toBe(0)
  })

  it('an export to a folder that is missing, or to a folder, ends with 1', async () => {
    const missing = join(folder, 'none', 'x.csv')
    await expectFault(
      1,
      'cannot be written (ENOENT)',
      'export',
      ...period,
      '--format',
      'csv',
      '--out',
      missing,
    )
    await expectFault(
      1,
      'cannot be written (EISDIR)',
      'export',
      ...period,
      '--format',
      'csv',
      '--out',
      folder,
    )
    expect(existsSync(folder)).toBe(true)
  })

  it('without a running village both end with 1 and say so', async () => {
    const environment = { PANTAU_DATA: join(folder, 'idle') }
    const out = join(folder, 'idle.csv')
    for (const argv of [
      ['export', ...period, '--format', 'csv', '--out', out],
      ['import', '--format', 'csv', join(folder, 'air.csv')],
    ]) {
      const { code, stderr } = await runCommand(argv, environment)
      expect([code, stderr]).toEqual([1, expect.stringContaining('npm start')])
    }
  })
})

const smallDisk = mountSmallDisk(8)
afterAll(() => smallDisk?.remove())

it.skipIf(smallDisk === null)(
  'an export or a backup to a disk that is nearly full is refused, and says what to do',
  async () => {
    const out = join(smallDisk?.folder ?? '', 'out')
    const period = ['--from', '2026-01-01', '--to', '2026-12-31']
    for (const argv of [
      ['export', ...period, '--format', 'csv', '--out', out],
      ['backup', out],
    ]) {
      await expectFault(1, 'stay free for the village: make room, or give a path on another disk', ...argv)
    }
    expect(readdirSync(smallDisk?.folder ?? '')).toEqual([])
  },
)

describe('npm run doctor', () => {
  /** Its lines, after the settings, by what they are about. */
  const findings = (stdout: string): { level: string; line: string }[] =>
    (stdout.split('\n\n')[1] ?? '')
      .trim()
      .split('\n')
      .map((line) => ({ level: line.split(' ')[0] ?? '', line }))

  it('finds nothing wrong with a running village', async () => {
    const { code, stdout, stderr } = await run('doctor')
    expect([code, stderr]).toEqual([0, ''])
    expect(findings(stdout).filter(({ level, line }) => level !== 'ok' && !line.includes(' disk: '))).toEqual(
      [],
    )
    expect(stdout).toMatch(/^PANTAU_DATA +\S+ +environment$/m)
    expect(stdout).toMatch(/^PANTAU_HTTP_PORT +8080 +default$/m)
    expect(stdout).toContain(`village runs: process ${village.pid}, ready`)
    expect(stdout).toMatch(/^ok {4}log: \d+ segments, \d+ records, all whole$/m)
  })

  it('names what is damaged, fails, and says what to do', async () => {
    const data = join(folder, 'damaged')
    mkdirSync(join(data, 'log'), { recursive: true })
    chmodSync(data, 0o755)
    writeFileSync(join(data, 'registry.json'), '{', { mode: 0o644 })
    writeFileSync(join(data, 'schema.json'), '{"schema":999}', { mode: 0o600 })
    writeFileSync(join(data, 'audit.jsonl'), '{"n":1,"hash":"x"}\n', { mode: 0o600 })
    writeFileSync(join(data, '.env'), 'PANTAU_RETENTION=30d\nPANTAU_MQTT_PORT=0\nPANTAU_HTTP_PORT=0\n', {
      mode: 0o600,
    })
    const { code, stdout } = await runCommand(['doctor', '--host', '0.0.0.0'], { PANTAU_DATA: data })
    expect(code).toBe(1)
    for (const line of [
      /^PANTAU_HOST +0\.0\.0\.0 +flag$/m,
      /^PANTAU_RETENTION +30d +\.env$/m,
      /^warn {2}data: .* is open to others; run chmod 700 /m,
      /^warn {2}data: .*registry\.json is open to others; run chmod 600 /m,
      /^fail {2}schema: .* schema 999/m,
      /^fail {2}registry: .* is damaged; restore it from a backup$/m,
      /^fail {2}audit: /m,
      /^warn {2}doors: MQTT without TLS/m,
      /^warn {2}doors: pages come by plain http/m,
    ]) {
      expect(stdout).toMatch(line)
    }
    // It looks only.
    expect(statSync(data).mode & 0o777).toBe(0o755)
  })

  it('prints no secret', async () => {
    const { code, stdout } = await runCommand(['doctor'], {
      PANTAU_DATA: join(folder, 'none'),
      PANTAU_MQTT_PORT: '0',
      PANTAU_HTTP_PORT: '0',
      PANTAU_STORE: 'influxdb2://127.0.0.1:9/org/bucket',
      PANTAU_INFLUX_TOKEN: 'hunter2',
    })
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('hunter2')])
    expect(stdout).toMatch(/^PANTAU_INFLUX_TOKEN +\[secret\] +environment$/m)
  })
})

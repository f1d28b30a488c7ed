// One village, started by a careless shell (umask 000), with every kind of secret in it: nothing that comes out of it, on purpose or
// by accident, holds one; its files are its owner's alone; and what is fed to its commands by strangers does no harm.

import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeZip } from '../../runtime/zip.ts'
import {
  type CommandResult,
  type Credentials,
  root,
  runCommand,
  startVillage,
  type TestVillage,
  until,
} from '../village.ts'

const INFLUX_TOKEN = 'SEEDED-influx-token-0a1b2c3d4e5f'
const GUESS = 'SEEDED-password-that-was-typed-wrongly'
const begin = Date.UTC(2026, 10, 24)

let village: TestVillage
let folder = ''
let cookie = ''
let bus: Credentials
/** What must come out nowhere, by what it is. */
const secrets = new Map<string, string>([
  ['token of InfluxDB', INFLUX_TOKEN],
  ['password typed wrongly', GUESS],
])
/** What came out, by where. */
const outputs = new Map<string, string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pantau-outputs-'))
  const before = process.umask(0)
  village = await startVillage({ PANTAU_INFLUX_TOKEN: INFLUX_TOKEN, PANTAU_LOG_LEVEL: 'debug' })
  process.umask(before)
  const first = JSON.parse(readFileSync(join(village.dataFolder, 'first-login.json'), 'utf8')) as {
    password: string
  }
  secrets.set('first password', first.password)
  cookie = await village.signIn()
  secrets.set('session', /pantau_session=([^;]+)/.exec(cookie)?.[1] ?? '')
  bus = await village.addDevice('bus-1', 'vehicle')
  secrets.set('secret of a device', bus.password)
  const user = await run('user', 'add', 'rini', '--role', 'environment')
  secrets.set('password of staff', (JSON.parse(user.stdout) as { password: string }).password)
  const made = await fetch(`${village.http}/api/v1/tokens`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'report', role: 'environment' }),
  })
  secrets.set('token', ((await made.json()) as { token: string }).token)
  await useIt()
})

afterAll(async () => {
  await village?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

async function run(...argv: string[]): Promise<CommandResult> {
  const result = await runCommand(argv, { PANTAU_DATA: village.dataFolder })
  // What `add` prints is the one place where a password is shown.
  if (argv[1] !== 'add') outputs.set(`npm run ${argv.join(' ')}`, result.stdout + result.stderr)
  return result
}

const FORMULAS = ["=cmd|' /C calc'!A0", '+1+cmd', '-1+2', '@SUM(A1)', '\t=1', '\r=1', "'=1"] as const
const NAME = '\n{"level":"error","part":"broker","msg":"FORGED"}\u001b[2J'

/** People and devices come and go, some of them with the wrong words. */
async function useIt(): Promise<void> {
  for (const [name, password] of [
    ['admin', GUESS],
    ['nobody', GUESS],
  ]) {
    await fetch(`${village.http}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    })
  }
  for (const options of [
    { password: GUESS },
    { clientId: NAME, username: NAME, password: GUESS },
    { clientId: 'bus-1', username: NAME },
  ]) {
    await expect(village.connect(bus, { ...options, reconnectPeriod: 0 })).rejects.toThrow()
  }
  await fetch(`${village.http}/api/v1/devices/${encodeURIComponent(NAME)}`, {
    headers: { authorization: `Bearer ${secrets.get('token')}x`, 'user-agent': 'FORGED' },
  })
  const rogue = await village.connect(bus, { clientId: 'bus-1:rogue', reconnectPeriod: 0 })
  const shutOut = new Promise<void>((done) => rogue.once('close', () => done()))
  rogue.on('error', () => undefined)
  rogue.publish('pantau/cideng/sensor/air-9/reading', '{}', { qos: 1 })
  await shutOut
  rogue.end(true)
  const client = await village.connect(bus)
  for (const [index, text] of FORMULAS.entries()) {
    const reading = {
      time: begin + index * 1_000,
      values: { speed: -index },
      position: { lat: -6.17, lon: 106.807 },
      trip: text,
      route: text,
    }
    await client.publishAsync(`${bus.topicPrefix}/reading`, JSON.stringify(reading), { qos: 1 })
  }
  await client.publishAsync(`${bus.topicPrefix}/reading`, `not JSON ${NAME}`, { qos: 1 })
  await client.endAsync()
  await until(async () => {
    const answer = await village.get<{ messages: unknown[] }>('/api/v1/quarantine', cookie)
    return answer.messages.length > 0
  })
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Names of the secrets that stand in `bytes`, as they are or as they are usually written. */
function secretsIn(bytes: Buffer | string): string[] {
  const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : bytes
  return [...secrets].flatMap(([what, secret]) => {
    expect(secret.length).toBeGreaterThan(12)
    const forms = [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      encodeURIComponent(secret),
    ]
    return forms.some((form) => text.includes(form)) ? [what] : []
  })
}

describe('no secret', () => {
  it('stands in an answer of the API, to whomever', async () => {
    const { paths } = await village.get<{ paths: Record<string, object> }>('/api/openapi.json')
    const asked = Object.entries(paths).filter(([, methods]) => 'get' in methods)
    expect(asked.length).toBeGreaterThan(25)
    for (const [path] of asked) {
      const url = village.http + path.replace(/\{\w+\}/g, 'bus-1')
      for (const headers of [{ cookie }, {}]) {
        const answer = await fetch(url, { headers })
        const text = JSON.stringify([...answer.headers]) + (await answer.text())
        expect([path, secretsIn(text)]).toEqual([path, []])
      }
    }
  })

  it('stands in an export, in a backup but where it says so, or in what commands print', async () => {
    const period = ['--from', '2026-11-23', '--to', '2026-11-26']
    for (const format of ['csv', 'line', 'parquet']) {
      const out = join(folder, `readings.${format}`)
      expect((await run('export', ...period, '--format', format, '--out', out)).code).toBe(0)
      expect([format, secretsIn(readFileSync(out))]).toEqual([format, []])
    }
    const backup = join(folder, 'backup')
    expect((await run('backup', backup)).code).toBe(0)
    const { holds } = JSON.parse(readFileSync(join(backup, 'backup.json'), 'utf8')) as { holds: string[] }
    for (const path of filesBelow(backup)) {
      const name = path.slice(backup.length + 1)
      const isSaid = holds.some((line) => line.startsWith(`${name}: `))
      expect([name, secretsIn(readFileSync(path))]).toEqual([
        name,
        name === 'first-login.json' ? ['first password'] : [],
      ])
      if (name === 'first-login.json') expect(isSaid).toBe(true)
    }
    await run('doctor')
    await run('device', 'list')
    await run('user', 'list')
    const wrong = await runCommand(['start'], {
      PANTAU_DATA: join(folder, 'none'),
      PANTAU_STORE: `influxdb1//village:${GUESS}@host/db`,
    })
    outputs.set('a start with a wrong store', wrong.stdout + wrong.stderr)
    for (const [where, text] of outputs) expect([where, secretsIn(text)]).toEqual([where, []])
  })

  it('stands in the log, in the data folder but for the first password, or in the list of processes', async () => {
    expect(secretsIn(village.log())).toEqual([])
    for (const path of filesBelow(village.dataFolder)) {
      const expected = path.endsWith('first-login.json') ? ['first password'] : []
      expect([path, secretsIn(readFileSync(path))]).toEqual([path, expected])
    }
    const commandLines = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        } catch {
          return ''
        }
      })
    expect(commandLines.some((line) => line.includes('broker'))).toBe(true)
    expect(secretsIn(commandLines.join('\n'))).toEqual([])
  })
})

describe('the log', () => {
  it('is one JSON object a line, whatever a stranger calls himself', () => {
    const all = village.log().trim().split('\n')
    // What the build has to say comes before.
    const lines = all.slice(all.findIndex((line) => line.startsWith('{"level"')))
    expect(lines.length).toBeGreaterThan(5)
    for (const line of lines) {
      expect(line).toMatch(/^\{"level":"(debug|info|warn|error)".*\}$/)
      expect((JSON.parse(line) as { msg?: string }).msg).not.toBe('FORGED')
    }
  })
})

describe('the data folder', () => {
  it('is its owner’s alone, with all that is in it, though the shell said that all may read and write', () => {
    const all = readdirSync(village.dataFolder, { recursive: true, withFileTypes: true }).map((entry) =>
      join(entry.parentPath, entry.name),
    )
    expect(all.length).toBeGreaterThan(8)
    const open = [village.dataFolder, ...all].filter((path) => (statSync(path).mode & 0o077) !== 0)
    expect(open).toEqual([])
    for (const path of [join(folder, 'readings.csv'), ...filesBelow(join(folder, 'backup'))]) {
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0])
    }
  })
})

describe('an export as CSV', () => {
  it('holds no cell that a spreadsheet runs, and is imported again as it was', async () => {
    const text = readFileSync(join(folder, 'readings.csv'), 'utf8')
    const cells = text.split('\n').flatMap((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? [])
    const dangerous = cells
      .map((cell) => cell.replace(/,$/, '').replace(/^"|"$/g, ''))
      .filter((cell) => /^[=+@\t\r]/.test(cell) || /^-(?!\d+(\.\d+)?$)/.test(cell))
    expect(dangerous).toEqual([])
    expect(text).toContain("'=cmd|' /C calc'!A0")
    const before = await village.get<{ readings: { stored: number } }>('/api/v1/counters', cookie)
    const again = await run('import', '--format', 'csv', join(folder, 'readings.csv'))
    expect([again.code, again.stderr]).toEqual([0, ''])
    const line = join(folder, 'again.line')
    await run('export', '--from', '2026-11-23', '--to', '2026-11-26', '--format', 'line', '--out', line)
    expect(readFileSync(line, 'utf8')).toBe(readFileSync(join(folder, 'readings.line'), 'utf8'))
    expect((await village.get<typeof before>('/api/v1/counters', cookie)).readings).toEqual(before.readings)
  })
})

describe('a file from a stranger', () => {
  it.each<[string, string, string, RegExp]>([
    [
      'a line without end',
      'csv',
      `time,kind,device,metric,value\n${'x'.repeat(200_000)}`,
      /line 2 has more than 65536 letters/,
    ],
    ['a line without end', 'line', 'x'.repeat(200_000), /line 1 has more than 65536 letters/],
    [
      'members of every object',
      'line',
      'sensor,device=air-1 __proto__=1,position___proto__=1,constructor=2 1764000000000000000',
      /line 1: metric is __proto__;/,
    ],
    [
      'columns of every object',
      'csv',
      'time,kind,device,metric,value,__proto__,constructor\n2026-11-24T00:00:00Z,sensor,../../etc,pm2_5,1,x,y',
      /line 2: device is \.\.\/\.\.\/etc;/,
    ],
  ])('with %s, as %s, is refused in words', async (_what, format, text, words) => {
    const path = join(folder, 'stranger')
    writeFileSync(path, text)
    const { code, stderr } = await run('import', '--format', format, path)
    expect([code, stderr]).toEqual([1, expect.stringMatching(words)])
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stderr.length).toBeLessThan(500)
  })

  it('that is a feed and a bomb is refused before it is unpacked', async () => {
    const copy = join(folder, 'village')
    await cp(join(root, 'villages', 'cideng'), copy, { recursive: true })
    const { gtfs } = JSON.parse(readFileSync(join(copy, 'village.json'), 'utf8')) as { gtfs: string }
    writeFileSync(join(copy, gtfs), writeZip(new Map([['stops.txt', new Uint8Array(50_000_000)]])))
    const { code, stdout } = await runCommand(['doctor'], {
      PANTAU_DATA: join(folder, 'none'),
      PANTAU_VILLAGE: copy,
      PANTAU_MQTT_PORT: '0',
      PANTAU_HTTP_PORT: '0',
    })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^fail {2}village: .*stops\.txt inflates \d+ to 1; at most 100 to 1 is read/m)
  })

  it('that is a backup with a link in it is not restored', async () => {
    const copy = join(folder, 'linked')
    await cp(join(folder, 'backup'), copy, { recursive: true })
    rmSync(join(copy, 'registry.json'))
    symlinkSync(join(folder, 'backup', 'registry.json'), join(copy, 'registry.json'))
    const { code, stderr } = await runCommand(['restore', copy], { PANTAU_DATA: join(folder, 'restored') })
    expect([code, stderr]).toEqual([1, expect.stringContaining('registry.json is a link')])
  })
})

describe('the audit trail', () => {
  it('has what a device tried beyond its rights', async () => {
    const { entries } = await village.get<{ entries: object[] }>('/api/v1/audit?limit=1000', cookie)
    expect(entries).toContainEqual(
      expect.objectContaining({
        who: 'bus-1',
        what: 'mqtt.denied',
        on: 'pantau/cideng/sensor/air-9/reading',
        result: 'refused',
      }),
    )
  })

  it('has what commands did, and is whole', async () => {
    const { entries, whole } = await village.get<{
      entries: { who: string; what: string; on: string; result: string }[]
      whole: boolean
    }>('/api/v1/audit?limit=1000', cookie)
    expect(whole).toBe(true)
    const byCommand = entries.filter(({ who }) => who?.startsWith('command line ('))
    for (const what of [
      'settings',
      'device.add',
      'user.add',
      'readings.export',
      'readings.import',
      'backup',
    ]) {
      expect(byCommand.map((entry) => `${entry.what} ${entry.result}`)).toContain(`${what} done`)
    }
    expect(byCommand).toContainEqual(expect.objectContaining({ what: 'readings.import', result: 'refused' }))
  })
})

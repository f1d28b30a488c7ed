// Wrong settings, command lines and village folders: the program ends with 2 (or 1 where the wish is right and cannot be met), its
// last line names what is wrong and what is taken, and nothing was started (contract sections 1, 2 and 6).

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type CommandResult, root, runCommand } from './village.ts'

const base = mkdtempSync(join(tmpdir(), 'pantau-wrong-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

let folders = 0
function freshFolder(): string {
  folders += 1
  return join(base, `data-${folders}`)
}

/** Runs a command that is expected to end by itself. */
async function end(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const data = freshFolder()
  const result = await runCommand(argv, { PANTAU_DATA: data, ...environment })
  expect(result.stderr).not.toMatch(/^\s+at /m)
  return { ...result, data }
}

function expectRefused(result: CommandResult, code: number, words: readonly string[]): void {
  expect([result.code, result.stdout]).toEqual([code, ''])
  for (const word of words) expect(result.stderr).toContain(word)
}

describe('npm start', () => {
  it.each<[string, readonly string[]]>([
    ['--http-port=99999', ['--http-port', '99999', '65535']],
    ['--mqtt-port=x', ['--mqtt-port', 'x', '65535']],
    ['--mqtts-port=-1', ['--mqtts-port', '-1']],
    ['--retention=soon', ['--retention', 'soon', '30d']],
    ['--max-age=0d', ['--max-age', '0d']],
    ['--max-ahead=5', ['--max-ahead', '5m'.slice(0, 1)]],
    ['--simulate=maybe', ['--simulate', 'maybe', 'auto, on, off']],
    ['--store=sqlite', ['--store', 'duckdb', 'influxdb1://']],
    ['--limit-payload=0', ['--limit-payload', '1 to 1048576']],
    ['--limit-rate=many', ['--limit-rate', 'many', 'whole number']],
    ['--log-level=loud', ['--log-level', 'loud', 'debug, info, warn, error']],
    ['--mqtt-anonymous=yes', ['--mqtt-anonymous', 'on, off']],
    ['--require=docker', ['--require', 'chromium, influxdb, mosquitto']],
    ['--retentin=1d', ['--retentin', '--retention']],
    ['--http-port', ['--http-port', 'no value']],
    ['--mqtts-port=8883', ['PANTAU_MQTTS_PORT', 'PANTAU_TLS_CERT']],
  ])('%s is 2, names the setting and says what is taken', async (flag, words) => {
    const result = await end(['start', flag])
    expectRefused(result, 2, words)
    expect(existsSync(join(result.data, 'ready.json'))).toBe(false)
  })

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['PANTAU_HTTP_PORT=99999', { PANTAU_HTTP_PORT: '99999' }, ['PANTAU_HTTP_PORT', '99999', '65535']],
    [
      'anonymous devices beyond loopback',
      { PANTAU_MQTT_ANONYMOUS: 'on', PANTAU_HOST: '0.0.0.0' },
      ['PANTAU_MQTT_ANONYMOUS', 'loopback'],
    ],
    ['a key without its certificate', { PANTAU_TLS_KEY: '/k.pem' }, ['PANTAU_TLS_CERT', 'PANTAU_TLS_KEY']],
    [
      'InfluxDB 2 without its token',
      { PANTAU_STORE: 'influxdb2://127.0.0.1:1/o/b' },
      ['PANTAU_STORE', 'PANTAU_INFLUX_TOKEN'],
    ],
    [
      'two faults at once',
      { PANTAU_HTTP_PORT: 'x', PANTAU_LOG_LEVEL: 'y' },
      ['PANTAU_HTTP_PORT is x', 'PANTAU_LOG_LEVEL is y'],
    ],
  ])('with %s is 2', async (_what, environment, words) => {
    expectRefused(await end(['start'], environment), 2, words)
  })

  it('says nothing of the credentials in a store that is of the wrong form', async () => {
    const { code, stderr } = await end(['start'], { PANTAU_STORE: 'mysql://ani:hunter2@host/db' })
    expect(code).toBe(2)
    expect(stderr).not.toContain('hunter2')
  })

  it('reads .env in the data folder, and a wrong value there is 2 as well', async () => {
    const data = freshFolder()
    mkdirSync(data)
    writeFileSync(join(data, '.env'), 'PANTAU_MQTT_PORT=mqtt\n')
    const { code, stderr } = await runCommand(['start'], { PANTAU_DATA: data })
    expect([code, stderr]).toEqual([2, expect.stringContaining('PANTAU_MQTT_PORT is mqtt')])
  })

  it('warns of a name that is no setting and suggests the nearest', async () => {
    // The second fault ends it before anything starts, after the warning.
    const { stderr } = await end(['start'], { PANTAU_RETENTIN: '1d', PANTAU_VILLAGE: join(base, 'none') })
    expect(stderr).toContain('PANTAU_RETENTIN is no setting; did you mean PANTAU_RETENTION?')
  })

  it('on a data folder of a newer schema is 1', async () => {
    const data = freshFolder()
    mkdirSync(data)
    writeFileSync(join(data, 'schema.json'), '{"schema":999}\n')
    const { code, stderr } = await runCommand(['start'], { PANTAU_DATA: data })
    expect([code, stderr]).toEqual([1, expect.stringContaining('schema 999')])
  })

  it('on a data folder that cannot be made is 1', async () => {
    writeFileSync(join(base, 'file'), '')
    const { code, stderr } = await runCommand(['start'], { PANTAU_DATA: join(base, 'file', 'data') })
    expect([code, stderr]).toEqual([1, expect.stringContaining('PANTAU_DATA')])
  })
})

describe('a village folder', () => {
  /** A copy of Cideng with its village.json changed by `change`, and files replaced. */
  function village(
    change: (village: Record<string, unknown>) => void,
    files: Record<string, string> = {},
  ): string {
    folders += 1
    const folder = join(base, `village-${folders}`)
    cpSync(join(root, 'villages/cideng'), folder, { recursive: true })
    const path = join(folder, 'village.json')
    const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    change(json)
    writeFileSync(path, JSON.stringify(json))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    return folder
  }
  const keep = (): void => undefined

  it.each<[string, () => string, readonly string[]]>([
    ['that is not there', () => join(base, 'none'), ['no such folder']],
    ['that holds nothing', () => base, ['village.json']],
    ['whose village.json is no JSON', () => village(keep, { 'village.json': '{' }), ['village.json']],
    [
      'with an id of capitals',
      () => village((v) => Object.assign(v, { id: 'Cideng' })),
      ['village.json', 'id'],
    ],
    [
      'with a time zone that there is not',
      () => village((v) => Object.assign(v, { timezone: 'Asia/Cideng' })),
      ['timezone', 'Asia/Cideng'],
    ],
    [
      'with bounds west of east',
      () => village((v) => Object.assign(v, { bounds: [107, -6.2, 106, -6.1] })),
      ['bounds', 'west'],
    ],
    [
      'with its center outside',
      () => village((v) => Object.assign(v, { center: { lat: 0, lon: 0 } })),
      ['center'],
    ],
    [
      'that refers outside itself',
      () => village((v) => Object.assign(v, { boundary: '../../etc/passwd' })),
      ['boundary'],
    ],
    ['with a file missing', () => village((v) => Object.assign(v, { gtfs: 'none.zip' })), ['none.zip']],
    [
      'with a feed that is no archive',
      () => village((v) => Object.assign(v, { gtfs: 'g.zip' }), { 'g.zip': 'no zip' }),
      ['g.zip'],
    ],
    [
      'with a device twice',
      () =>
        village(keep, {
          'devices.json': JSON.stringify(
            [1, 2].map(() => ({
              id: 'a-1',
              kind: 'sensor',
              name: 'A',
              lat: -6.17,
              lon: 106.807,
              expect: { every_s: 60 },
            })),
          ),
        }),
      ['devices.json', 'a-1'],
    ],
  ])('%s is 2 and says so', async (_what, make, words) => {
    expectRefused(await end(['start'], { PANTAU_VILLAGE: make() }), 2, words)
  })

  it('with many faults is told all of them', async () => {
    const folder = village(
      (json) => Object.assign(json, { timezone: 'Mars', languages: 7, gtfs: 'none.zip' }),
      {
        'boundary.geojson': '[]',
        'devices.json': '{"id":"a"}',
      },
    )
    const result = await end(['start'], { PANTAU_VILLAGE: folder })
    expectRefused(result, 2, ['timezone', 'languages', 'none.zip', 'boundary.geojson', 'devices.json'])
  })
})

describe('a command line', () => {
  it.each<[readonly string[], number, readonly string[]]>([
    [['fly'], 2, ['fly']],
    [['device', 'add', 'a-1'], 2, ['--kind', 'hotspot, sensor, vehicle']],
    [['device', 'add', 'A 1', '--kind', 'sensor'], 2, ['id is A 1']],
    [['device', 'add', 'a-1', '--kind', 'drone'], 2, ['--kind is drone']],
    [['device', 'add', 'a-1', '--kind', 'sensor', '--lat', '91', '--lon', '0'], 2, ['lat is 91']],
    [['device', 'add', 'a-1', '--kind', 'sensor', '--public', 'no'], 2, ['--public is no', 'true or false']],
    [['device', 'add', 'a-1', '--kind', 'sensor', '--lat', '1'], 2, ['lon']],
    [['device', 'add', 'a-1', '--kind', 'sensor', '--lat', 'x', '--lon', '0'], 2, ['--lat is x']],
    [['device', 'fly', 'a-1'], 2, ['fly']],
    [['device', 'rotate', 'none-1'], 1, ['none-1']],
    [['device', 'remove', 'none-1'], 1, ['none-1']],
    [['user', 'add', 'ani'], 2, ['--role', 'infrastructure']],
    [['user', 'add', 'a b', '--role', 'admin'], 2, ['name is a b']],
    [['user', 'add', 'ani', '--role', 'king'], 2, ['--role is king']],
    [['user', 'reset', 'nobody'], 1, ['nobody']],
    [
      ['export', '--from', 'then', '--to', '2026-11-24T00:00:00Z', '--format', 'csv', '--out', 'x'],
      2,
      ['--from'],
    ],
    [
      [
        'export',
        '--format',
        'xlsx',
        '--from',
        '2026-11-23T00:00:00Z',
        '--to',
        '2026-11-24T00:00:00Z',
        '--out',
        'x',
      ],
      2,
      ['--format', 'csv'],
    ],
    [['import', '--format', 'csv', join(base, 'none.csv')], 1, ['none.csv']],
    [['simulate', '--rate', 'x'], 2, ['--rate', 'x']],
    [['edge-agent', '--interval', 'soon'], 2, ['--interval']],
  ])('%j is %i', async (argv, code, words) => {
    expectRefused(await end(argv), code, words)
  })
})

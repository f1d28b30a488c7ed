import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PantauError } from '../contract/errors.ts'
import { helpText, readCommandLine } from './command-line.ts'
import { parseRemoteConfig } from './remote-config.ts'
import { environmentNameOf, flagOf, SETTING_NAMES, SETTINGS } from './settings.ts'

const NEEDED = ['--url', 'mqtt://localhost', '--device', 'cdg-hs-03']

/** The fault's lines; empty when there is none. */
function faultsOf(argv: readonly string[], environment: Record<string, string> = {}): string[] {
  try {
    readCommandLine(argv, environment)
    return []
  } catch (error) {
    if (!(error instanceof PantauError)) throw error
    expect(error.exitCode).toBe(2)
    return error.message.split('\n')
  }
}

describe('the command line', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pantau-line-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const configFile = (text: string): string => {
    writeFileSync(join(folder, 'agent.json'), text)
    return join(folder, 'agent.json')
  }

  test('a flag goes before the environment, that before the file, that before the default', () => {
    const config = configFile(
      '{"interval":"10s","ping_count":3,"targets":["1.1.1.1","[::1]:443"],"village":"kampung"}',
    )
    const line = readCommandLine(['--interval=30s', ...NEEDED, '--config', config], {
      PANTAU_AGENT_INTERVAL: '20s',
      PANTAU_AGENT_PING_COUNT: '7',
    })
    expect(line.settings).toMatchObject({
      interval: 30_000,
      ping_count: 7,
      targets: [
        { host: '1.1.1.1', port: null },
        { host: '::1', port: 443 },
      ],
      village: 'kampung',
      answer_timeout: 2_000,
    })
    expect(line.mode).toBe('run')
  })

  test('every fault is named at once, with where it was given, its value and the rule', () => {
    const config = configFile('{"interval":"soon","colour":1,"wifi":{"a":1}}')
    const faults = faultsOf(['--ping-count', '99', '--config', config, '--cert', 'a.pem'], {
      PANTAU_AGENT_QUEUE_LIMIT: '12',
    })
    expect(faults).toEqual([
      `${config}: colour is no setting; did you mean url?`,
      `${config}: wifi is neither text, number, true or false, nor a list of texts`,
      'PANTAU_AGENT_QUEUE_LIMIT is 12; a size from 1MiB to 64GiB is taken, such as 256MiB',
      `${config}: interval is soon; a span from 1s to 1d is taken, such as 60s`,
      '--ping-count is 99; a whole number from 1 to 20 is taken',
      '--url is missing; the broker, such as mqtts://pantau.example.id:8883 or wss://pantau.example.id/mqtt',
      '--device is missing; this hotspot; also the name it signs in with',
      '--cert and --key go together',
    ])
  })

  // A bad example of each rule, with its message.
  test.each([
    ['url', 'http://x', 'an mqtt://, mqtts://, ws:// or wss:// address is taken'],
    ['url', 'mqtt://cdg:secret@x', 'an address holds no name or password; give --device and --password-file'],
    ['village', 'Cideng', '1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit'],
    ['device', 'a/b', '1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit'],
    ['tls_verify', 'yes', 'on or off is taken'],
    ['queue_limit', '1KiB', 'a size from 1MiB to 64GiB is taken, such as 256MiB'],
    ['log_level', 'loud', 'one of debug, info, warn, error is taken'],
    ['interval', '100ms', 'a span from 1s to 1d is taken, such as 60s'],
    [
      'targets',
      '1.1.1.1,-f',
      'a target is a host name or address, or one with a port, such as 1.1.1.1 or [::1]:443; up to 8, with commas between',
    ],
    [
      'targets',
      'a,b,c,d,e,f,g,h,i',
      'a target is a host name or address, or one with a port, such as 1.1.1.1 or [::1]:443; up to 8, with commas between',
    ],
    ['ping_count', '0', 'a whole number from 1 to 20 is taken'],
    ['answer_timeout', '1m', 'a span from 100ms to 10s is taken'],
    ['dns_name', 'a b', 'a host name is taken, or nothing for no measurement'],
    ['dns_server', 'dns.example', 'an IP address is taken, with a port or without'],
    ['http_url', 'ftp://x', 'an http:// or https:// address is taken, or nothing for no measurement'],
    ['wifi', 'wlan0;reboot', 'up to 8 interface names with commas between are taken, such as wlan0,wlan1'],
    ['throughput_url', 'x', 'an http:// or https:// address is taken, or nothing for no measurement'],
    ['throughput_every', '1m', 'off, or a span from 10m to 7d, is taken'],
    ['throughput_size', '1', 'a size from 64KiB to 1GiB is taken'],
    ['throughput_budget', '1TiB', 'a size up to 100GiB is taken'],
  ] as const)('%s does not take %j', (name, text, rule) => {
    const shown = text.replace('cdg:secret@', '***@')
    expect(faultsOf([...NEEDED, `${flagOf(name)}=${text}`])).toEqual([`${flagOf(name)} is ${shown}; ${rule}`])
    const given = { url: 'mqtt://localhost', device: 'cdg-hs-03', [name]: text }
    const environment = Object.fromEntries(
      Object.entries(given).map(([one, value]) => [`PANTAU_AGENT_${one.toUpperCase()}`, value]),
    )
    expect(faultsOf([], environment)).toEqual([`${environmentNameOf(name)} is ${shown}; ${rule}`])
  })

  test('a flag that is none names the nearest, and a password has none', () => {
    expect(
      faultsOf([...NEEDED, '--intervall', '5s', '--password', 'x', '--once=1', 'stray', '--wifi']),
    ).toEqual([
      '--intervall is no flag; did you mean --interval? --help lists them',
      '--password is no flag; give --password-file or PANTAU_AGENT_PASSWORD; --help lists them',
      'stray is no flag; --help lists them',
      '--wifi has no value',
    ])
  })

  test('an unknown PANTAU_AGENT_ name is a warning with the nearest, others are not ours', () => {
    const line = readCommandLine(NEEDED, { PANTAU_AGENT_INTERVALL: '1s', PANTAU_HTTP_PORT: '1', HOME: '/' })
    expect(line.warnings).toEqual([
      'PANTAU_AGENT_INTERVALL is no setting; did you mean PANTAU_AGENT_INTERVAL?',
    ])
  })

  test('a config file that is missing or no object is a fault', () => {
    expect(faultsOf([...NEEDED, '--config', '/nonexistent'])).toEqual([
      '--config is /nonexistent; a file with a JSON object is taken',
    ])
    expect(faultsOf([...NEEDED, '--config', configFile('[]')])).toHaveLength(1)
  })

  test('--once needs neither broker nor device', () => {
    expect(readCommandLine(['--once'], {}).mode).toBe('once')
  })

  test('--help lists every flag with its default, and nothing else matters', () => {
    expect(readCommandLine(['--nonsense', '--help'], {}).mode).toBe('help')
    const help = helpText()
    for (const name of SETTING_NAMES) {
      expect(help).toContain(`  ${flagOf(name)} `)
      expect(help).toContain(`(${SETTINGS[name].shown})`)
    }
  })

  test('the default of every setting passes its own rule as it is shown', () => {
    for (const name of SETTING_NAMES) {
      const setting = SETTINGS[name]
      if (/none|found|system|~/.test(setting.shown)) continue
      expect(setting.parse(setting.shown)).toEqual({ ok: true, value: setting.default })
    }
  })
})

describe('the config topic', () => {
  test('sets what is measured, never where to or as whom', () => {
    const remote = SETTING_NAMES.filter((name) => SETTINGS[name].remote)
    expect(remote).toEqual([
      'interval',
      'targets',
      'ping_count',
      'answer_timeout',
      'dns_name',
      'dns_server',
      'http_url',
      'wifi',
      'throughput_url',
      'throughput_upload_url',
      'throughput_every',
      'throughput_size',
      'throughput_budget',
    ])
    const hostile =
      '{"url":"mqtt://evil","device":"x","password_file":"/etc/shadow","ca":"x","tls_verify":false,"state":"/"}'
    expect(parseRemoteConfig(hostile, {})).toMatchObject({ ok: true, texts: {} })
  })

  test('names of the object itself are no settings', () => {
    const config = parseRemoteConfig('{"__proto__":{"interval":"1s"},"constructor":1,"toString":2}', {})
    expect(config).toMatchObject({ ok: true, texts: {} })
    expect(({} as Record<string, unknown>)['interval']).toBeUndefined()
  })
})

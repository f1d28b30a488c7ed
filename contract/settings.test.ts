import { describe, expect, it, test } from 'vitest'
import { flagOf, parseSettings, SETTINGS, type SettingName } from './settings.ts'

const fromEnvironment = (environment: Record<string, string>) => parseSettings({}, environment, {})

describe('settings', () => {
  it('have a bad example each, whose message names the setting and its rule', () => {
    const bad: Partial<Record<SettingName, readonly [string, string]>> = {
      PANTAU_DATA: ['', 'PANTAU_DATA is ; it must not be empty'],
      PANTAU_VILLAGE: ['', 'PANTAU_VILLAGE is ; it must not be empty'],
      PANTAU_SIMULATE: ['yes', 'PANTAU_SIMULATE is yes; one of auto, on, off is taken'],
      PANTAU_HOST: ['', 'PANTAU_HOST is ; it must not be empty'],
      PANTAU_MQTT_PORT: ['70000', 'PANTAU_MQTT_PORT is 70000; a port is 0 to 65535'],
      PANTAU_MQTTS_PORT: ['x', 'PANTAU_MQTTS_PORT is x; a port is 0 to 65535'],
      PANTAU_HTTP_PORT: ['99999', 'PANTAU_HTTP_PORT is 99999; a port is 0 to 65535'],
      PANTAU_RETENTION: [
        '1 year',
        'PANTAU_RETENTION is 1 year; a span is a number and ms, s, m, h or d, such as 30d',
      ],
      PANTAU_MAX_AGE: ['0d', 'PANTAU_MAX_AGE is 0d; a span is a number and ms, s, m, h or d, such as 30d'],
      PANTAU_MAX_AHEAD: [
        'soon',
        'PANTAU_MAX_AHEAD is soon; a span is a number and ms, s, m, h or d, such as 30d',
      ],
      PANTAU_MQTT_ANONYMOUS: ['true', 'PANTAU_MQTT_ANONYMOUS is true; one of on, off is taken'],
      PANTAU_LIMIT_PAYLOAD: ['0', 'PANTAU_LIMIT_PAYLOAD is 0; a whole number from 1 to 1048576 is taken'],
      PANTAU_LIMIT_RATE: ['-1', 'PANTAU_LIMIT_RATE is -1; a whole number from 0 to 1000000 is taken'],
      PANTAU_LOG_LEVEL: ['loud', 'PANTAU_LOG_LEVEL is loud; one of debug, info, warn, error is taken'],
      PANTAU_LOG: ['xml', 'PANTAU_LOG is xml; one of json, pretty is taken'],
      PANTAU_REQUIRE: [
        'firefox',
        'PANTAU_REQUIRE is firefox; a comma list of chromium, influxdb, mosquitto is taken',
      ],
      // Credentials may stand in the URL, so the value is not repeated.
      PANTAU_STORE: [
        'mysql://u:secret@host',
        'PANTAU_STORE is of the wrong form; duckdb, influxdb1://user:pw@host:8086/db or influxdb2://host:8086/ORG/BUCKET is taken',
      ],
    }
    for (const [name, [value, message]] of Object.entries(bad)) {
      expect(fromEnvironment({ [name]: value }).faults).toEqual([message])
    }
    const withoutRule = [
      'PANTAU_TLS_CERT',
      'PANTAU_TLS_KEY',
      'PANTAU_TLS_CLIENT_CA',
      'PANTAU_INFLUX_TOKEN',
      'PANTAU_TILES',
    ]
    expect([...Object.keys(bad), ...withoutRule].sort()).toEqual(Object.keys(SETTINGS).sort())
  })

  it('report every fault together', () => {
    const { faults } = fromEnvironment({ PANTAU_MQTT_PORT: 'x', PANTAU_HTTP_PORT: 'y' })
    expect(faults).toHaveLength(2)
  })

  test.each([
    [
      { PANTAU_MQTT_ANONYMOUS: 'on', PANTAU_HOST: '0.0.0.0' },
      'PANTAU_MQTT_ANONYMOUS is on while PANTAU_HOST is 0.0.0.0',
    ],
    [{ PANTAU_TLS_CERT: 'a.pem' }, 'PANTAU_TLS_CERT and PANTAU_TLS_KEY go together'],
    [{ PANTAU_MQTTS_PORT: '8883' }, 'PANTAU_MQTTS_PORT is set without PANTAU_TLS_CERT'],
    [{ PANTAU_STORE: 'influxdb2://host:8086/o/b' }, 'PANTAU_STORE is influxdb2 without PANTAU_INFLUX_TOKEN'],
  ])('that contradict each other are refused: %j', (environment, message) => {
    expect(fromEnvironment(environment as Record<string, string>).faults.join()).toContain(message)
  })

  it('are taken from flag, environment, .env and default in that order', () => {
    const all = parseSettings({ PANTAU_MQTT_PORT: '1' }, { PANTAU_MQTT_PORT: '2' }, { PANTAU_MQTT_PORT: '3' })
    expect([all.settings.PANTAU_MQTT_PORT, all.sources.PANTAU_MQTT_PORT]).toEqual([1, 'flag'])
    const two = parseSettings({}, { PANTAU_MQTT_PORT: '2' }, { PANTAU_MQTT_PORT: '3' })
    expect([two.settings.PANTAU_MQTT_PORT, two.sources.PANTAU_MQTT_PORT]).toEqual([2, 'environment'])
    const three = parseSettings({}, {}, { PANTAU_MQTT_PORT: '3' })
    expect([three.settings.PANTAU_MQTT_PORT, three.sources.PANTAU_MQTT_PORT]).toEqual([3, '.env'])
    const none = parseSettings({}, {}, {})
    expect([none.settings.PANTAU_MQTT_PORT, none.sources.PANTAU_MQTT_PORT]).toEqual([1883, 'default'])
  })

  it('of an unknown name are a warning that suggests the nearest', () => {
    const { warnings, faults } = fromEnvironment({ PANTAU_RETENTIN: '1d' })
    expect(faults).toEqual([])
    expect(warnings).toEqual(['PANTAU_RETENTIN is no setting; did you mean PANTAU_RETENTION?'])
  })

  it('have flags of the same names', () => {
    expect(flagOf('PANTAU_MQTT_PORT')).toBe('--mqtt-port')
  })
})

import { describe, expect, it } from 'vitest'
import { loadSettings } from './settings.ts'

describe('a secret given as a flag', () => {
  it.each([
    [['--influx-token', 'hunter2'], '--influx-token'],
    [['--store=influxdb1://village:hunter2@127.0.0.1:8086/db'], '--store'],
  ])('%j is warned of, and not said again', (argv, flag) => {
    const { warnings } = loadSettings([...argv, '--data', '/nonexistent/pantau'], {})
    expect(warnings).toEqual([expect.stringContaining(`${flag} holds a secret`)])
    expect(warnings.join()).not.toContain('hunter2')
  })

  it.each([
    [['--store=influxdb1://127.0.0.1:8086/db'], {}],
    [[], { PANTAU_STORE: 'influxdb1://village:hunter2@127.0.0.1:8086/db', PANTAU_INFLUX_TOKEN: 'hunter2' }],
  ])('is none in %j and %j', (argv, environment) => {
    expect(loadSettings([...argv, '--data', '/nonexistent/pantau'], environment).warnings).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { PantauError } from '../contract/errors.ts'
import { parseSimulatorOptions } from './options.ts'

function faultOf(argv: readonly string[]): string {
  try {
    parseSimulatorOptions(argv)
  } catch (error) {
    expect(error).toBeInstanceOf(PantauError)
    if (error instanceof PantauError) {
      expect(error.code).toBe('bad_command')
      return error.message
    }
  }
  return 'taken'
}

describe('the flags of the simulators', () => {
  it('are the village and a week of its past when none is given', () => {
    expect(parseSimulatorOptions([])).toEqual({
      hotspots: null,
      sensors: null,
      vehicles: null,
      rate: 1,
      speed: 1,
      seed: 1,
      durationS: null,
      url: null,
      truth: null,
      historyDays: 7,
    })
  })

  it('may be written with a space or an equals sign', () => {
    const options = parseSimulatorOptions(['--hotspots', '5', '--rate=2.5', '--truth=a=b.jsonl'])
    expect(options).toMatchObject({ hotspots: 5, rate: 2.5, truth: 'a=b.jsonl' })
  })

  it('make no past for a broker elsewhere unless it is asked for', () => {
    expect(parseSimulatorOptions(['--url', 'mqtt://broker:1883']).historyDays).toBe(0)
    expect(parseSimulatorOptions(['--url', 'mqtt://broker:1883', '--history-days', '2']).historyDays).toBe(2)
  })

  it.each([
    [['--hotspots', '-1'], '--hotspots is -1; a whole number from 0 to 100000'],
    [['--hotspots', '1.5'], '--hotspots is 1.5; a whole number'],
    [['--sensors', 'many'], '--sensors is many; a whole number'],
    [['--vehicles', '100001'], '--vehicles is 100001; a whole number'],
    [['--rate', '0'], '--rate is 0; a number from 0.001 to 1000'],
    [['--rate='], '--rate is ; a number'],
    [['--speed', 'Infinity'], '--speed is Infinity; a number'],
    [['--speed', 'NaN'], '--speed is NaN; a number'],
    [['--seed', '4294967296'], '--seed is 4294967296; a whole number'],
    [['--history-days', '31'], '--history-days is 31; a number from 0 to 30'],
    [['--url', 'http://broker'], '--url is http://broker; mqtt://HOST:PORT'],
    [['--url', 'mqtt://'], '--url is mqtt://; mqtt://HOST:PORT'],
    [['--hotspot', '3'], '--hotspot is no flag of this command'],
    [['hotspots', '3'], 'hotspots is no flag of this command'],
    [['--seed'], '--seed has no value'],
  ])('%j is refused with what would be taken', (argv, text) => {
    expect(faultOf(argv)).toContain(text)
  })

  it('are all named when several are wrong, with the usage', () => {
    const fault = faultOf(['--rate', '0', '--seed', 'x'])
    expect(fault).toContain('--rate')
    expect(fault).toContain('--seed is x')
    expect(fault).toContain('npm run simulate --')
  })
})

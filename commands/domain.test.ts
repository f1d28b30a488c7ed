import { describe, expect, it } from 'vitest'
import { answerLine } from './domain.ts'

describe('a line of npm run domain', () => {
  it('is answered with its id and the value of its rule', () => {
    const line = '{"id":"a","fn":"ispu","input":{"pollutant":"pm2_5","concentration":42.0}}'
    // Domain A3, example.
    expect(JSON.parse(answerLine(line, 1))).toEqual({ id: 'a', value: { index: 83, category: 'Sedang' } })
  })

  it('says why a rule gives no value', () => {
    const line = '{"id":7,"fn":"nowcast_pm","input":{"pollutant":"pm2_5","hours":[null,null,22,21]}}'
    expect(JSON.parse(answerLine(line, 1))).toEqual({ id: 7, value: null, reason: 'too_few_hours' })
  })

  it.each([
    [
      '{"id":1,"fn":"ispu","input":{"pollutant":"pm2_5"}}',
      'concentration is absent; a number is taken, or null',
    ],
    [
      '{"id":1,"fn":"us_aqi","input":{"pollutant":"radon","concentration":1}}',
      'pollutant is "radon"; one of pm2_5, pm10, o3_8h, o3_1h, no2_1h, so2_1h, so2_24h, co_8h is taken',
    ],
    [
      '{"id":1,"fn":"ispu_combine","input":{"parts":[{"pollutant":"so2","concentration":"9"}]}}',
      'parts[0].concentration is "9"; a number is taken, or null',
    ],
    ['{"id":1,"fn":"lsm","input":{"ls":1e999,"lm":50}}', 'ls is Infinity; a number is taken'],
    ['{"id":1,"fn":"lsm"}', 'input is absent; an object is taken'],
    [
      '{"id":1,"fn":"merge_outages","input":{"outages":[[0,10],[20,15]],"gap_s":5}}',
      'outages[1] is [20,15]; a span ends at or after its begin',
    ],
    [
      '{"id":1,"fn":"local_day","input":{"date":"2026-02-29","timezone":"Asia/Jakarta"}}',
      'date is "2026-02-29"; a date of 1900 to 9998 is taken, such as 2026-11-24',
    ],
    [
      '{"id":1,"fn":"date_of","input":{"time":"2026-11-24T08:00:00Z","timezone":"Asia/Jakata"}}',
      'timezone is "Asia/Jakata"; an IANA time zone is taken, such as Asia/Jakarta',
    ],
  ])('names the member that is not of the shape: %s', (line, message) => {
    expect(JSON.parse(answerLine(line, 1))).toEqual({ id: 1, error: { code: 'bad_input', message } })
  })

  it('with an unknown function says so', () => {
    expect(JSON.parse(answerLine('{"id":"x","fn":"constructor","input":{}}', 1))).toMatchObject({
      id: 'x',
      error: { code: 'unknown_function' },
    })
  })

  it('that is no request is answered all the same', () => {
    expect(JSON.parse(answerLine('{"id":', 3))).toEqual({
      id: null,
      error: { code: 'bad_input', message: 'line 3 is no JSON object {"id","fn","input"}' },
    })
    expect(JSON.parse(answerLine('{"id":4,"input":{}}', 4))).toMatchObject({
      id: 4,
      error: { code: 'bad_input' },
    })
  })
})

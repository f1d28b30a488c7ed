import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { FAIL, SUSPECT } from './flags.ts'
import { flatLineFlags } from './flat-line.ts'
import { influenceOf, judge, judgeRange, type Readings, type Verdict } from './judge.ts'
import { QUALITY_LIMITS, type QualityTests } from './limits.ts'

const T0 = Date.UTC(2026, 10, 24)

function every(stepMs: number, values: readonly number[]): Readings {
  return { times: values.map((_, index) => T0 + index * stepMs), values }
}

/** [index of the first, of the last, quality] of each verdict of a rule, readings being a minute apart. */
function spans(verdicts: readonly Verdict[], rule: Verdict['rule']): unknown[] {
  return verdicts
    .filter((verdict) => verdict.rule === rule)
    .map(({ from, to, quality }) => [(from - T0) / MINUTE, (to - 1 - T0) / MINUTE, quality])
}

describe('judging stored readings', () => {
  it('finds the spike of the worked example, and its neighbours suspect', () => {
    const readings = every(MINUTE, [20, 22, 95, 21, 20])
    const verdicts = judge(readings, { spike: { suspect: 30, fail: 60 } }, T0, T0 + HOUR)
    expect(spans(verdicts, 'spike')).toEqual([
      [1, 1, SUSPECT],
      [2, 2, FAIL],
      [3, 3, SUSPECT],
    ])
  })

  it('finds the rate of the worked example', () => {
    const readings = every(MINUTE, [10, 30, 31])
    const verdicts = judge(readings, { rate: { suspect: 0.2, fail: 0.5 } }, T0, T0 + HOUR)
    expect(spans(verdicts, 'rate')).toEqual([[1, 1, SUSPECT]])
  })

  it('finds the flat line of the worked example', () => {
    const flat = { suspectS: 240, failS: 360, tolerance: 0.1 }
    const verdicts = judge(every(MINUTE, Array(8).fill(5)), { flat }, T0, T0 + HOUR)
    expect(spans(verdicts, 'stuck')).toEqual([
      [4, 5, SUSPECT],
      [6, 7, FAIL],
    ])
  })

  it('agrees with the flat line test of the manual where no reading is missing', () => {
    const flat = { suspectS: 600, failS: 1_500, tolerance: 0.5 }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 3, maxLength: 200 }), (steps) => {
        // Slow steps make long equal runs.
        const values = steps.map((_, index) => Math.floor(index / 37) + (steps[Math.floor(index / 29)] ?? 0))
        const readings = every(MINUTE, values)
        const expected = flatLineFlags(
          values,
          values.map((_, index) => index * 60),
          flat,
        )
        const verdicts = judge(readings, { flat }, T0, T0 + 4 * HOUR)
        const found = values.map((_, index) => {
          const time = T0 + index * MINUTE
          return verdicts.find(({ from, to }) => from <= time && time < to)?.quality ?? 1
        })
        expect(found).toEqual(expected)
      }),
    )
  })

  it('finds what lies outside the plausible range, bounds inside', () => {
    const verdicts = judgeRange(every(MINUTE, [0, -1, 2_001, 2_000]), [0, 2_000], T0, T0 + HOUR)
    expect(spans(verdicts, 'range')).toEqual([[1, 2, FAIL]])
  })

  it('does not take what came before a gap for a neighbour', () => {
    const readings = {
      times: [0, 1, 2, 30, 31, 32].map((m) => T0 + m * MINUTE),
      values: [10, 10, 10, 400, 400, 400],
    }
    expect(
      judge(readings, { spike: { suspect: 50, fail: 150 }, rate: { suspect: 1, fail: 3 } }, T0, T0 + HOUR),
    ).toEqual([])
  })

  it('does not call two equal readings about a long gap a flat line', () => {
    const readings = { times: [T0, T0 + 4 * HOUR, T0 + 4 * HOUR + MINUTE], values: [5, 5, 5] }
    expect(judge(readings, QUALITY_LIMITS.pm2_5, T0, T0 + 6 * HOUR)).toEqual([])
  })

  it('gives the same hour by hour, out of what lies about it, as all at once, for any readings', () => {
    const gap = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 200 }))
    const reading = fc.record({ gap, value: fc.oneof(fc.constant(40), fc.integer({ min: 0, max: 500 })) })
    const limits: QualityTests = {
      spike: { suspect: 50, fail: 150 },
      rate: { suspect: 1, fail: 3 },
      flat: { suspectS: 3_600, failS: 2 * 3_600, tolerance: 0.1 },
    }
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 120 }), (drawn) => {
        const times: TimeMs[] = []
        let time = T0
        for (const { gap } of drawn) {
          time += gap * MINUTE
          times.push(time)
        }
        const readings = { times, values: drawn.map(({ value }) => value) }
        const end = Math.ceil((time + 1) / HOUR) * HOUR
        const whole = judge(readings, limits, T0, end)
        const { beforeMs, afterMs } = influenceOf(limits)
        const hourly: Verdict[] = []
        for (let hour = T0; hour < end; hour += HOUR) {
          const near = times
            .map((_, index) => index)
            .filter((index) => {
              const at = times[index] ?? 0
              return at >= hour - afterMs && at < hour + HOUR + beforeMs
            })
          const part = {
            times: near.map((i) => times[i] ?? 0),
            values: near.map((i) => readings.values[i] ?? 0),
          }
          hourly.push(...judge(part, limits, hour, hour + HOUR))
        }
        const inOrder = (verdicts: readonly Verdict[]): string[] =>
          verdicts.map((v) => JSON.stringify(v)).sort()
        expect(inOrder(hourly)).toEqual(inOrder(whole))
      }),
      { numRuns: 300 },
    )
  })
})

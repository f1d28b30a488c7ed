// The scorers themselves: a measure that is wrong is worse than none.

import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import type { DeviceModel, SensorFaultKind, Truth } from '../../simulators/device-model.ts'
import { type Notice, scoreFaults } from './faults.ts'
import { type Out, scoreOutages } from './outages.ts'
import { quantile } from './report.ts'

const T0 = Date.UTC(2026, 10, 20)
const at = (minute: number): TimeMs => T0 + HOUR + minute * MINUTE
const END = T0 + 10 * HOUR

const outage = (from: number, to: number, cause: 'power' | 'uplink' | 'upstream' = 'power'): Truth => ({
  type: 'outage',
  device: 'hs',
  cause,
  ...(cause === 'upstream' ? { parent: 'up' } : {}),
  from: at(from),
  to: at(to),
})

const shown = (from: number, to: number, cause = 'last_will', seen = from): Out => ({
  device: 'hs',
  from: at(from),
  to: at(to),
  seen: at(seen),
  causes: new Set([cause]),
})

const outages = (truths: readonly Truth[], said: readonly Out[]) => scoreOutages(truths, said, T0, END)

describe('outages', () => {
  it('are found where they overlap, late by when they were first shown', () => {
    const score = outages([outage(0, 30), outage(60, 70)], [shown(1, 31, 'last_will', 1.5), shown(100, 110)])
    expect(score).toMatchObject({ happened: 2, shown: 2, found: 1, right: 1, precision: 0.5, recall: 0.5 })
    expect(score.delaysS).toEqual([90])
    expect(score.missed.map(({ from }) => from)).toEqual([at(60)])
    expect(score.wrong.map(({ from }) => from)).toEqual([at(100)])
  })

  it('are one when less than a minute lies between, on both sides', () => {
    const score = outages([outage(0, 5), outage(5.9, 10)], [shown(0, 5), shown(5.5, 10)])
    expect(score).toMatchObject({ happened: 1, shown: 1, found: 1 })
  })

  it('two of which are shown as one count as one found', () => {
    expect(outages([outage(0, 5), outage(7, 10)], [shown(0, 11)])).toMatchObject({ happened: 2, found: 1 })
  })

  it('may be shown until the device reports again, and no later', () => {
    expect(outages([outage(0, 1)], [shown(2, 3)]).found).toBe(1)
    expect(outages([outage(0, 1)], [shown(2.1, 3)]).found).toBe(0)
  })

  it('of the first and last hour are not counted', () => {
    expect(outages([outage(-10, 5), outage(9 * 60 - 59, 600)], [])).toMatchObject({ happened: 0 })
  })

  it('have their cause right by the will, the probe, or the parent by name', () => {
    const right = (cause: 'power' | 'uplink' | 'upstream', said: string): number =>
      outages([outage(0, 5, cause)], [shown(0, 5, said)]).causeRight
    expect([right('power', 'silence'), right('uplink', 'probe'), right('upstream', 'parent:up')]).toEqual([
      1, 1, 1,
    ])
    expect([right('power', 'probe'), right('uplink', 'silence'), right('upstream', 'parent:other')]).toEqual([
      0, 0, 0,
    ])
  })
})

/** A sensor every two minutes whose `pm2_5` is what `value` says. */
const sensor = (value: (time: TimeMs) => number | null, clockErrorMs = 0): DeviceModel => ({
  id: 'env',
  kind: 'sensor',
  everyMs: 2 * MINUTE,
  phaseMs: 0,
  isReachable: () => true,
  deviceTime: (time) => time + clockErrorMs,
  sampleAt(time) {
    const pm = value(time)
    return pm === null ? null : { values: { pm2_5: pm } }
  },
  truth: () => [],
})

const fault = (kind: SensorFaultKind, from: number, to: number): Truth => ({
  type: 'fault',
  device: 'env',
  metric: 'pm2_5',
  fault: kind,
  from: at(from),
  to: at(to),
})

const notice = (by: string, from: number, until = from, metric: string | null = 'pm2_5'): Notice => ({
  device: 'env',
  metric,
  by,
  from: at(from),
  until: at(until),
  known: at(until),
})

function faults(
  truths: readonly Truth[],
  notices: readonly Notice[],
  faulty: DeviceModel = sensor(() => 99),
) {
  return scoreFaults({ truths, notices, faulty: [faulty], sound: [sensor(() => 10)], from: T0, to: END })
}

describe('planted faults', () => {
  it('are found by a notice on their metric at their time, late by when it was known', () => {
    const { kinds, precision, recall } = faults([fault('spike', 0, 3)], [notice('spike', 2, 4)])
    expect(kinds.get('spike')).toMatchObject({ planted: 1, visible: 1, found: 1, delaysS: [240] })
    expect([precision, recall]).toEqual([1, 1])
  })

  it('that changed no reading are not asked for', () => {
    const { kinds } = faults(
      [fault('spike', 0.5, 1.5), fault('stuck', 10, 30)],
      [],
      sensor(() => 10),
    )
    expect(kinds.get('spike')).toMatchObject({ planted: 1, visible: 0 })
    expect(kinds.get('stuck')).toMatchObject({ planted: 1, visible: 0 })
  })

  it('are not found by a notice on another metric, nor hours later', () => {
    const notices = [notice('spike', 1, 1, 'temperature'), notice('spike', 60)]
    expect(faults([fault('spike', 0, 3)], notices)).toMatchObject({ notices: 2, right: 0, recall: 0 })
  })

  it('of the whole device are found by silence and by the clock', () => {
    const silent = faults([fault('drop_out', 0, 60)], [notice('silence', 2, 60, null)])
    expect(silent.kinds.get('drop_out')).toMatchObject({ found: 1 })
    const wrong = faults(
      [fault('clock', 0, 60)],
      [notice('clock', 1, 61, null)],
      sensor(() => 10, HOUR),
    )
    expect(wrong.kinds.get('clock')).toMatchObject({ visible: 1, found: 1 })
    expect(faults([fault('drop_out', 0, 60)], [notice('spike', 2)]).kinds.get('drop_out')?.found).toBe(0)
  })

  it('are noticed once where flags follow each other within two hours', () => {
    const flags = [0, 60, 170, 400].map((minute) => notice('stuck', minute))
    expect(faults([fault('stuck', 0, 200)], flags)).toMatchObject({ notices: 2, right: 1 })
  })
})

it('a quantile is one of the values', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2)
  expect(quantile([1, 2, 3, 4], 1)).toBe(4)
  expect(quantile([], 0.5)).toBeNaN()
})

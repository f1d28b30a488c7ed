import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../contract/time.ts'
import { covers, type DeviceModel, type SensorFaultKind } from './device-model.ts'
import { sensorModel } from './sensor.ts'
import type { FaultSchedule, SensorFault } from './sensor-faults.ts'
import { faultSchedule, faultyValue, NO_FAULTS } from './sensor-faults.ts'
import { openSeries } from './series.ts'

const START = Date.UTC(2026, 10, 20)
const OFFSET = 7 * HOUR
const MEASURES = ['pm2_5', 'pm10', 'temperature', 'humidity', 'rssi_dbm']
const SOURCES = openSeries(new URL('./series/', import.meta.url), OFFSET)

function planted(fault: SensorFaultKind, metric: string, strength: number): FaultSchedule {
  const one: SensorFault = { fault, metric, strength, from: START + HOUR, to: START + 3 * HOUR }
  return {
    at: (time) => (covers(one, time) ? [one] : []),
    beginningIn: (from, to) => (one.from >= from && one.from < to ? [one] : []),
  }
}

const sensor = (faults: FaultSchedule, seed = 4, measures = MEASURES): DeviceModel =>
  sensorModel(seed, { id: 'env-1', everyMs: MINUTE, measures }, SOURCES, faults, OFFSET)

const minutes = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / MINUTE }, (_, step) => from + step * MINUTE)

const DURING = minutes(START + HOUR, START + 3 * HOUR)
const AROUND = [...minutes(START, START + HOUR), ...minutes(START + 3 * HOUR, START + 4 * HOUR)]

const series = (model: DeviceModel, metric: string, at: readonly number[]): (number | undefined)[] =>
  at.map((time) => model.sampleAt(time)?.values[metric])

describe('a simulated sensor', () => {
  it('is the same for the same seed, and another for another', () => {
    const faults = faultSchedule(4, 'env-1', MEASURES, OFFSET)
    const rows = (seed: number) => DURING.map((time) => sensor(faults, seed).sampleAt(time))
    expect(rows(4)).toEqual(rows(4))
    expect(rows(4)).not.toEqual(rows(5))
  })

  it('says the same of a moment in whatever order moments are asked', () => {
    const measures = [...MEASURES, 'water_level_cm', 'noise_dba', 'battery_v', 'co2', 'wind_dir', 'o3']
    const model = () => sensor(faultSchedule(4, 'env-1', measures, OFFSET), 4, measures)
    const forward = model()
    const backward = model()
    const inOrder = DURING.map((time) => forward.sampleAt(time))
    const reversed = DURING.toReversed()
      .map((time) => backward.sampleAt(time))
      .toReversed()
    expect(reversed).toEqual(inOrder)
  })

  it('replays the hours of the village: Beijing’s ozone is higher at 15:00 than at 06:00 local', () => {
    const model = sensor(NO_FAULTS, 4, ['o3'])
    const meanAt = (localHour: number): number => {
      const values = Array.from({ length: 20 }, (_, day) =>
        model.sampleAt(START + day * DAY + localHour * HOUR - OFFSET),
      ).flatMap((sample) => sample?.values['o3'] ?? [])
      return values.reduce((sum, value) => sum + value, 0) / values.length
    }
    expect(meanAt(15)).toBeGreaterThan(2 * meanAt(6))
  })
})

describe('a fault of a sensor', () => {
  const sound = sensor(NO_FAULTS)

  it('stuck gives one value again and again, and touches nothing else', () => {
    const stuck = sensor(planted('stuck', 'temperature', 0))
    expect(new Set(series(sound, 'temperature', DURING)).size).toBeGreaterThan(1)
    expect(new Set(series(stuck, 'temperature', DURING)).size).toBe(1)
    expect(series(stuck, 'pm2_5', DURING)).toEqual(series(sound, 'pm2_5', DURING))
    expect(series(stuck, 'temperature', AROUND)).toEqual(series(sound, 'temperature', AROUND))
  })

  it('drop-out gives nothing at all', () => {
    const silent = sensor(planted('drop_out', 'pm10', 0))
    expect(DURING.map((time) => silent.sampleAt(time)).filter((sample) => sample !== null)).toEqual([])
    expect(silent.sampleAt(START + 3 * HOUR)).not.toBeNull()
  })

  it('clock shifts the time that the device believes, not what it measures', () => {
    const wrong = sensor(planted('clock', 'pm10', -2 * HOUR))
    expect(wrong.deviceTime(START + 2 * HOUR)).toBe(START)
    expect(wrong.deviceTime(START + 3 * HOUR)).toBe(START + 3 * HOUR)
    expect(wrong.sampleAt(START + 2 * HOUR)).toEqual(sound.sampleAt(START + 2 * HOUR))
  })

  it('spike and bias multiply, drift grows by so much a day', () => {
    const at = START + HOUR + 6 * MINUTE
    const fault = { metric: 'pm2_5', from: START + HOUR, to: START + 3 * HOUR }
    const value = (kind: SensorFaultKind, strength: number) =>
      faultyValue('pm2_5', 10, at, [{ ...fault, fault: kind, strength }], () => 10)
    expect(value('spike', 9)).toBe(90)
    expect(value('humidity_bias', 2)).toBe(20)
    expect(value('drift', 240)).toBeCloseTo(11, 9)
  })

  it('is told by the truth with its span, in pieces as in one', () => {
    const faults = faultSchedule(9, 'env-1', MEASURES, OFFSET)
    const model = sensor(faults)
    const whole = model.truth(START, START + 200 * DAY)
    const pieces = Array.from({ length: 400 }, (_, half) =>
      model.truth(START + half * 12 * HOUR, START + (half + 1) * 12 * HOUR),
    ).flat()
    expect(pieces).toEqual(whole)
    expect(new Set(whole.map((truth) => (truth.type === 'fault' ? truth.fault : truth.type))).size).toBe(6)
    for (const { from, to } of whole) {
      expect(faults.at(from).some((fault) => fault.from === from)).toBe(true)
      expect(faults.at(to - 1).some((fault) => fault.to === to)).toBe(true)
    }
  })
})

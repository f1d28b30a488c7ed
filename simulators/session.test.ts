import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../contract/time.ts'
import type { DeviceModel, Span } from './device-model.ts'
import { covers } from './device-model.ts'
import { DeviceSession } from './session.ts'

const START = Date.UTC(2026, 10, 20)

/** Dark in its spans, and without a value in the minutes of `mute`. */
function model(dark: readonly Span[], mute: readonly number[] = [], clockErrorMs = 0): DeviceModel {
  return {
    id: 'hs-1',
    kind: 'hotspot',
    everyMs: MINUTE,
    phaseMs: 0,
    isReachable: (time) => !dark.some((span) => covers(span, time)),
    deviceTime: (time) => time + clockErrorMs,
    sampleAt: (time) => (mute.includes((time - START) / MINUTE) ? null : { values: { up: 1 } }),
    truth: () => [],
  }
}

const minute = (count: number): number => START + count * MINUTE

/** A word for each minute's step. */
function stepsOf(session: DeviceSession, minutes: number): string[] {
  return Array.from({ length: minutes }, (_, index) => {
    const step = session.at(minute(index))
    return step?.type === 'reading' ? `seq ${String(JSON.parse(step.payload).seq)}` : (step?.type ?? '-')
  })
}

describe('a session of a simulated device', () => {
  it('connects first and measures from its next tick on', () => {
    expect(stepsOf(new DeviceSession(model([])), 3)).toEqual(['connect', 'seq 0', 'seq 1'])
  })

  it('is cut once, stays silent and comes back by itself, counting on', () => {
    const session = new DeviceSession(model([{ from: minute(2), to: minute(4) }]))
    expect(stepsOf(session, 7)).toEqual(['connect', 'seq 0', 'cut', '-', 'connect', 'seq 1', 'seq 2'])
  })

  it('uses no number for a tick at which it measures nothing', () => {
    expect(stepsOf(new DeviceSession(model([], [1])), 4)).toEqual(['connect', '-', 'seq 0', 'seq 1'])
  })

  it('connects before its first tick when it is told to, and not twice', () => {
    const session = new DeviceSession(model([{ from: START, to: minute(1) }]))
    expect(session.connect(START)).toBeNull()
    expect(session.connect(minute(1))).toEqual({ type: 'connect' })
    expect(session.connect(minute(1))).toBeNull()
    expect(stepsOf(new DeviceSession(model([{ from: START, to: minute(1) }])), 3)).toEqual([
      '-',
      'connect',
      'seq 0',
    ])
  })

  it('sends the time that the device believes', () => {
    const session = new DeviceSession(model([], [], -HOUR))
    session.connect(START)
    expect(session.at(minute(61))).toEqual({
      type: 'reading',
      payload: '{"time":"2026-11-20T00:01:00.000Z","seq":0,"values":{"up":1}}',
    })
  })
})

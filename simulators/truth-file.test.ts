import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../contract/time.ts'
import type { DeviceModel, Truth } from './device-model.ts'
import { openTruthFile, underWay } from './truth-file.ts'

const START = Date.UTC(2026, 10, 24)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-truth-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function outages(device: string, spans: readonly (readonly [TimeMs, TimeMs])[]): DeviceModel {
  const truths = spans.map(([from, to]): Truth => ({ type: 'outage', device, cause: 'power', from, to }))
  return {
    id: device,
    kind: 'hotspot',
    everyMs: MINUTE,
    phaseMs: 0,
    isReachable: () => true,
    deviceTime: (time) => time,
    sampleAt: () => null,
    truth: (from, to) => truths.filter((truth) => truth.from >= from && truth.from < to),
  }
}

const lines = (path: string): { device: string; from: string; to: string }[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

describe('the truth file', () => {
  it('has what is under way at the start, with its true begin, and not what is over', () => {
    const path = join(folder, 'truth.jsonl')
    const models = [
      outages('a', [[START - 19 * HOUR, START + 1]]),
      outages('b', [[START - HOUR, START]]),
      outages('c', [[START - 40 * HOUR + 1, START + HOUR]]),
    ]
    openTruthFile(path, models, START).close()
    expect(lines(path).map(({ device, from }) => [device, from])).toEqual([
      ['c', '2026-11-22T08:00:00.001Z'],
      ['a', '2026-11-23T05:00:00.000Z'],
    ])
  })

  it('has each thing once, as time reaches it, the last seconds before the end too', () => {
    const path = join(folder, 'truth.jsonl')
    const begins = [0, 9, 10, 31, 32].map((second) => START + second * SECOND)
    const models = [
      outages(
        'a',
        begins.map((from) => [from, from + MINUTE]),
      ),
    ]
    const truth = openTruthFile(path, models, START)
    truth.writeUntil(START + 9 * SECOND)
    expect(lines(path)).toEqual([])
    truth.writeUntil(START + 10 * SECOND)
    expect(lines(path)).toHaveLength(2)
    truth.writeUntil(START + 31 * SECOND)
    truth.writeUntil(START + 32 * SECOND)
    truth.close()
    expect(lines(path).map(({ from }) => Date.parse(from))).toEqual(begins.slice(0, 4))
  })

  it('that cannot be made is refused with what to do', () => {
    expect(() => openTruthFile(join(folder, 'no', 'truth.jsonl'), [], START)).toThrow(
      /--truth .* cannot be written \(ENOENT\); give another file/,
    )
  })

  it('looks back far enough for the longest of all that happens', () => {
    const model = outages('a', [[START - DAY, START + DAY]])
    expect(underWay([model], START)).toHaveLength(1)
  })
})

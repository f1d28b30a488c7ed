import { describe, expect, it } from 'vitest'
import type { Observation } from '../contract/observation.ts'
import { Sequences } from './sequences.ts'

const numbered = (seq: number | undefined, device = 'a'): Observation => ({
  kind: 'sensor',
  device,
  time: 0,
  arrival: 0,
  timeIsArrival: false,
  values: { pm2_5: 1 },
  ...(seq === undefined ? {} : { seq }),
})

const lost = (sequences: Sequences, ...seqs: (number | undefined)[]): number =>
  seqs.reduce<number>((sum, seq) => sum + sequences.lostBy(numbered(seq)), 0)

const boot = { kind: 'sensor', device: 'a', time: 0, arrival: 0, event: 'boot', detail: null } as const
const PLACE = { segment: 3, offset: 77 }

describe('numbers that never came', () => {
  it('of 100 101 103 103 106 are three', () => {
    // Domain B6: expected 7, received 4 distinct, lost 3, duplicates 1.
    expect(lost(new Sequences(), 100, 101, 103, 103, 106)).toBe(3)
  })

  it('are fewer when late ones fill their gap, each once', () => {
    const sequences = new Sequences()
    expect(lost(sequences, 0, 10)).toBe(9)
    expect(lost(sequences, 5, 5, 1, 9, 12)).toBe(-3 + 1)
    expect(lost(sequences, 2, 3, 4, 6, 7, 8, 11, 11)).toBe(-7)
  })

  it('are counted anew after a boot, and by device', () => {
    const sequences = new Sequences()
    expect(lost(sequences, 500, 501)).toBe(0)
    sequences.note(boot)
    expect(lost(sequences, 0, 1, 3)).toBe(1)
    expect(sequences.lostBy(numbered(900, 'b'))).toBe(0)
  })

  it('are none when a device does not number, counts back, or from somewhere else', () => {
    expect(lost(new Sequences(), undefined, undefined)).toBe(0)
    expect(lost(new Sequences(), 10, 3, 4, 5)).toBe(0)
    expect(lost(new Sequences(), 1, 2 ** 53 - 1)).toBe(0)
  })

  it('are known again after a clean stop at that place of the log, and nowhere else', () => {
    const before = new Sequences()
    lost(before, 1, 4)
    const after = new Sequences()
    after.restore(before.save(PLACE), { ...PLACE })
    expect(lost(after, 2, 6)).toBe(0)
    const elsewhere = new Sequences()
    elsewhere.restore(before.save(PLACE), { segment: 3, offset: 78 })
    expect(lost(elsewhere, 9)).toBe(0)
    elsewhere.restore(undefined, PLACE)
  })
})

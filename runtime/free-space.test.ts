import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkRoom, freeSpace, isLow } from './free-space.ts'

const MIB = 1_048_576
/** A disk of so many MiB. */
const disk = (totalMib: number, freeMib: number) => () => ({ bavail: freeMib, blocks: totalMib, bsize: MIB })

describe('room on a disk', () => {
  it.each([
    ['of 1 TiB with 5 % free', disk(1_048_576, 52_429), false],
    ['of 1 TiB with less than 5 % free', disk(1_048_576, 52_428), true],
    ['of 8 GiB with 512 MiB free', disk(8_192, 512), false],
    ['of 8 GiB with less than 512 MiB free', disk(8_192, 511), true],
    ['that does not tell its size', () => ({ bavail: 1_024, blocks: 0, bsize: MIB }), false],
  ])('%s: low is %s', (_disk, ask, low) => {
    expect(isLow(freeSpace('/', ask))).toBe(low)
  })

  it('is counted for a path that is not there yet', () => {
    expect(freeSpace(join(tmpdir(), 'none', 'deep')).freeBytes).toBeGreaterThan(0)
  })

  it('refuses what would take the last of it, and says what to do', () => {
    const ask = disk(8_192, 600)
    expect(() => checkRoom('/x', 88 * MIB, ask)).not.toThrow()
    expect(() => checkRoom('/x', 89 * MIB, ask)).toThrow(/^\/x: 600 MiB \(7 %\) are free, 89 MiB are to be/)
    expect(() => checkRoom('/dev/null', 0, disk(8_192, 0))).not.toThrow()
    expect(() => checkRoom('/x', 0, disk(8_192, 0))).toThrow(
      /0 MiB \(0 %\) are free; 512 MiB and 5 % stay free/,
    )
  })
})

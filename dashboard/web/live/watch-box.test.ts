import { describe, expect, it } from 'vitest'
import { watchOf } from './watch-box.ts'

const view = { west: 106.8, south: -6.18, east: 106.82, north: -6.16 }

describe('what is watched', () => {
  it('is the whole of a small village', () => {
    expect(watchOf({ counts: { hotspot: { up: 1_999, down: 1 } } }, view)).toEqual({})
  })

  it('is what is seen of a large one, with a fifth more on each side, outwards to hundredths', () => {
    expect(watchOf({ counts: { hotspot: { up: 2_001 } } }, view)).toEqual({
      bbox: [106.79, -6.19, 106.83, -6.15],
    })
  })
})

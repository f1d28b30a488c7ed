import { describe, expect, it } from 'vitest'
import type { Camera } from './camera.ts'
import { areTooMany, MOST_MARKERS } from './dots.ts'
import { PointTable } from './point-table.ts'

const CAMERA: Camera = { zoom: 0, scale: 1, originX: 0, originY: 0, width: 100, height: 100 }

function tableOf(inView: number, outside: number): PointTable {
  const table = new PointTable()
  for (let index = 0; index < inView + outside; index += 1) {
    const world = index < inView ? { x: 50, y: 50 } : { x: 500, y: 50 }
    table.put(
      {
        id: `p${index}`,
        lat: 0,
        lon: 0,
        spec: { shape: 'stop' },
        order: 1,
        clusterLayer: null,
        clusterKey: '',
        badge: null,
        fixTime: null,
        route: null,
        label: null,
      },
      world,
      0,
      false,
    )
  }
  return table
}

describe('points become dots', () => {
  it('when more are in view than can be told apart, however many are outside', () => {
    expect(areTooMany(CAMERA, tableOf(MOST_MARKERS + 1, 0))).toBe(true)
    expect(areTooMany(CAMERA, tableOf(MOST_MARKERS, 1_000))).toBe(false)
  })
})

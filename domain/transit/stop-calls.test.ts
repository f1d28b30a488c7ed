import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../contract/time.ts'
import { StopCalls } from './stop-calls.ts'

const ROUTE = { route: 'R', direction: 0 } as const

describe('the headway of a vehicle that comes to a stop', () => {
  it('is unknown of the first, and counts from when the one before left', () => {
    const calls = new StopCalls()
    expect(calls.came(ROUTE, 'S', { vehicle: 'a', time: 0 })).toBeNull()
    calls.left(ROUTE, 'S', { vehicle: 'a', time: MINUTE })
    expect(calls.came(ROUTE, 'S', { vehicle: 'b', time: 6 * MINUTE })).toBe(300)
    expect(calls.came({ route: 'R', direction: 1 }, 'S', { vehicle: 'c', time: 6 * MINUTE })).toBeNull()
  })

  it('is none while another one stands there, unless that was lost', () => {
    const calls = new StopCalls()
    calls.came(ROUTE, 'S', { vehicle: 'a', time: 0 })
    expect(calls.came(ROUTE, 'S', { vehicle: 'b', time: MINUTE })).toBe(0)
    expect(calls.came(ROUTE, 'S', { vehicle: 'c', time: 20 * MINUTE })).toBe(19 * 60)
  })

  it('is unknown where none was seen for three hours', () => {
    const calls = new StopCalls()
    calls.left(ROUTE, 'S', { vehicle: 'a', time: 0 })
    expect(calls.lastAt(ROUTE, 'S', 3 * HOUR)).toBe(0)
    expect(calls.lastAt(ROUTE, 'S', 3 * HOUR + 1)).toBeNull()
    expect(calls.came(ROUTE, 'S', { vehicle: 'b', time: 4 * HOUR })).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import { afterEvent, type Connection, type LinkEvent, newConnection } from './connection.ts'

/** The connection after events at their times, a tick each second between them. */
function play(events: readonly (readonly [number, LinkEvent])[], until: number): Connection {
  let connection = newConnection(0)
  for (let second = 0; second <= until; second += 1) {
    for (const [at, event] of events)
      if (at === second) connection = afterEvent(connection, event, at * 1_000)
    connection = afterEvent(connection, 'tick', second * 1_000)
  }
  return connection
}

describe('the link of a page', () => {
  it('is live with its first snapshot', () => {
    expect(newConnection(0).state).toBe('connecting')
    expect(play([[1, 'snapshot']], 2).state).toBe('live')
  })

  // reference/ui 8, row 21: the chip changes within 15 s, the banner within 30 s after that.
  it('is reconnecting 15 s after the last packet, offline 30 s later', () => {
    const events = [[1, 'snapshot']] as const
    expect(play(events, 15).state).toBe('live')
    expect(play(events, 16).state).toBe('reconnecting')
    expect(play(events, 45).state).toBe('reconnecting')
    expect(play(events, 46).state).toBe('offline')
  })

  it('stays live by pings alone', () => {
    const pings = Array.from({ length: 12 }, (_, index) => [10 * (index + 1), 'packet'] as const)
    expect(play([[1, 'snapshot'], ...pings], 125).state).toBe('live')
  })

  it('is offline at once when the browser says so, and says once that it came back', () => {
    const events: [number, LinkEvent][] = [
      [1, 'snapshot'],
      [5, 'browser-offline'],
    ]
    expect(play(events, 5).state).toBe('offline')
    events.push([8, 'browser-online'])
    expect(play(events, 8).state).toBe('reconnecting')
    events.push([9, 'snapshot'])
    expect(play(events, 9)).toMatchObject({ state: 'live', isBack: true })
    expect(play([[1, 'snapshot']], 2).isBack).toBe(false)
  })

  it('is reconnecting after three gaps in a minute, not after two', () => {
    const gap = (at: number) => [at, 'gap'] as const
    expect(play([[1, 'snapshot'], gap(2), gap(3), [4, 'packet']], 5).state).toBe('live')
    expect(play([[1, 'snapshot'], gap(2), gap(3), gap(4)], 5).state).toBe('reconnecting')
    expect(play([[1, 'snapshot'], gap(2), gap(3), gap(4), [5, 'snapshot']], 6).state).toBe('reconnecting')
  })

  it('is offline when the first connection never comes', () => {
    expect(play([], 29).state).toBe('connecting')
    expect(play([], 30).state).toBe('offline')
  })
})

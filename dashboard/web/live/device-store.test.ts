import { beforeEach, describe, expect, it } from 'vitest'
import { feature } from '../feature.fixture.ts'
import { type Change, DeviceStore } from './device-store.ts'

const time = '2026-11-24T08:00:00.000Z'
const [a, b, c] = ['a', 'b', 'c'].map((id) => feature({}, id))
const delta = (
  seq: number,
  changed: Parameters<DeviceStore['applyDelta']>[0]['changed'],
  removed: string[] = [],
) => ({
  seq,
  time,
  changed,
  removed,
})

describe('devices of the live feed', () => {
  let store: DeviceStore
  let changes: Change[]

  beforeEach(() => {
    store = new DeviceStore()
    changes = []
    store.onChange((change) => changes.push(change))
    store.applySnapshot({ seq: 7, time, devices: [a, b].filter((one) => one !== undefined), fresh: true })
  })

  const ids = (): string[] => [...store.devices.keys()].sort()

  it('are those of the snapshot and of the deltas after it', () => {
    expect(store.applyDelta(delta(8, c === undefined ? [] : [c], ['a']))).toBe('applied')
    expect(ids()).toEqual(['b', 'c'])
  })

  it('stand still when a frame is missing, until a new snapshot', () => {
    expect(store.applyDelta(delta(9, [], ['a']))).toBe('gap')
    expect(store.applyDelta(delta(10, [], ['a']))).toBe('gap')
    expect(ids()).toEqual(['a', 'b'])
    store.applySnapshot({ seq: 10, time, devices: [], fresh: true })
    expect(store.applyDelta(delta(11, c === undefined ? [] : [c]))).toBe('applied')
    expect(ids()).toEqual(['c'])
  })

  it('are not changed by a frame that the snapshot already holds', () => {
    expect(store.applyDelta(delta(7, [], ['a', 'b']))).toBe('applied')
    expect(ids()).toEqual(['a', 'b'])
  })

  it('do not change while paused, and are as the feed says afterwards', () => {
    changes = []
    const before = store.feedTime
    store.pause()
    store.applyDelta(delta(8, c === undefined ? [] : [c], ['a']))
    store.applyDelta(delta(9, [feature({ state: 'down' }, 'b')]))
    expect(ids()).toEqual(['a', 'b'])
    expect(changes).toEqual([])
    // What is shown is as old as the pause.
    expect(store.feedTime).toBe(before)
    store.resume()
    expect(ids()).toEqual(['b', 'c'])
    expect(store.devices.get('b')?.properties.state).toBe('down')
    expect(changes).toHaveLength(1)
  })

  it('that a snapshot during a pause no longer holds are gone afterwards', () => {
    store.pause()
    store.applySnapshot({ seq: 20, time, devices: [feature({}, 'b')], fresh: true })
    expect(ids()).toEqual(['a', 'b'])
    store.resume()
    expect(ids()).toEqual(['b'])
  })
})

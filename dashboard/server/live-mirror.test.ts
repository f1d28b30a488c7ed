import { describe, expect, it } from 'vitest'
import type { LiveDevice, LiveLine } from '../../contract/feed.ts'
import { sampleDevice } from './harness/village.ts'
import { createLiveMirror, type LiveChange, type Overlay } from './live-mirror.ts'

function mirrorAt(overlay?: Overlay) {
  const time = { now: 1_000_000 }
  const clock = { now: () => time.now, monotonicMs: () => time.now }
  const mirror = createLiveMirror(clock, overlay)
  const changes: LiveChange[] = []
  const freshness: boolean[] = []
  mirror.onChange((change) => changes.push(change))
  mirror.onFreshness((fresh) => freshness.push(fresh))
  return { mirror, time, changes, freshness }
}

const snapshot = (seq: number, ...devices: LiveDevice[]): LiveLine => ({
  type: 'snapshot',
  seq,
  time: 1,
  devices,
})
const delta = (seq: number, ...changed: LiveDevice[]): LiveLine => ({
  type: 'delta',
  seq,
  time: 1,
  changed,
  removed: [],
})
const [a, b, c] = ['a', 'b', 'c'].map((id) => sampleDevice({ id, kind: 'sensor' })) as [
  LiveDevice,
  LiveDevice,
  LiveDevice,
]

describe('the copy of the live state', () => {
  it('takes deltas in their order, and says when one was missed', () => {
    const { mirror } = mirrorAt()
    expect(mirror.take(snapshot(7, a))).toBe(true)
    expect(mirror.take(delta(8, b))).toBe(true)
    expect(mirror.take(delta(10, c))).toBe(false)
    expect(mirror.devices().map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it('makes of another snapshot a change of what differs, and keeps the object of what does not', () => {
    const { mirror, changes } = mirrorAt()
    mirror.take(snapshot(1, a, b))
    const kept = mirror.device('a')
    mirror.take(snapshot(1, structuredClone(a), { ...c }))
    expect(changes.at(-1)).toMatchObject({ changed: [{ id: 'c' }], removed: ['b'] })
    expect(mirror.device('a')).toBe(kept)
  })

  it('is fresh from the first snapshot on, until ingest is away or silent for five seconds', () => {
    const { mirror, time, freshness } = mirrorAt()
    mirror.take({ type: 'beat', time: 1 })
    expect(mirror.isFresh()).toBe(false)
    mirror.take(snapshot(1, a))
    time.now += 5_000
    mirror.tick()
    expect(mirror.isFresh()).toBe(true)
    time.now += 1
    mirror.tick()
    mirror.take({ type: 'beat', time: 2 })
    mirror.away()
    expect(freshness).toEqual([true, false, true, false])
    expect(mirror.devices()).toHaveLength(1)
  })

  it('shows what lies over a device as long as it does, without a word from ingest', () => {
    const shown = sampleDevice({ id: 'a', kind: 'sensor', state: 'maintenance' })
    const { mirror, time, changes } = mirrorAt((device, now) =>
      now >= 1_000_500 && device.id === 'a' ? shown : device,
    )
    const alerts: unknown[] = []
    mirror.onAlert((alert) => alerts.push(alert))
    const alert: LiveLine = { type: 'alert', time: 1, device: 'a', from: 'up', to: 'down', cause: 'silence' }
    mirror.take(snapshot(1, a, b))
    mirror.take(alert)
    time.now = 1_000_500
    mirror.tick()
    mirror.tick()
    mirror.take(alert)
    expect(changes.map(({ changed }) => changed.map(({ id, state }) => [id, state]))).toEqual([
      [
        ['a', 'up'],
        ['b', 'up'],
      ],
      [['a', 'maintenance']],
    ])
    expect(alerts).toHaveLength(1)
  })

  it('tells that a device is still down when maintenance of it ends', () => {
    const down = sampleDevice({ id: 'a', kind: 'hotspot', state: 'down', cause: 'silence' })
    const worked = { ...down, state: 'maintenance' as const, cause: null }
    const { mirror, time } = mirrorAt((device, now) => (now < 1_000_500 ? worked : device))
    const alerts: unknown[] = []
    mirror.onAlert((alert) => alerts.push(alert))
    mirror.take(snapshot(1, down))
    mirror.tick()
    expect(alerts).toEqual([])
    time.now = 1_000_500
    mirror.tick()
    mirror.tick()
    expect(alerts).toEqual([
      {
        type: 'alert',
        time: 1_000_500,
        device: 'a',
        from: 'maintenance',
        to: 'down',
        cause: 'silence',
      },
    ])
  })
})

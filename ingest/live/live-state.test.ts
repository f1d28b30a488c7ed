// States as the rules say (domain B2, B7, B8). Where the reference works an example, its numbers stand here.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE } from '../../contract/time.ts'
import { at, known, LiveRig, T0 } from '../test/live-rig.ts'

describe('a device that falls silent', () => {
  it('is up until 250 s, down since 120 s at 251 s, up since 400 s: the outage is [120, 400)', () => {
    const rig = new LiveRig([known('a')])
    expect(rig.state('a', 0)).toEqual(['unknown', null, 'never_heard'])
    rig.reading('a', 0)
    rig.reading('a', 60)
    expect(rig.state('a', 250)).toEqual(['up', 0, null])
    expect(rig.state('a', 251)).toEqual(['down', 120, 'silence'])
    rig.reading('a', 400)
    expect(rig.state('a', 400)).toEqual(['up', 400, null])
    expect(rig.spans('a')).toEqual([
      ['up', 0, 120, null],
      ['down', 120, 400, 'silence'],
      ['up', 400, null, null],
    ])
    expect(rig.alerts).toEqual([
      ['a', 'up', 'down', 'silence'],
      ['a', 'down', 'up', null],
    ])
  })

  it('and comes back before anybody looked, as when the log is read late, has its outage all the same', () => {
    const rig = new LiveRig([known('a')])
    for (const s of [0, 60, 400]) rig.reading('a', s)
    rig.collect(400)
    expect(rig.spans('a')).toEqual([
      ['up', 0, 120, null],
      ['down', 120, 400, 'silence'],
      ['up', 400, null, null],
    ])
    expect(rig.alerts).toEqual([])
  })

  it('is told of in the delta of that second, and only then', () => {
    const rig = new LiveRig([known('a'), known('b')])
    for (const s of [0, 60]) rig.reading('a', s)
    rig.reading('b', 60)
    rig.collect(60)
    expect(rig.collect(249).changed).toEqual([])
    expect(rig.collect(251).changed.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(rig.collect(252).changed).toEqual([])
  })
})

describe('what a device says', () => {
  it('under names that it makes up without end is shown for 256 of them, and known ones all the same', () => {
    const rig = new LiveRig([known('a')])
    for (let index = 0; index < 300; index += 1) rig.reading('a', index, { [`made_up_${index}`]: 1 })
    rig.reading('a', 300, { latency_ms: 12 })
    const values = Object.keys(rig.live.snapshot(at(300))[0]?.values ?? {})
    expect(values.filter((name) => name.startsWith('made_up_'))).toHaveLength(256)
    expect(values).toContain('latency_ms')
  })

  it('by its last will makes it down since then, and online makes it up', () => {
    const rig = new LiveRig([known('a')])
    rig.status('a', 0, 'online')
    rig.status('a', 30, 'offline')
    expect(rig.state('a', 30)).toEqual(['down', 30, 'last_will'])
    expect(rig.state('a', 5_000)).toEqual(['down', 30, 'last_will'])
    rig.status('a', 6_000, 'online')
    expect(rig.state('a', 6_000)).toEqual(['up', 6_000, null])
    expect(rig.spans('a')).toEqual([
      ['up', 0, 30, null],
      ['down', 30, 6_000, 'last_will'],
      ['up', 6_000, null, null],
    ])
  })

  it('by up 0 makes it down since that reading, whatever it says of its link', () => {
    const rig = new LiveRig([known('a')])
    rig.reading('a', 0, { up: 1 })
    rig.reading('a', 60, { up: 0 })
    rig.status('a', 70, 'online')
    rig.reading('a', 120, { up: 0 })
    expect(rig.state('a', 120)).toEqual(['down', 60, 'probe'])
    rig.reading('a', 180, { up: 1 })
    expect(rig.state('a', 180)).toEqual(['up', 180, null])
  })

  it('by three poor reports in a row makes it degraded, and one that is not ends it', () => {
    const rig = new LiveRig([known('a')])
    const poor = { up: 1, loss_pct: 7, latency_ms: 40 }
    for (const s of [0, 60, 120]) rig.reading('a', s, { up: 1, loss_pct: 0, latency_ms: 40 })
    for (const s of [180, 240]) rig.reading('a', s, poor)
    expect(rig.state('a', 240)).toEqual(['up', 0, null])
    rig.reading('a', 300, poor)
    expect(rig.state('a', 300)).toEqual(['degraded', 300, 'poor'])
    rig.reading('a', 360, { up: 1, loss_pct: 0, latency_ms: 40 })
    expect(rig.state('a', 360)).toEqual(['up', 360, null])
    expect(rig.spans('a')).toEqual([
      ['up', 0, 300, null],
      ['degraded', 300, 360, 'poor'],
      ['up', 360, null, null],
    ])
  })
})

describe('a reading that comes late', () => {
  it('is no sign of life, and changes no newer value', () => {
    const rig = new LiveRig([known('s', { kind: 'sensor' })])
    rig.reading('s', 0, { pm2_5: 10 })
    rig.reading('s', 300, { pm2_5: 99, pm10: 5 }, { time: at(-600) })
    expect(rig.state('s', 300)).toEqual(['down', 60, 'silence'])
    expect(rig.device('s', 300).values).toEqual({
      pm2_5: { value: 10, time: at(0) },
      pm10: { value: 5, time: at(-600) },
    })
    expect(rig.device('s', 300).lastSeen).toBe(at(0))
  })

  it('is one as long as it is not older than two intervals', () => {
    const rig = new LiveRig([known('a')])
    rig.reading('a', 120, { up: 1 }, { time: at(0) })
    expect(rig.state('a', 120)).toEqual(['up', 120, null])
    const other = new LiveRig([known('a')])
    other.reading('a', 120, { up: 1 }, { time: at(0) - 1 })
    expect(other.state('a', 120)).toEqual(['unknown', null, 'never_heard'])
  })

  it('of a backlog that is sent off is none, however fast', () => {
    const rig = new LiveRig([known('a')])
    for (let index = 0; index < 100; index += 1) {
      rig.reading('a', 10_000 + index / 100, { up: 1 }, { time: at(index * 60) })
    }
    expect(rig.state('a', 10_001)).toEqual(['unknown', null, 'never_heard'])
    expect(rig.device('a', 10_001).clockOffsetMs).toBeNull()
  })

  it('by a clock that is slow is live all the same, and tells the error of the clock', () => {
    const rig = new LiveRig([known('a')])
    for (let index = 0; index < 10; index += 1) {
      rig.reading('a', index * 60 + index / 10, { up: 1 }, { time: at(index * 60 - 1_800) })
    }
    expect(rig.state('a', 545)).toEqual(['up', 60.1, null])
    // The least delayed of those that were seen to keep pace (domain B13).
    expect(rig.device('a', 545).clockOffsetMs).toBe(1_800_100)
  })
})

describe('the clock of a device', () => {
  it('is off by the least delayed message', () => {
    const rig = new LiveRig([known('a')])
    for (const [deviceS, delayS] of [
      [0, 1.8],
      [60, 1.9],
      [120, 2.4],
    ] as const) {
      rig.reading('a', deviceS + delayS, { up: 1 }, { time: at(deviceS) })
    }
    expect(rig.device('a', 200).clockOffsetMs).toBe(1_800)
  })

  it('is told by readings that were refused for their time', () => {
    const rig = new LiveRig([known('a')])
    rig.live.applyRefusedTime('a', 'hotspot', at(0) + DAY, at(0))
    expect(rig.device('a', 0).clockOffsetMs).toBe(-DAY)
    expect(rig.state('a', 0)).toEqual(['unknown', null, 'never_heard'])
  })
})

describe('what hangs below a parent that is down', () => {
  const chain = [known('top'), known('middle', { parent: 'top' }), known('leaf', { parent: 'middle' })]

  it('is unknown by the topmost of the chain, from when both were down, and told to nobody', () => {
    const rig = new LiveRig(chain)
    for (const id of ['top', 'middle', 'leaf']) rig.reading(id, 0)
    rig.status('leaf', 10, 'offline')
    rig.status('middle', 20, 'offline')
    rig.status('top', 30, 'offline')
    expect(rig.state('top', 30)).toEqual(['down', 30, 'last_will'])
    expect(rig.state('middle', 30)).toEqual(['unknown', 30, 'parent:top'])
    expect(rig.state('leaf', 30)).toEqual(['unknown', 20, 'parent:top'])
    expect(rig.alerts).toEqual([['top', 'up', 'down', 'last_will']])
    expect(rig.spans('leaf')).toEqual([
      ['up', 0, 10, null],
      ['down', 10, 20, 'last_will'],
      ['unknown', 20, null, 'parent:top'],
    ])
  })

  it('is down by itself from when its parents are back, and the time below them stays unknown', () => {
    const rig = new LiveRig(chain.slice(0, 2))
    rig.reading('top', 0)
    rig.reading('middle', 0)
    rig.status('top', 10, 'offline')
    rig.status('middle', 10, 'offline')
    rig.status('top', 100, 'online')
    expect(rig.state('middle', 100)).toEqual(['down', 100, 'last_will'])
    rig.status('middle', 105, 'online')
    rig.collect(105)
    expect(rig.spans('middle')).toEqual([
      ['up', 0, 10, null],
      ['unknown', 10, 100, 'parent:top'],
      ['down', 100, 105, 'last_will'],
      ['up', 105, null, null],
    ])
  })

  // Domain B2 of our own absence, and here of a parent's: silence that it explains is waited for once more, 190 s every 60 s.
  it('whose silence its parents explain is waited for once they are back', () => {
    const rig = new LiveRig([known('top'), known('a', { parent: 'top' }), known('b', { parent: 'top' })])
    for (const id of ['top', 'a', 'b']) rig.reading(id, 0)
    expect(rig.state('top', 300)).toEqual(['down', 60, 'silence'])
    rig.reading('top', 600)
    expect(rig.state('a', 640)).toEqual(['unknown', 60, 'parent:top'])
    rig.reading('a', 650)
    rig.reading('top', 700)
    expect(rig.state('b', 790)).toEqual(['unknown', 60, 'parent:top'])
    expect(rig.state('b', 791)).toEqual(['down', 600, 'silence'])
    expect(rig.spans('a')).toEqual([
      ['up', 0, 60, null],
      ['unknown', 60, 650, 'parent:top'],
      ['up', 650, null, null],
    ])
    expect(rig.spans('b').slice(1)).toEqual([
      ['unknown', 60, 600, 'parent:top'],
      ['down', 600, null, 'silence'],
    ])
    expect(rig.alerts.map((alert) => (alert as unknown[]).slice(0, 3))).toEqual([
      ['top', 'up', 'down'],
      ['top', 'down', 'up'],
      ['b', 'up', 'down'],
    ])
  })

  it('was unknown from the first when its parent turns out to have been down before it', () => {
    const rig = new LiveRig([known('top', { everyS: 120 }), known('leaf', { parent: 'top' })])
    rig.reading('top', 0)
    rig.reading('leaf', 110)
    // The leaf is silent from 170 s and seen so at 301 s; its parent from 120 s, seen at 371 s.
    expect(rig.state('leaf', 301)).toEqual(['down', 170, 'silence'])
    expect(rig.state('top', 371)).toEqual(['down', 120, 'silence'])
    expect(rig.state('leaf', 371)).toEqual(['unknown', 170, 'parent:top'])
    expect(rig.spans('leaf')).toEqual([
      ['up', 110, 170, null],
      ['unknown', 170, null, 'parent:top'],
    ])
  })

  it('stays up when it is heard, and is down by itself when its parent is only unknown', () => {
    const rig = new LiveRig([known('top'), known('a', { parent: 'top' }), known('b', { parent: 'top' })])
    rig.reading('a', 0)
    rig.reading('b', 0)
    rig.status('b', 10, 'offline')
    expect(rig.state('b', 10)).toEqual(['down', 10, 'last_will'])
    rig.reading('top', 20)
    rig.status('top', 30, 'offline')
    rig.reading('a', 40)
    expect(rig.state('a', 40)).toEqual(['up', 0, null])
    expect(rig.state('b', 40)).toEqual(['unknown', 30, 'parent:top'])
  })

  it('in a cycle is down by itself', () => {
    const rig = new LiveRig([known('a', { parent: 'b' }), known('b', { parent: 'a' })])
    for (const id of ['a', 'b']) rig.reading(id, 0)
    for (const id of ['a', 'b']) rig.status(id, 10, 'offline')
    expect(rig.state('a', 10)).toEqual(['down', 10, 'last_will'])
    expect(rig.state('b', 10)).toEqual(['down', 10, 'last_will'])
  })
})

describe('a device that goes up and down again and again', () => {
  // Domain B3: of the last 21 states a change every two is 50 %, above 30; two among 21 are 10 %, below 20.
  it('is told of once, and again when it has calmed', () => {
    const rig = new LiveRig([known('a')])
    for (let minute = 0; minute <= 20; minute += 1) rig.reading('a', 60 * minute)
    for (let minute = 21; minute <= 60; minute += 1) {
      const isUp = minute % 4 < 2
      rig.reading('a', 60 * minute, { up: isUp ? 1 : 0 })
      rig.collect(60 * minute)
    }
    const told = rig.alerts.length
    expect(told).toBeLessThanOrEqual(6)
    expect(rig.live.snapshot(at(3_600))[0]?.flapping).toBe(true)
    for (let minute = 61; minute <= 100; minute += 1) {
      rig.reading('a', 60 * minute, { up: 0 })
      rig.collect(60 * minute)
    }
    // It was told last that it is up or down: what it is now stands told in the end, with one alert at most.
    expect(rig.alerts.length - told).toBeLessThanOrEqual(1)
    expect((rig.alerts.at(-1) as unknown[])[2]).toBe('down')
    expect(rig.live.snapshot(at(6_000))[0]).not.toHaveProperty('flapping')
  })

  it('is shown as flapping, and no more once it has calmed, without a change of its state', () => {
    const rig = new LiveRig([known('a')])
    for (let minute = 0; minute <= 20; minute += 1) rig.reading('a', 60 * minute)
    const shown: (boolean | undefined)[] = []
    for (let minute = 21; minute <= 90; minute += 1) {
      const isUp = minute > 60 || minute % 4 < 2
      rig.reading('a', 60 * minute, { up: isUp ? 1 : 0 })
      rig.collect(60 * minute)
      const [delta] = rig.collect(60 * minute + 1).changed
      if (delta !== undefined && delta.flapping !== shown.at(-1)) shown.push(delta.flapping)
    }
    expect(shown).toEqual([true, undefined])
  })
})

describe('while our own broker is away', () => {
  it('devices are unknown; who does not come back is down since it began to listen', () => {
    const rig = new LiveRig([known('a'), known('b')])
    for (const id of ['a', 'b']) rig.reading(id, 0)
    rig.live.away(at(30))
    expect(rig.state('a', 300)).toEqual(['unknown', 30, 'server_away'])
    rig.live.listening(at(600))
    rig.reading('b', 610)
    expect(rig.state('a', 790)).toEqual(['unknown', 30, 'server_away'])
    expect(rig.state('a', 791)).toEqual(['down', 600, 'silence'])
    expect(rig.spans('a')).toEqual([
      ['up', 0, 30, null],
      ['unknown', 30, 600, 'server_away'],
      ['down', 600, null, 'silence'],
    ])
    expect(rig.spans('b')).toEqual([
      ['up', 0, 30, null],
      ['unknown', 30, 610, 'server_away'],
      ['up', 610, null, null],
    ])
    expect(rig.alerts).toEqual([['a', 'up', 'down', 'silence']])
  })

  it('silence before it went counts', () => {
    const rig = new LiveRig([known('a')])
    rig.reading('a', 0)
    rig.live.away(at(1_000))
    rig.collect(1_001)
    expect(rig.spans('a')).toEqual([
      ['up', 0, 60, null],
      ['down', 60, 1_000, 'silence'],
      ['unknown', 1_000, null, 'server_away'],
    ])
  })
})

describe('spans of a device', () => {
  it('follow each other without gap or overlap, one of them open, whatever comes in whatever order', () => {
    const step = fc.record({
      device: fc.constantFrom('top', 'a', 'b'),
      what: fc.constantFrom(
        'reading',
        'poor',
        'probe',
        'late',
        'online',
        'offline',
        'away',
        'listening',
        'look',
      ),
      afterS: fc.integer({ min: 0, max: 400 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const rig = new LiveRig([known('top'), known('a', { parent: 'top' }), known('b', { parent: 'a' })])
        let s = 0
        for (const { device, what, afterS } of steps) {
          s += afterS
          act(rig, device, what, s)
        }
        rig.collect(s + 1_000)
        for (const id of ['top', 'a', 'b']) expectUnbroken(rig, id, s + 1_000)
      }),
      { numRuns: 300 },
    )
  })
})

function act(rig: LiveRig, device: string, what: string, s: number): void {
  if (what === 'reading') rig.reading(device, s)
  else if (what === 'poor') rig.reading(device, s, { up: 1, loss_pct: 50, latency_ms: 10 })
  else if (what === 'probe') rig.reading(device, s, { up: 0 })
  else if (what === 'late') rig.reading(device, s, { up: 1 }, { time: at(s) - 10 * MINUTE })
  else if (what === 'online' || what === 'offline') rig.status(device, s, what)
  else if (what === 'away') rig.live.away(at(s))
  else if (what === 'listening') rig.live.listening(at(s))
  else rig.collect(s)
}

function expectUnbroken(rig: LiveRig, id: string, s: number): void {
  const spans = [...rig.stored.values()].filter(({ device }) => device === id).sort((a, b) => a.from - b.from)
  spans.forEach((span, index) => {
    const next = spans[index + 1]
    if (span.to !== next?.from) throw new Error(`${id}: ${JSON.stringify(rig.spans(id))}`)
  })
  const { state, since, cause } = rig.device(id, s)
  const last = spans.at(-1)
  expect(last === undefined ? ['unknown', null, 'never_heard'] : [last.state, last.from, last.cause]).toEqual(
    [state, since, cause],
  )
}

describe('which devices there are', () => {
  it('one that is taken out of the registry is removed once; one that is put in appears', () => {
    const rig = new LiveRig([known('a'), known('b')])
    rig.collect(0)
    rig.live.setKnown(
      new Map([
        ['b', known('b')],
        ['c', known('c')],
      ]),
      new Set(),
    )
    const { changed, removed } = rig.collect(1)
    expect(removed).toEqual(['a'])
    expect(changed.map(({ id }) => id).sort()).toEqual(['b', 'c'])
    expect(rig.collect(2).removed).toEqual([])
  })

  it('one that nobody registered is shown when that is allowed, and outlives changes of the registry', () => {
    const rig = new LiveRig([known('a')], true)
    rig.reading('stranger', 0, { up: 1 })
    rig.live.setKnown(new Map([['a', known('a')]]), new Set())
    expect(rig.state('stranger', 1)).toEqual(['up', 0, null])
    const closed = new LiveRig([known('a')])
    closed.reading('stranger', 0, { up: 1 })
    expect(closed.live.has('stranger')).toBe(false)
  })

  it('one whose messages are stored and not shown stays hidden', () => {
    const rig = new LiveRig([known('a')], true)
    rig.live.setKnown(new Map([['a', known('a')]]), new Set(['simulated-1']))
    rig.reading('simulated-1', 0)
    expect(rig.live.has('simulated-1')).toBe(false)
  })
})

describe('values', () => {
  it('are flagged as their readings are: out of range, or timed by their arrival', () => {
    const rig = new LiveRig([known('s', { kind: 'sensor' })])
    rig.reading('s', 0, { pm2_5: 2_001, humidity: 50 })
    rig.reading('s', 0, { temperature: 30 }, { timeIsArrival: true })
    expect(rig.device('s', 0).values).toEqual({
      pm2_5: { value: 2_001, time: T0, flag: 'range' },
      humidity: { value: 50, time: T0 },
      temperature: { value: 30, time: T0, flag: 'arrival_time' },
    })
  })

  it('of one time are those that came last', () => {
    const rig = new LiveRig([known('s', { kind: 'sensor' })])
    rig.reading('s', 0, { pm2_5: 1 })
    rig.reading('s', 0, { pm2_5: 2 })
    expect(rig.device('s', 0).values['pm2_5']?.value).toBe(2)
  })

  it('may bear any name', () => {
    const rig = new LiveRig([known('s', { kind: 'sensor' })])
    rig.reading('s', 0, { constructor: 1 })
    expect(rig.device('s', 0).values).toEqual({ constructor: { value: 1, time: T0 } })
  })
})

describe('a bus', () => {
  const bus = known('bus-1', { kind: 'vehicle', everyS: 10, route: '8M' })
  const position = { lat: -6.18, lon: 106.81, speed: 5, bearing: 90 }

  it('is where it was last, with the trip that it says it runs', () => {
    const rig = new LiveRig([bus])
    rig.reading('bus-1', 0, { speed: 4 }, { position, trip: 't1', direction: 1, occupancy: 'EMPTY' })
    rig.reading('bus-1', 5, { speed: 9 }, { position: { lat: 0, lon: 0 }, time: at(-5) })
    const { transit, position: shown } = rig.device('bus-1', 5)
    expect(shown).toEqual(position)
    expect(transit).toEqual({
      route: '8M',
      trip: 't1',
      direction: 1,
      occupancy: 'EMPTY',
      speed: 5,
      bearing: 90,
      alongM: null,
      offsetM: null,
      time: at(0),
      stale: false,
    })
  })

  it('is stale when its position is older than 90 s, which is told then', () => {
    const rig = new LiveRig([bus])
    rig.reading('bus-1', 0, { speed: 4 }, { position })
    rig.collect(80)
    expect(rig.device('bus-1', 90).transit?.stale).toBe(false)
    expect(rig.collect(90).changed).toEqual([])
    const [changed] = rig.collect(90.001).changed
    expect(changed?.transit?.stale).toBe(true)
  })
})

describe('after a restart', () => {
  it.each([
    ['up', [0, 60, 120], 'reading'],
    ['down by its will', [0], 'offline'],
    ['down by its probe', [0], 'probe'],
    ['degraded', [0, 60, 120], 'poor'],
    ['silent', [0], 'nothing'],
  ] as const)('a device that is %s goes on as it was', (_, times, what) => {
    const before = new LiveRig([known('a')])
    for (const s of times) act(before, 'a', what === 'poor' ? 'poor' : 'reading', s)
    const last = times.at(-1) ?? 0
    if (what === 'offline' || what === 'probe') act(before, 'a', what, last + 1)
    const look = what === 'nothing' ? 500 : last + 2
    before.collect(look)

    const after = new LiveRig([known('a')])
    after.live.restore([latestOf(before, 'a', look)], [...before.stored.values()])
    expect(after.state('a', look)).toEqual(before.state('a', look))
    expect(after.spans('a')).toEqual([])
    // And the same then comes to the same.
    for (const rig of [before, after]) {
      act(rig, 'a', 'reading', look + 60)
      rig.collect(look + 60)
    }
    expect(after.state('a', look + 60)).toEqual(before.state('a', look + 60))
    const merged = new LiveRig([])
    for (const [key, span] of [...before.stored, ...after.stored]) merged.stored.set(key, span)
    expect(merged.spans('a')).toEqual(before.spans('a'))
  })

  it('one that only ever said online, or that was silent for days, is not taken for one that was never heard', () => {
    const before = new LiveRig([known('a'), known('b')])
    before.status('a', 0, 'online')
    before.reading('b', 0)
    before.collect(200)
    before.status('a', 200, 'offline')
    before.collect(400)
    const after = new LiveRig([known('a'), known('b')])
    after.live.restore([], [...before.stored.values()])
    expect(after.state('a', 9 * 86_400)).toEqual(['down', 200, 'last_will'])
    expect(after.state('b', 9 * 86_400)).toEqual(['down', 60, 'silence'])
    expect(after.alerts).toEqual([])
  })
})

function latestOf(rig: LiveRig, id: string, s: number) {
  const { values, lastSeen, conflicts } = rig.device(id, s)
  const times = { lastArrival: lastSeen ?? 0, lastTime: lastSeen ?? 0 }
  return { kind: 'hotspot' as const, device: id, ...times, values, position: null, conflicts }
}

it('ten thousand devices that report are looked at without a sweep', () => {
  const devices = Array.from({ length: 10_000 }, (_, index) => known(`d-${index}`))
  const rig = new LiveRig(devices)
  for (const { id } of devices) rig.reading(id, 0)
  rig.collect(0)
  rig.reading('d-7', 60)
  expect(rig.collect(61).changed.map(({ id }) => id)).toEqual(['d-7'])
  expect(rig.collect(200).changed).toHaveLength(9_999)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Heartbeat,
  nextChange,
  onAway,
  onListening,
  onSign,
  type Sign,
  stateAt,
  unheard,
} from './device-state.ts'

const S = 1_000
const EVERY = 60 * S
const GOOD: Sign = { type: 'reading', up: true, isPoor: false }
const POOR: Sign = { type: 'reading', up: true, isPoor: true }
const DOWN: Sign = { type: 'reading', up: false, isPoor: null }
const ONLINE: Sign = { type: 'online' }
const OFFLINE: Sign = { type: 'offline' }

type Event = readonly [atS: number, sign: Sign | 'listening' | 'away']

/** A device of a broker that has always listened, after these events. */
function folded(...events: readonly Event[]): Heartbeat {
  return events.reduce(
    (heartbeat, [atS, what]) => {
      if (what === 'listening') return onListening(heartbeat, atS * S)
      if (what === 'away') return onAway(heartbeat, atS * S)
      return onSign(heartbeat, what, atS * S)
    },
    unheard(EVERY, 0),
  )
}

const shown = (heartbeat: Heartbeat, atS: number) => {
  const { state, since, cause } = stateAt(heartbeat, atS * S)
  return [state, since === null ? null : since / S, cause]
}

// Expected values: domain rule B2 and its example: every 60 s, three missed, 10 s of grace.
describe('a device', () => {
  it('is unknown before it was ever heard', () => {
    expect(shown(folded(), 10_000)).toEqual(['unknown', null, 'never_heard'])
  })

  it('is up until 250 s and down at 251 s since 120 s after readings at 0 and 60 s', () => {
    const heartbeat = folded([0, GOOD], [60, GOOD])
    expect(shown(heartbeat, 250)).toEqual(['up', 0, null])
    expect(stateAt(heartbeat, 250 * S + 1).state).toBe('down')
    expect(shown(heartbeat, 251)).toEqual(['down', 120, 'silence'])
  })

  it('is up since the reading that ends its silence', () => {
    expect(shown(folded([0, GOOD], [60, GOOD], [400, GOOD]), 400)).toEqual(['up', 400, null])
  })

  it('is down since the arrival of its last will, and up since it is online again', () => {
    const gone = folded([0, GOOD], [70, OFFLINE])
    expect(shown(gone, 70)).toEqual(['down', 70, 'last_will'])
    expect(shown(gone, 9_000)).toEqual(['down', 70, 'last_will'])
    expect(shown(onSign(gone, OFFLINE, 90 * S), 90)).toEqual(['down', 70, 'last_will'])
    expect(shown(onSign(gone, ONLINE, 95 * S), 95)).toEqual(['up', 95, null])
  })

  it('is down since the first reading with up 0; online does not say otherwise, a reading does', () => {
    const failing = folded([0, GOOD], [60, DOWN], [120, DOWN])
    expect(shown(failing, 120)).toEqual(['down', 60, 'probe'])
    expect(shown(onSign(failing, ONLINE, 130 * S), 130)).toEqual(['down', 60, 'probe'])
    expect(shown(onSign(failing, GOOD, 180 * S), 180)).toEqual(['up', 180, null])
  })
})

describe('a device of a server that was away', () => {
  it('is unknown since then, and until its patience ends after the server came back', () => {
    const away = folded([0, GOOD], [60, GOOD], [100, 'away'])
    expect(shown(away, 5_000)).toEqual(['unknown', 100, 'server_away'])
    const back = onListening(away, 1_000 * S)
    expect(shown(back, 1_190)).toEqual(['unknown', 1_000, 'server_away'])
    expect(stateAt(back, 1_190 * S + 1)).toEqual({ state: 'down', since: 1_000 * S, cause: 'silence' })
  })

  it('is down since the reading that failed to come when that was after the server came back', () => {
    const back = folded([0, GOOD], [970, GOOD], [990, 'away'], [1_000, 'listening'])
    expect(shown(back, 1_191)).toEqual(['down', 1_030, 'silence'])
  })

  it('is up since the sign that it gave after the server came back', () => {
    expect(shown(folded([0, GOOD], [100, 'away'], [1_000, 'listening'], [1_010, GOOD]), 1_010)).toEqual([
      'up',
      1_010,
      null,
    ])
  })
})

// Domain rule B8: three poor reports in a row.
describe('a device with a poor link', () => {
  it('is degraded by the third poor report and not before', () => {
    const two = folded([0, GOOD], [60, POOR], [120, POOR])
    expect(shown(two, 120)).toEqual(['up', 0, null])
    expect(shown(onSign(two, POOR, 180 * S), 180)).toEqual(['degraded', 180, 'poor'])
  })

  it('is up again with the first report that is not poor, and counts anew', () => {
    const healed = folded([0, POOR], [60, POOR], [120, POOR], [180, GOOD], [240, POOR], [300, POOR])
    expect(shown(healed, 300)).toEqual(['up', 0, null])
  })

  it('counts anew after an outage', () => {
    const again = folded([0, POOR], [60, POOR], [1_000, POOR], [1_060, POOR])
    expect(shown(again, 1_060)).toEqual(['up', 1_000, null])
    expect(shown(onSign(again, POOR, 1_120 * S), 1_120)).toEqual(['degraded', 1_120, 'poor'])
  })
})

describe('the state at a time', () => {
  const what = fc.constantFrom<Sign | 'listening' | 'away'>(
    GOOD,
    GOOD,
    POOR,
    DOWN,
    ONLINE,
    OFFLINE,
    'listening',
    'away',
  )
  const histories = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 400 }), what), { maxLength: 30 })
    .map((steps) => {
      let atS = 0
      return steps.map(([waitS, sign]): Event => {
        atS += waitS
        return [atS, sign]
      })
    })

  it('changes without a sign only when nextChange says so', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 2_000 }), (events, laterS) => {
        const heartbeat = folded(...events)
        const now = (events.at(-1)?.[0] ?? 0) * S
        const change = nextChange(heartbeat, now)
        const later = now + laterS * S
        const until = change === null ? later : Math.min(later, change - 1)
        expect(stateAt(heartbeat, until)).toEqual(stateAt(heartbeat, now))
        if (change !== null) expect(stateAt(heartbeat, change)).not.toEqual(stateAt(heartbeat, now))
      }),
    )
  })

  it('never begins after that time', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 2_000 }), (events, laterS) => {
        const now = ((events.at(-1)?.[0] ?? 0) + laterS) * S
        expect(stateAt(folded(...events), now).since ?? now).toBeLessThanOrEqual(now)
      }),
    )
  })

  it('is that of the plain rule, read over the whole history', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 600 }),
        (waits, laterS) => {
          let atS = 0
          const arrivals = waits.map((waitS) => {
            atS += waitS
            return atS
          })
          const nowS = atS + laterS
          // The up that runs began at the last arrival that came after more than 190 s of silence, or at the first.
          const begin = arrivals.findLast((one, index) => one - (arrivals[index - 1] ?? -1_000) > 190)
          const expected = laterS > 190 ? ['down', atS + 60, 'silence'] : ['up', begin ?? null, null]
          expect(shown(folded(...arrivals.map((one): Event => [one, GOOD])), nowS)).toEqual(expected)
        },
      ),
    )
  })
})

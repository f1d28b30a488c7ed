import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callFunction, FUNCTION_NAMES } from '../functions.ts'
import vectors from '../vectors.json' with { type: 'json' }
import { checked, list, number, object, oneOf, optional, orNull, table, tuple } from './shape.ts'

describe('a shape', () => {
  const route = object({
    name: oneOf(['1A', '3H']),
    stops: list(tuple(number, orNull(number)), { least: 1 }),
  })

  it('reads what it knows and leaves the rest out', () => {
    expect(route({ name: '1A', stops: [[1, null]], colour: 'red' }, '')).toEqual({
      ok: true,
      value: { name: '1A', stops: [[1, null]] },
    })
  })

  it.each([
    [{ name: '2', stops: [[1, 2]] }, 'name', 'one of 1A, 3H is taken'],
    [{ name: '1A' }, 'stops', 'a list is taken'],
    [{ name: '1A', stops: [] }, 'stops', 'a list of at least 1 is taken'],
    [{ name: '1A', stops: [[1, 2], [1]] }, 'stops[1]', 'a list of 2 is taken'],
    [{ name: '1A', stops: [[1, true]] }, 'stops[0][1]', 'a number is taken, or null'],
    [{ name: '1A', stops: [[Number.NaN, 1]] }, 'stops[0][0]', 'a number is taken'],
    [[], '', 'an object is taken'],
    [null, '', 'an object is taken'],
  ])('of %j names %s', (value, member, rule) => {
    expect(route(value, '')).toEqual({ ok: false, member, rule })
  })

  it('does not take what an object inherits for a member', () => {
    expect(object({ toString: number })({}, '')).toMatchObject({ ok: false, member: 'toString' })
  })

  it('tells absent, null and a value apart', () => {
    const shape = object({ a: optional(number), b: orNull(number) })
    expect(shape({ b: null }, '')).toEqual({ ok: true, value: { a: null, b: null } })
    expect(shape({ a: 1 }, '')).toMatchObject({ ok: false, member: 'b' })
  })

  it('with a rule over several members names the one that breaks it, wherever it stands', () => {
    const rising = checked(tuple(number, number), ([a, b]) =>
      a <= b ? null : { member: '[1]', rule: 'it rises' },
    )
    const span = checked(object({ a: number, b: number }), ({ a, b }) =>
      a <= b ? null : { member: 'b', rule: 'it rises' },
    )
    expect(table(span)({ x: { a: 2, b: 1 } }, 'spans')).toMatchObject({ member: 'spans.x.b' })
    expect(object({ pair: rising })({ pair: [2, 1] }, '')).toMatchObject({ member: 'pair[1]' })
  })
})

describe('the door', () => {
  it('answers whatever comes with a value or an error that names what is wrong, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FUNCTION_NAMES), fc.jsonValue({ maxDepth: 4 }), (name, input) => {
        const outcome = callFunction(name, input)
        expect('value' in outcome || outcome.error.code === 'bad_input').toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('answers worked inputs with one member changed without throwing and without a number that is none', () => {
    const odd = fc.constantFrom<unknown>(null, -1, 0, 1e308, -1e308, 1e-308, '', 'x', [], {}, true, undefined)
    fc.assert(
      fc.property(fc.constantFrom(...vectors), fc.nat(20), odd, ({ fn, input }, at, value) => {
        const members: Record<string, unknown> = { ...input }
        const names = Object.keys(members)
        members[names[at % names.length] ?? ''] = value
        const outcome = callFunction(fn, members)
        const text = JSON.stringify(outcome, (_, member: unknown) =>
          typeof member === 'number' && Number.isNaN(member) ? 'NaN' : member,
        )
        expect(text).not.toContain('"NaN"')
        // Nothing is null without a word why.
        if ('value' in outcome && outcome.value === null) expect([fn, outcome]).toEqual([fn, whyOf(outcome)])
      }),
      { numRuns: 5_000 },
    )
  })

  it('names the member that is absent, for every function and member of the worked cases', () => {
    const mayBeAbsent = new Set([
      'rh',
      'kappa',
      'weights',
      'suspect',
      'fail',
      'post',
      'passengers',
      'seats',
      'capacity',
    ])
    for (const { fn, input } of vectors) {
      for (const name of Object.keys(input)) {
        if (mayBeAbsent.has(name)) continue
        const { [name]: _, ...rest } = input as Readonly<Record<string, unknown>>
        const outcome = callFunction(fn, rest)
        expect('error' in outcome ? outcome.error : [fn, name, outcome]).toMatchObject({
          code: 'bad_input',
          message: expect.stringMatching(new RegExp(`^${name} is absent; `)),
        })
      }
    }
  })
})

const whyOf = (outcome: object): object => ({ ...outcome, reason: expect.any(String) })

interface Heard {
  readonly t: number
  readonly type: 'reading' | 'online' | 'offline'
  readonly up?: 0 | 1
}

/** Domain B2 as a walk through the seconds, with no memory but what was shown a second ago and the last sign. */
function walk(every: number, missed: number, grace: number, events: readonly Heard[], now: number) {
  let [state, since, last]: [string, number | null, number | null] = ['unknown', null, null]
  for (let second = 0; second <= now; second += 1) {
    if (last !== null && state === 'up' && second > last + missed * every + grace) {
      state = 'down'
      since = last + every
    }
    for (const event of events.filter(({ t }) => t === second)) {
      const isDown = event.type === 'offline' || (event.type === 'reading' && event.up === 0)
      if (isDown ? state !== 'down' : state !== 'up') {
        state = isDown ? 'down' : 'up'
        since = second
      }
      if (event.type !== 'offline') last = second
    }
  }
  return { state, since }
}

describe('the state from heartbeats', () => {
  it('is what a walk through the seconds gives', () => {
    const event = fc.record({ t: fc.nat(300), type: fc.constantFrom('reading', 'online') })
    const lastWill = fc.record({ t: fc.nat(300), type: fc.constant('offline' as const) })
    // One cause of down at a time: where will and silence meet, the rule lets the newer word stand.
    const histories = fc.oneof(
      fc.array(event, { maxLength: 12 }),
      fc
        .tuple(fc.array(event, { maxLength: 6 }), lastWill)
        .map(([events, will]) => [
          ...events.filter(({ t }) => t < will.t && t > will.t - 20),
          will,
          ...events.filter(({ t }) => t > will.t),
        ]),
    )
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 400 }), (events, now) => {
        const rule = { every_s: 10, missed: 3, grace_s: 5 }
        const outcome = callFunction('heartbeat_state', { ...rule, events, now })
        const sorted = [...events].sort((a, b) => a.t - b.t)
        expect(outcome).toMatchObject({ value: walk(10, 3, 5, sorted as Heard[], now) })
      }),
      { numRuns: 1_000 },
    )
  })

  it('is unknown by our own absence until the patience after we listened again has ended (domain B2)', () => {
    const input = { every_s: 60, missed: 3, grace_s: 10, events: [{ t: 0, type: 'reading' }], started: 1_000 }
    const at = (now: number) => callFunction('heartbeat_state', { ...input, now })
    expect(at(1_190)).toMatchObject({ value: { state: 'unknown', since: 1_000, cause: 'server_away' } })
    expect(at(1_191)).toMatchObject({ value: { state: 'down', since: 1_000 } })
  })
})

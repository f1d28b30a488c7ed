// Pantau's decoder against the catalogue of wrong input (its numbers are in the names). A refusal names field, value and rule, so
// the words that must stand in it are looked for, not whole sentences.

import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { QuarantineReason } from '../../contract/observation.ts'
import { DAY, formatTime, MINUTE } from '../../contract/time.ts'
import { decoderSuite, LIMITS, messageOf } from './decoder.suite.ts'
import type { Decoded } from './decoder.ts'
import { pantau } from './pantau.ts'

decoderSuite(pantau, fileURLToPath(new URL('./pantau.samples', import.meta.url)))

/** 2026-11-24T08:00:01Z. */
const NOW = Date.parse('2026-11-24T08:00:01.000Z')
const SENSOR = 'pantau/cideng/sensor/env-1/reading'
const VEHICLE = 'pantau/cideng/vehicle/bus-1/reading'
const STATUS = 'pantau/cideng/sensor/env-1/status'
const EVENT = 'pantau/cideng/sensor/env-1/event'

const decode = (payload: string | Uint8Array, topic = SENSOR): Decoded =>
  pantau.decode(messageOf(topic, payload, NOW), LIMITS)

/** An observation as JSON, with members of its own. */
const sent = (members: Record<string, unknown>): string =>
  JSON.stringify({ values: { pm2_5: 12 }, ...members })
const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))
const metrics = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, index]))
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

interface Refused {
  readonly row: number | string
  readonly what: string
  readonly payload: string | Uint8Array
  readonly topic?: string
  readonly reason: QuarantineReason
  readonly words: readonly string[]
}

const REFUSED: readonly Refused[] = [
  { row: 1, what: 'an empty payload', payload: '', reason: 'not_json', words: ['payload is empty'] },
  { row: 2, what: 'JSON cut short', payload: '{"time":', reason: 'not_json', words: ['ends at byte 8'] },
  {
    row: 2,
    what: 'JSON with a fault behind letters of two bytes',
    payload: '{"é":tru}',
    reason: 'not_json',
    words: ['"t" at byte 6'],
  },
  {
    row: 3,
    what: 'bytes that are no UTF-8',
    payload: bytes('{"values":{"pm2_5":1},"x":"', [0xc3, 0x28], '"}'),
    reason: 'not_utf8',
    words: ['not UTF-8'],
  },
  { row: 5, what: 'arrays 10,000 deep', payload: nested(10_000), reason: 'too_deep', words: ['16'] },
  { row: 5, what: 'the same, never closed', payload: '['.repeat(10_000), reason: 'too_deep', words: ['16'] },
  {
    row: 5,
    what: 'objects 10,000 deep in a member that nobody knows',
    payload: `{"values":{"pm2_5":1},"x":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
    reason: 'too_deep',
    words: ['16'],
  },
  {
    row: 5,
    what: 'a value 10,000 deep',
    payload: `{"values":{"pm2_5":${nested(10_000)}}}`,
    reason: 'too_deep',
    words: ['16'],
  },
  {
    row: 5,
    what: 'a member of the position that is 10,000 deep',
    payload: `{"values":{"pm2_5":1},"position":{"lat":-6,"lon":106,"x":${nested(10_000)}}}`,
    reason: 'too_deep',
    words: ['16'],
  },
  {
    row: 8,
    what: 'a time in words',
    payload: sent({ time: 'yesterday' }),
    reason: 'time',
    words: ['"yesterday"', 'not RFC 3339 nor milliseconds'],
  },
  {
    row: 9,
    what: 'a time without offset',
    payload: sent({ time: '2026-11-24T08:00:00' }),
    reason: 'time',
    words: ['offset missing'],
  },
  {
    row: 10,
    what: 'a time in seconds',
    payload: sent({ time: 1_764_000_000 }),
    reason: 'time_too_old',
    words: ['milliseconds, not seconds?'],
  },
  {
    row: 11,
    what: 'a time 31 days old',
    payload: sent({ time: formatTime(NOW - 31 * DAY) }),
    reason: 'time_too_old',
    words: ['2026-10-24T08:00:01.000Z', '30d', 'PANTAU_MAX_AGE'],
  },
  {
    row: 12,
    what: 'a time 6 minutes ahead',
    payload: sent({ time: NOW + 6 * MINUTE }),
    reason: 'time_ahead',
    words: ['2026-11-24T08:06:01.000Z', '5m', 'PANTAU_MAX_AHEAD'],
  },
  {
    row: 13,
    what: 'time 1.5e15',
    payload: '{"time":1.5e15,"values":{"a":1}}',
    reason: 'time_ahead',
    words: [],
  },
  {
    row: 13,
    what: 'a time beyond all dates',
    payload: '{"time":1e300,"values":{"a":1}}',
    reason: 'time_ahead',
    words: ['1e+300'],
  },
  { row: 13, what: 'time -1', payload: sent({ time: -1 }), reason: 'time_too_old', words: ['1969-12-31'] },
  {
    row: 13,
    what: 'the 30th of February',
    payload: sent({ time: '2026-02-30T00:00:00Z' }),
    reason: 'time',
    words: ['no such day'],
  },
  {
    row: 13,
    what: 'the 30th of February, with milliseconds',
    payload: sent({ time: '2026-02-30T00:00:00.000Z' }),
    reason: 'time',
    words: ['no such day'],
  },
  {
    row: 13,
    what: 'a time of null',
    payload: sent({ time: null }),
    reason: 'time',
    words: ['time is null', 'not RFC 3339 nor milliseconds'],
  },
  {
    row: 13,
    what: 'time 1e999',
    payload: '{"time":1e999,"values":{"a":1}}',
    reason: 'time',
    words: ['Infinity'],
  },
  {
    row: 15,
    what: 'NaN',
    payload: '{"values":{"pm2_5":NaN}}',
    reason: 'not_json',
    words: ['"N" at byte 19'],
  },
  {
    row: 15,
    what: 'Infinity',
    payload: '{"values":{"pm2_5":-Infinity}}',
    reason: 'not_json',
    words: ['at byte 19'],
  },
  {
    row: 16,
    what: 'a value beyond all numbers',
    payload: '{"values":{"pm2_5":1e999}}',
    reason: 'not_finite',
    words: ['values.pm2_5', 'finite'],
  },
  ...['"12.3"', 'null', '[1]', '{}'].map((value): Refused => {
    const words = ['values.pm2_5', 'a finite number, true or false']
    return {
      row: 18,
      what: `the value ${value}`,
      payload: `{"values":{"pm2_5":${value}}}`,
      reason: 'value_type',
      words,
    }
  }),
  {
    row: 19,
    what: 'no metric',
    payload: '{"values":{}}',
    reason: 'values_count',
    words: ['no metric', '1 to 64'],
  },
  {
    row: 19,
    what: '65 metrics',
    payload: sent({ values: metrics(65) }),
    reason: 'values_count',
    words: ['65 metrics', '1 to 64'],
  },
  { row: 19, what: 'no values', payload: '{}', reason: 'values_type', words: ['values is absent'] },
  {
    row: 19,
    what: 'values as an array',
    payload: '{"values":[1]}',
    reason: 'values_type',
    words: ['an array'],
  },
  ...['PM2.5', 'a b', `a${'b'.repeat(41)}`, 'é', '__proto__', '', '2nd'].map((name): Refused => {
    const words = [JSON.stringify(name), '1 to 41 of a-z, 0-9 and _']
    return {
      row: 20,
      what: `a metric named ${JSON.stringify(name)}`,
      payload: `{"values":{${JSON.stringify(name)}:1}}`,
      reason: 'metric_name',
      words,
    }
  }),
  { row: 21, what: 'an array of none', payload: '[]', reason: 'batch_size', words: ['holds 0', '1 to 1000'] },
  {
    row: 21,
    what: 'an array of 1,001',
    payload: `[${Array.from({ length: 1_001 }, () => '{"values":{"a":1}}').join(',')}]`,
    reason: 'batch_size',
    words: ['holds 1001', '1 to 1000'],
  },
  {
    row: 24,
    what: 'lat 91',
    payload: sent({ position: { lat: 91, lon: 0 } }),
    reason: 'position',
    words: ['position.lat is 91', '-90 to 90'],
  },
  {
    row: 24,
    what: 'lon 181',
    payload: sent({ position: { lat: 0, lon: 181 } }),
    reason: 'position',
    words: ['position.lon is 181', '-180 to 180'],
  },
  {
    row: 24,
    what: 'lat and lon of Jakarta in each other’s place',
    payload: sent({ position: { lat: 106.8, lon: -6.2 } }),
    reason: 'position',
    words: ['position.lat is 106.8', 'swapped'],
  },
  {
    row: 24,
    what: 'a position of text',
    payload: sent({ position: '-6.2,106.8' }),
    reason: 'position',
    words: ['object with lat and lon'],
  },
  {
    row: 24,
    what: 'a latitude of text',
    payload: sent({ position: { lat: '-6.2', lon: 106.8 } }),
    reason: 'position',
    words: ['position.lat is "-6.2"'],
  },
  {
    row: 25,
    what: 'a vehicle without position',
    payload: sent({}),
    topic: VEHICLE,
    reason: 'position',
    words: ['required for vehicle'],
  },
  ...[-1, 1.5, 2 ** 53].map((seq): Refused => {
    return {
      row: 26,
      what: `seq ${seq}`,
      payload: sent({ seq }),
      reason: 'seq',
      words: [`seq is ${seq}`, '2^53-1'],
    }
  }),
  { row: 26, what: 'seq as text', payload: sent({ seq: '1' }), reason: 'seq', words: ['seq is "1"'] },
  {
    row: 27,
    what: 'direction 2',
    payload: sent({ position: { lat: -6.2, lon: 106.8 }, direction: 2 }),
    topic: VEHICLE,
    reason: 'direction',
    words: ['direction is 2', '0 or 1'],
  },
  {
    row: 27,
    what: 'an occupancy that is none',
    payload: sent({ position: { lat: -6.2, lon: 106.8 }, occupancy: 'CROWDED' }),
    topic: VEHICLE,
    reason: 'occupancy',
    words: ['"CROWDED"', 'STANDING_ROOM_ONLY'],
  },
  {
    row: 27,
    what: 'a trip of 129 letters',
    payload: sent({ position: { lat: -6.2, lon: 106.8 }, trip: 'x'.repeat(129) }),
    topic: VEHICLE,
    reason: 'trip',
    words: ['1 to 128'],
  },
  {
    row: 27,
    what: 'a route that is a number',
    payload: sent({ position: { lat: -6.2, lon: 106.8 }, route: 8 }),
    topic: VEHICLE,
    reason: 'trip',
    words: ['route is 8'],
  },
  {
    row: 28,
    what: 'bearing 360.1',
    payload: sent({ position: { lat: -6.2, lon: 106.8, bearing: 360.1 } }),
    reason: 'position',
    words: ['position.bearing is 360.1', '0 to 360'],
  },
  {
    row: 28,
    what: 'speed -1',
    payload: sent({ position: { lat: -6.2, lon: 106.8, speed: -1 } }),
    reason: 'position',
    words: ['position.speed is -1'],
  },
  {
    row: 29,
    what: 'a payload of 65,537 bytes',
    payload: ' '.repeat(65_537),
    reason: 'too_large',
    words: ['65537', '65536', 'PANTAU_LIMIT_PAYLOAD'],
  },
  {
    row: 36,
    what: 'status maybe',
    payload: 'maybe',
    topic: STATUS,
    reason: 'status',
    words: ['"maybe"', 'online or offline'],
  },
  {
    row: 36,
    what: 'a status of 10 KiB',
    payload: 'x'.repeat(10_240),
    topic: STATUS,
    reason: 'status',
    words: ['10240 bytes', 'online or offline'],
  },
  { row: 36, what: 'status Online', payload: 'Online', topic: STATUS, reason: 'status', words: ['"Online"'] },
  { row: '-', what: 'a number', payload: '12.3', reason: 'not_object', words: ['12.3', 'a JSON object'] },
  { row: '-', what: 'null', payload: 'null', reason: 'not_object', words: ['null'] },
  { row: '-', what: 'an event of text', payload: '"boot"', topic: EVENT, reason: 'event', words: ['"boot"'] },
  {
    row: '-',
    what: 'an event without a name',
    payload: '{"detail":{}}',
    topic: EVENT,
    reason: 'event',
    words: ['event is absent'],
  },
  {
    row: '-',
    what: 'an event of next year',
    payload: '{"event":"boot","time":"2027-11-24T08:00:00Z"}',
    topic: EVENT,
    reason: 'time_ahead',
    words: ['PANTAU_MAX_AHEAD'],
  },
  {
    row: '-',
    what: 'an event whose detail is 10,000 deep',
    payload: `{"event":"boot","detail":${nested(10_000)}}`,
    topic: EVENT,
    reason: 'too_deep',
    words: ['16'],
  },
]

describe('a message that cannot be taken', () => {
  it.each(REFUSED)('row $row: $what goes to quarantine as $reason', ({ payload, topic, reason, words }) => {
    const { observations, status, event, quarantined } = decode(payload, topic)
    expect({ observations, status, event }).toEqual({ observations: [], status: null, event: null })
    expect(quarantined.map((entry) => entry.reason)).toEqual([reason])
    for (const word of words) expect(quarantined[0]?.detail).toContain(word)
    expect(quarantined[0]).toMatchObject({ arrival: NOW, device: topic === VEHICLE ? 'bus-1' : 'env-1' })
  })

  it('is kept by its first 4 KiB', () => {
    const [kept] = decode('x'.repeat(10_240), STATUS).quarantined
    expect(kept?.payload).toBe('x'.repeat(4_096))
  })

  it('tells the error of the clock when it is refused for its time', () => {
    expect(decode(sent({ time: NOW + DAY })).refusedTimes).toEqual([NOW + DAY])
    expect(decode(`[${sent({ time: NOW - 31 * DAY })},${sent({ time: NOW })}]`).refusedTimes).toEqual([
      NOW - 31 * DAY,
    ])
    expect(decode(sent({ time: 'yesterday' })).refusedTimes).toEqual([])
  })
})

describe('a message that is odd', () => {
  it('row 4: begins with a byte order mark, which is skipped and counted', () => {
    const { observations, notes } = decode(bytes([0xef, 0xbb, 0xbf], sent({})))
    expect(observations).toHaveLength(1)
    expect(notes).toEqual({ byte_order_mark: 1 })
  })

  it('row 4: places of faults count the mark', () => {
    const [entry] = decode(bytes([0xef, 0xbb, 0xbf], '{"time":')).quarantined
    expect(entry?.detail).toContain('ends at byte 11')
  })

  it('row 6: carries __proto__ or constructor, which are unknown members and change nothing', () => {
    const payload =
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"values":{"pm2_5":1,"constructor":2}}'
    const { observations, notes } = decode(payload)
    expect(notes).toEqual({ unknown_member: 2 })
    expect(Object.entries(observations[0]?.values ?? {})).toEqual([
      ['pm2_5', 1],
      ['constructor', 2],
    ])
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('row 7: gives a member twice, and the last stands', () => {
    const { observations } = decode('{"values":{"pm2_5":1},"values":{"pm10":2}}')
    expect(observations.map(({ values }) => values)).toEqual([{ pm10: 2 }])
  })

  it('row 14: has a leap second, which counts as the next second', () => {
    const payload = sent({ time: '2026-11-24T07:59:60Z' })
    const { observations, notes } = decode(payload)
    expect(observations[0]?.time).toBe(Date.parse('2026-11-24T08:00:00Z'))
    expect(notes).toEqual({ leap_second: 1 })
  })

  it('row 17: has numbers at the edge, which are kept exact', () => {
    const { observations } = decode('{"values":{"a":1e308,"b":-0,"c":5e-324}}')
    const values = observations[0]?.values ?? {}
    expect(
      Object.is(values['a'], 1e308) && Object.is(values['b'], -0) && Object.is(values['c'], 5e-324),
    ).toBe(true)
  })

  it('is nested just as deep as is taken', () => {
    expect(decode(`{"values":{"pm2_5":1},"x":${nested(15)}}`).observations).toHaveLength(1)
    expect(decode(`{"values":{"pm2_5":1},"x":${nested(16)}}`).quarantined[0]?.reason).toBe('too_deep')
    expect(decode(`[{"values":{"pm2_5":1},"x":${nested(14)}}]`).observations).toHaveLength(1)
    expect(decode(`[{"values":{"pm2_5":1},"x":${nested(15)}}]`).quarantined[0]?.reason).toBe('too_deep')
  })

  it('holds brackets in text, which nest nothing', () => {
    expect(decode(sent({ note: '['.repeat(1_000) })).observations).toHaveLength(1)
  })

  it('is at the bounds: 64 metrics, 41 letters, 1,000 observations, ages to the millisecond', () => {
    expect(decode(sent({ values: metrics(64) })).observations).toHaveLength(1)
    expect(decode(sent({ values: { [`a${'b'.repeat(40)}`]: 1 } })).observations).toHaveLength(1)
    const thousand = `[${Array.from({ length: 1_000 }, () => '{"values":{"a":1}}').join(',')}]`
    expect(decode(thousand).observations).toHaveLength(1_000)
    expect(decode(sent({ time: NOW - 30 * DAY })).observations).toHaveLength(1)
    expect(decode(sent({ time: NOW - 30 * DAY - 1 })).observations).toHaveLength(0)
    expect(decode(sent({ time: NOW + 5 * MINUTE })).observations).toHaveLength(1)
    expect(decode(sent({ time: NOW + 5 * MINUTE + 1 })).observations).toHaveLength(0)
    expect(decode(sent({ seq: 2 ** 53 - 1 })).observations[0]?.seq).toBe(2 ** 53 - 1)
    const edge = { lat: -90, lon: 180, bearing: 360 }
    expect(decode(sent({ position: edge })).observations[0]?.position).toEqual(edge)
  })
})

describe('an array', () => {
  it('row 22: with one bad of three gives two readings, and one in quarantine with its index and its own text', () => {
    const bad = '{"values": {"pm2_5": "12,]"}, "seq": 2}'
    const { observations, quarantined } = decode(`[${sent({ seq: 1 })}, ${bad} ,${sent({ seq: 3 })}]`)
    expect(observations.map(({ seq }) => seq)).toEqual([1, 3])
    expect(quarantined).toEqual([
      {
        reason: 'value_type',
        detail: 'observation 1: values.pm2_5 is "12,]"; a finite number, true or false is taken',
        topic: SENSOR,
        device: 'env-1',
        arrival: NOW,
        payload: bad,
      },
    ])
  })

  it('keeps of what it could not take no more than was sent', () => {
    const payload = `[${Array.from({ length: 1_000 }, (_, index) => `{"values":${index}}`).join(',')}]`
    const { quarantined } = decode(payload)
    expect(quarantined).toHaveLength(1_000)
    const kept = quarantined.reduce((sum, entry) => sum + entry.payload.length, 0)
    expect(kept).toBeLessThan(payload.length)
    expect(quarantined[999]?.payload).toBe('{"values":999}')
  })

  it('holds an array, which is no observation', () => {
    expect(decode('[[{"values":{"a":1}}]]').quarantined[0]).toMatchObject({
      reason: 'not_object',
      detail: 'observation 0: an observation is an array; a JSON object is taken',
    })
  })
})

describe('times', () => {
  it('are read to the millisecond, whatever their form', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: NOW - 29 * DAY, max: NOW }),
        fc.constantFrom('Z', '+07:00', 'ms'),
        (time, form) => {
          const text = formatTime(form === '+07:00' ? time + 7 * 60 * MINUTE : time)
          const written = form === 'ms' ? time : form === 'Z' ? text : text.replace('Z', form)
          expect(decode(sent({ time: written })).observations[0]?.time).toBe(time)
        },
      ),
    )
  })

  it.each([
    ['2026-11-24T08:00:00.9999Z', '2026-11-24T08:00:00.999Z'],
    ['2026-11-24t08:00:00.5z', '2026-11-24T08:00:00.500Z'],
    ['2026-11-24T08:00:00.000+00:00', '2026-11-24T08:00:00.000Z'],
  ])('%s is %s', (written, time) => {
    expect(decode(sent({ time: written })).observations[0]?.time).toBe(Date.parse(time))
  })

  it.each([
    '2026-11-24T08:00:0x.000Z',
    '2026-11-24T08:00:61.000Z',
    '2026-11-24T24:00:00.000Z',
    '2026-11-24 08:00:00.0000',
  ])('%s is none', (written) => {
    expect(decode(sent({ time: written })).quarantined[0]?.reason).toBe('time')
  })

  it('in milliseconds with a fraction are cut off', () => {
    expect(decode(sent({ time: NOW - 0.25 })).observations[0]?.time).toBe(NOW - 1)
  })
})

describe('channels to a device', () => {
  it('say nothing of it', () => {
    const { observations, quarantined } = decode('{"every_s":60}', 'pantau/cideng/sensor/env-1/config')
    expect({ observations, quarantined }).toEqual({ observations: [], quarantined: [] })
  })
})

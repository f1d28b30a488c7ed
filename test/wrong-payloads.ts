// Payloads that cannot be taken, each with the reason and the words that the catalogue of wrong input (reliability 10) gives it.

import type { QuarantineReason } from '../contract/observation.ts'
import { DAY, MINUTE } from '../contract/time.ts'

export interface WrongPayload {
  /** Row of the catalogue. */
  readonly row: number
  readonly what: string
  readonly payload: string | Uint8Array
  /** `bus` sends as a vehicle, `air` as a sensor. */
  readonly from?: 'air' | 'bus'
  readonly channel?: 'reading' | 'status' | 'event'
  readonly reason: QuarantineReason
  readonly words: readonly string[]
}

const sent = (members: object): string => JSON.stringify({ values: { pm2_5: 12 }, ...members })
const metrics = (count: number): string =>
  sent({ values: Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, index])) })
const batch = (count: number): string =>
  `[${Array.from({ length: count }, () => '{"values":{"a":1}}').join(',')}]`
const place = { lat: -6.17, lon: 106.807 }

/** `now` is a time near which the village takes these, for the bounds of device times. */
export function wrongPayloads(now: number): readonly WrongPayload[] {
  return [
    { row: 1, what: 'nothing', payload: '', reason: 'not_json', words: ['payload is empty'] },
    { row: 2, what: 'JSON cut short', payload: '{"time":', reason: 'not_json', words: ['byte 8'] },
    {
      row: 3,
      what: 'bytes that are no UTF-8',
      payload: Buffer.from('{"values":{"pm2_5":1},"x":"\xc3("}', 'latin1'),
      reason: 'not_utf8',
      words: ['UTF-8'],
    },
    {
      row: 5,
      what: 'arrays 10,000 deep',
      payload: `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
      reason: 'too_deep',
      words: ['16'],
    },
    ...wrongTimes(now),
    { row: 15, what: 'a bare NaN', payload: '{"values":{"pm2_5":NaN}}', reason: 'not_json', words: ['byte'] },
    {
      row: 15,
      what: 'a bare Infinity',
      payload: '{"values":{"pm2_5":Infinity}}',
      reason: 'not_json',
      words: ['byte'],
    },
    {
      row: 16,
      what: '1e999',
      payload: '{"values":{"pm2_5":1e999}}',
      reason: 'not_finite',
      words: ['pm2_5', 'finite'],
    },
    ...wrongValues(),
    { row: 21, what: 'an array of none', payload: '[]', reason: 'batch_size', words: ['0', '1000'] },
    {
      row: 21,
      what: 'an array of 1,001',
      payload: batch(1_001),
      reason: 'batch_size',
      words: ['1001', '1000'],
    },
    ...wrongMembers(),
    {
      row: 29,
      what: '65,537 bytes',
      payload: sent({ pad: 'x'.repeat(65_537 - sent({ pad: '' }).length) }),
      reason: 'too_large',
      words: ['65537', '65536'],
    },
    {
      row: 36,
      what: 'the status maybe',
      channel: 'status',
      payload: 'maybe',
      reason: 'status',
      words: ['maybe', 'online', 'offline'],
    },
    {
      row: 36,
      what: 'a status of 10 KiB',
      channel: 'status',
      payload: 'x'.repeat(10_240),
      reason: 'status',
      words: ['online', 'offline'],
    },
  ]
}

function wrongTimes(now: number): WrongPayload[] {
  const at = (time: unknown): string => sent({ time })
  return [
    {
      row: 8,
      what: 'a time in words',
      payload: at('yesterday'),
      reason: 'time',
      words: ['not RFC 3339 nor milliseconds'],
    },
    {
      row: 9,
      what: 'a time without offset',
      payload: at('2026-11-24T08:00:00'),
      reason: 'time',
      words: ['offset missing'],
    },
    {
      row: 10,
      what: 'a time in seconds',
      payload: at(Math.floor(now / 1_000)),
      reason: 'time_too_old',
      words: ['milliseconds, not seconds?'],
    },
    {
      row: 11,
      what: 'a time 31 days old',
      payload: at(now - 31 * DAY),
      reason: 'time_too_old',
      words: ['30d'],
    },
    {
      row: 12,
      what: 'a time far ahead',
      payload: at(now + 30 * MINUTE),
      reason: 'time_ahead',
      words: ['5m'],
    },
    {
      row: 13,
      what: 'a time of 1.5e15',
      payload: '{"time":1.5e15,"values":{"a":1}}',
      reason: 'time_ahead',
      words: ['5m'],
    },
    { row: 13, what: 'a time of -1', payload: at(-1), reason: 'time_too_old', words: ['30d'] },
    {
      row: 13,
      what: 'the 30th of February',
      payload: at('2026-02-30T00:00:00Z'),
      reason: 'time',
      words: ['no such day'],
    },
  ]
}

function wrongValues(): WrongPayload[] {
  return [
    ...['"12.3"', 'null', '[1]', '{}'].map(
      (value): WrongPayload => ({
        row: 18,
        what: `the value ${value}`,
        payload: `{"values":{"pm2_5":${value}}}`,
        reason: 'value_type',
        words: ['pm2_5', 'number'],
      }),
    ),
    { row: 19, what: 'no metric', payload: '{"values":{}}', reason: 'values_count', words: ['64'] },
    { row: 19, what: '65 metrics', payload: metrics(65), reason: 'values_count', words: ['65', '64'] },
    ...['PM2.5', 'a b', `a${'b'.repeat(41)}`, 'é'].map(
      (name): WrongPayload => ({
        row: 20,
        what: `a metric named ${name}`,
        payload: `{"values":{"${name}":1}}`,
        reason: 'metric_name',
        words: [name],
      }),
    ),
  ]
}

function wrongMembers(): WrongPayload[] {
  const from = 'bus'
  return [
    {
      row: 24,
      what: 'lat 91',
      payload: sent({ position: { lat: 91, lon: 0 } }),
      reason: 'position',
      words: ['lat', '91'],
    },
    {
      row: 24,
      what: 'lon 181',
      payload: sent({ position: { lat: 0, lon: 181 } }),
      reason: 'position',
      words: ['lon', '181'],
    },
    {
      row: 24,
      what: 'lat and lon in the place of each other',
      payload: sent({ position: { lat: 106.8, lon: -6.2 } }),
      reason: 'position',
      words: ['swapped'],
    },
    {
      row: 25,
      what: 'a vehicle without position',
      from,
      payload: sent({}),
      reason: 'position',
      words: ['required for vehicle'],
    },
    ...[-1, 1.5, 2 ** 53].map(
      (seq): WrongPayload => ({
        row: 26,
        what: `seq ${seq}`,
        payload: sent({ seq }),
        reason: 'seq',
        words: [String(seq)],
      }),
    ),
    {
      row: 27,
      what: 'direction 2',
      from,
      payload: sent({ position: place, direction: 2 }),
      reason: 'direction',
      words: ['0 or 1'],
    },
    {
      row: 27,
      what: 'an occupancy that is none',
      from,
      payload: sent({ position: place, occupancy: 'CROWDED' }),
      reason: 'occupancy',
      words: ['CROWDED', 'FULL'],
    },
    {
      row: 28,
      what: 'a bearing of 360.1',
      from,
      payload: sent({ position: { ...place, bearing: 360.1 } }),
      reason: 'position',
      words: ['position.bearing', '360'],
    },
  ]
}

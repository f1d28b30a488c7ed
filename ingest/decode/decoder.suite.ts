// What every decoder promises: each of its samples is decoded as the sample says, and whatever else comes, cut, changed or random,
// is answered by a value, never by an exception.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QUARANTINE_REASONS } from '../../contract/observation.ts'
import { DAY, MINUTE, type TimeMs } from '../../contract/time.ts'
import { parseTopic, type Topic } from '../../contract/topics.ts'
import type { Decoded, DecodeLimits, Decoder, Message } from './decoder.ts'

/** A file of a decoder's `x.samples/`. */
interface Sample {
  readonly topic: string
  readonly arrival: TimeMs
  readonly payload: string
  readonly decoded: Decoded
}

export const LIMITS: DecodeLimits = { maxAgeMs: 30 * DAY, maxAheadMs: 5 * MINUTE, maxPayloadBytes: 65_536 }

export function messageOf(topic: string, payload: string | Uint8Array, arrival: TimeMs): Message {
  const parsed = parseTopic(topic)
  if (parsed === null) throw new Error(`${topic} is no topic`)
  return { topic, parsed, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, arrival }
}

export function decoderSuite(decoder: Decoder, samplesFolder: string): void {
  const samples = readdirSync(samplesFolder).map((name) => ({
    name: name.replace('.json', '').replaceAll('-', ' '),
    ...(JSON.parse(readFileSync(join(samplesFolder, name), 'utf8')) as Sample),
  }))
  const decode = (sample: Sample, payload: string | Uint8Array): Decoded =>
    decoder.decode(messageOf(sample.topic, payload, sample.arrival), LIMITS)

  describe(`the decoder ${decoder.name}`, () => {
    it.each(samples)('decodes its sample "$name"', (sample) => {
      expect(decoder.accepts(parseTopic(sample.topic) as Topic)).toBe(true)
      expect(decode(sample, sample.payload)).toEqual(sample.decoded)
    })

    it.each(samples)('answers "$name" cut at any byte', (sample) => {
      const bytes = Buffer.from(sample.payload)
      for (let length = 0; length < bytes.length; length += 1) {
        expectWhole(decode(sample, bytes.subarray(0, length)), sample)
      }
    })

    it('answers any bytes', () => {
      fc.assert(
        fc.property(fc.constantFrom(...samples), fc.uint8Array({ maxLength: 200 }), (sample, bytes) => {
          expectWhole(decode(sample, bytes), sample)
        }),
        { numRuns: 500 },
      )
    })

    it('answers its samples with any byte changed', () => {
      fc.assert(
        fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat(255), (sample, place, byte) => {
          const bytes = Buffer.from(sample.payload)
          bytes[place % bytes.length] = byte
          expectWhole(decode(sample, bytes), sample)
        }),
        { numRuns: 1_000 },
      )
    })

    it('answers any JSON', () => {
      fc.assert(
        fc.property(fc.constantFrom(...samples), fc.json({ maxDepth: 20 }), (sample, json) => {
          expectWhole(decode(sample, json), sample)
        }),
        { numRuns: 500 },
      )
    })
  })
}

/** Whatever was sent: what was taken is of the sender, what was not has a reason that is known and words for it. */
function expectWhole(decoded: Decoded, { topic, arrival }: Sample): void {
  const { observations, quarantined, status, event } = decoded
  const device = parseTopic(topic)?.device
  const outcomes = observations.length + quarantined.length + Number(status !== null) + Number(event !== null)
  if (outcomes === 0) throw new Error('neither taken nor set aside')
  for (const observation of observations) {
    if (observation.device !== device || observation.arrival !== arrival) throw new Error('of another device')
    const values = Object.values(observation.values)
    if (values.length === 0 || !values.every(Number.isFinite)) throw new Error(`values are ${values}`)
    if (!Number.isSafeInteger(observation.time)) throw new Error(`time is ${observation.time}`)
  }
  for (const { reason, detail, payload } of quarantined) {
    if (!Object.hasOwn(QUARANTINE_REASONS, reason) || detail === '') throw new Error(`${reason}: ${detail}`)
    if (payload.length > 4_096) throw new Error('more is kept than 4 KiB')
  }
}

import { describe, expect, it } from 'vitest'
import { parseTopic } from '../../contract/topics.ts'
import { PERSONAL } from '../test/personal.ts'
import type { Decoded } from './decoder.ts'
import { masked, maskedJson } from './mask.ts'
import { pantau } from './pantau.ts'

describe('what tells people apart', () => {
  it.each(PERSONAL)('%s is blanked: %s', (_form, text) => {
    for (const around of ['%', 'seen %!', '{"mac":"%"}', 'a=%;b', '%,%']) {
      const sent = around.replaceAll('%', text)
      const kept = masked(sent)
      expect(kept).not.toContain(text)
      expect(kept.replaceAll(/\[\w+\]/g, '')).not.toMatch(/[0-9a-f]{4}/i)
    }
  })

  it.each([
    '{"time":"2026-11-24T08:00:00.000Z","seq":42,"values":{"pm2_5":12.3}}',
    '{"time":1764000000000,"values":{"pressure":1013.25}}',
    '{"time":1.5e15,"seq":9007199254740991}',
    '{"position":{"lat":-6.170212345678901,"lon":106.807112345678901}}',
    '1764000000000000',
    '2026-11-24 08:00:00',
    '08:00:00',
    '127.0.0.1:8080',
    '2001:db8:85a3::8a2e:370:7334',
    'sensor-001a2b',
    'firmware 1.20.300-rc4',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '123456789012',
    '-0.812345678',
    '0.0812345678901',
  ])('%s is none, and stays', (text) => {
    expect(masked(text)).toBe(text)
  })

  it('is found in the values and names of an object, at any depth', () => {
    expect(
      maskedJson({
        '00:1a:2b:3c:4d:5e': [{ phone: '+6281234567890', imei: 490154203237518 }],
        rssi: -60,
        up: true,
      }),
    ).toEqual({ '[address]': [{ phone: '[phone]', imei: '[handset]' }], rssi: -60, up: true })
  })

  // A pattern that backtracks would end by the test's time-out.
  it('is looked for in time that grows as the text does', () => {
    for (const text of ['0', '+', '08 ', 'ab:', '62 8', '(0', '49-']) {
      expect(masked(text.repeat(30_000)).length).toBeGreaterThan(0)
    }
  })
})

describe('what quarantine and an event keep', () => {
  const limits = { maxAgeMs: 86_400_000, maxAheadMs: 300_000, maxPayloadBytes: 65_536 }
  const decode = (channel: 'reading' | 'event', payload: string): Decoded => {
    const topic = `pantau/cideng/hotspot/hs-1/${channel}`
    const parsed = parseTopic(topic)
    if (parsed === null) throw new Error(topic)
    return pantau.decode({ topic, parsed, payload: Buffer.from(payload), arrival: 1_764_000_000_000 }, limits)
  }

  it.each(PERSONAL)('has no %s', (_form, text) => {
    const refused = decode('reading', JSON.stringify({ values: { clients: text }, seen: [text] }))
    expect(refused.quarantined).toHaveLength(1)
    expect(JSON.stringify(refused.quarantined)).not.toContain(text)
    const { event } = decode('event', JSON.stringify({ event: 'tamper', detail: { by: text, [text]: 1 } }))
    expect(JSON.stringify(event)).not.toContain(text)
    expect(JSON.stringify(event?.detail)).toMatch(/\[(address|handset|identity|phone)\]/)
  })

  it('has no half of an address either, where the first 4 KiB end in one', () => {
    const address = '00:1a:2b:3c:4d:5e'
    for (let at = 4_078; at <= 4_096; at += 1) {
      const { quarantined } = decode('reading', `${'x'.repeat(at - 1)} ${address}`)
      expect(quarantined[0]?.payload.length).toBeLessThanOrEqual(4_096)
      expect(quarantined[0]?.payload).not.toContain('00:')
    }
  })
})

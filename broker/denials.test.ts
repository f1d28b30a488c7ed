import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../contract/time.ts'
import type { AuditEvent } from '../runtime/audit.ts'
import { Denials } from './denials.ts'

function denials() {
  const time = { ms: 0 }
  const events: AuditEvent[] = []
  const audit = { append: async (event: AuditEvent) => void events.push(event) }
  const clock = { now: () => time.ms, monotonicMs: () => time.ms }
  return { time, events, denied: new Denials(audit, clock, pino({ level: 'silent' })) }
}

describe('what is denied to somebody who has signed in', () => {
  it('is in the audit trail with who, from where and what', () => {
    const { events, denied } = denials()
    denied.note('air-1 at 192.0.2.7', 'pantau/cideng/sensor/air-2/reading')
    expect(events).toEqual([
      {
        who: 'air-1',
        from: '192.0.2.7',
        what: 'mqtt.denied',
        on: 'pantau/cideng/sensor/air-2/reading',
        result: 'refused',
      },
    ])
  })

  it('is told of once an hour, however often it is tried', () => {
    const { time, events, denied } = denials()
    for (let minute = 0; minute < 121; minute += 1) {
      denied.note('air-1 at 192.0.2.7', 'x'.repeat(60_000))
      time.ms += MINUTE
    }
    expect(events.map(({ on }) => on?.length)).toEqual([200, 200, 200])
  })

  it('is told of ten times a minute at most, of however many', () => {
    const { time, events, denied } = denials()
    for (let device = 0; device < 5_000; device += 1) denied.note(`d-${device} at ::1`, 'x')
    expect(events).toHaveLength(10)
    time.ms += HOUR
    denied.note('d-4999 at ::1', 'x')
    expect(events).toHaveLength(11)
  })
})

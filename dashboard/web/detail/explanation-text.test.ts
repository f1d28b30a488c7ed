import { describe, expect, it } from 'vitest'
import { explainPath } from './explanation.ts'
import { inputText } from './explanation-text.ts'

// The page begins in Indonesian, in the time of Jakarta.
describe('what stands in an explanation', () => {
  it('has availability cut to two decimals, never rounded up', () => {
    expect(inputText({ name: 'availability', value: 99.999, unit: '%' })).toBe('99,99%')
    expect(inputText({ name: 'availability', value: 100, unit: '%' })).toBe('100,00%')
  })

  it('has numbers with the digits that a check by hand needs', () => {
    expect(inputText({ name: 'latency_p95_ms', value: 102.2, unit: 'ms' })).toBe('102,2 ms')
    expect(inputText({ name: 'coefficient', value: 0.0862 })).toBe('0,0862')
    expect(inputText({ name: 'down_s', value: 90, unit: 's' })).toBe('1 mnt (90 s)')
    expect(inputText({ name: 'clients', value: null })).toBe('–')
  })

  it('has times to the second, states and causes in words, and what is not known as it is', () => {
    expect(inputText({ name: 'since', value: '2026-11-24T08:00:05.000Z', unit: 'time' })).toBe(
      '24 Nov 15.00.05 WIB',
    )
    expect(inputText({ name: 'parent_state', value: 'down' })).toBe('Gangguan')
    expect(inputText({ name: 'cause', value: 'parent:uplink-1' })).toBe('Terdampak gangguan uplink-1')
    expect(inputText({ name: 'maintenance_reason', value: 'ganti antena' })).toBe('ganti antena')
    expect(inputText({ name: 'up', value: 0 })).toBe('tidak')
  })
})

describe('the address of an explanation', () => {
  it('names device or stop, value and period', () => {
    expect(explainPath({ device: 'hs-1', value: 'availability', from: 0, at: 1_000 })).toBe(
      '/api/v1/explain?device=hs-1&value=availability&from=1970-01-01T00%3A00%3A00.000Z&at=1970-01-01T00%3A00%3A01.000Z',
    )
    expect(explainPath({ stop: 'B 1', value: 'arrival', route: '1R' })).toBe(
      '/api/v1/explain?stop=B+1&route=1R&value=arrival',
    )
  })
})

import { describe, expect, it } from 'vitest'
import { createFormats } from './format.ts'

const id = createFormats('id', 'Asia/Jakarta')
const en = createFormats('en', 'Asia/Jakarta')
const TIME = Date.parse('2026-11-24T08:05:00.000Z')

// The table of reference/ui 2.11.
describe('formats', () => {
  it.each([
    ['number', id.number(1_234_567.9), en.number(1_234_567.9), '1.234.567,9', '1,234,567.9'],
    ['percent', id.percent(0.9987, 2), en.percent(0.9987, 2), '99,87%', '99.87%'],
    ['clock', id.clock(TIME), en.clock(TIME), '15.05 WIB', '15:05 WIB'],
    ['minutes ago', id.relative(-185_000), en.relative(-185_000), '3 menit yang lalu', '3 minutes ago'],
    ['particles', id.value(35.4, 'ug/m3'), en.value(35.4, 'ug/m3'), '35,4 µg/m³', '35.4 µg/m³'],
    ['degrees', id.value(29.1, 'degC'), en.value(29.1, 'degC'), '29,1°C', '29.1°C'],
    ['particles above 100', id.value(135.4, 'ug/m3'), en.value(135.4, 'ug/m3'), '135 µg/m³', '135 µg/m³'],
    ['metres', id.distance(254), en.distance(254), '250 m', '250 m'],
    ['kilometres', id.distance(1_840), en.distance(1_840), '1,8 km', '1.8 km'],
    ['age', id.span(40_000), en.span(40_000), '40 dtk', '40 s'],
    [
      'list',
      id.list(['PM2.5', 'O3', 'CO']),
      en.list(['PM2.5', 'O3', 'CO']),
      'PM2.5, O3, dan CO',
      'PM2.5, O3 and CO',
    ],
  ])('%s in both languages', (_what, indonesian, english, wantedId, wantedEn) => {
    expect([indonesian, english]).toEqual([wantedId, wantedEn])
  })

  it('are of the village’s zone, and name it', () => {
    expect(createFormats('id', 'Asia/Makassar').clock(TIME)).toBe('16.05 WITA')
    expect(id.when(TIME, TIME + 3_600_000)).toBe('15.05 WIB')
    expect(id.when(TIME, TIME + 86_400_000)).toBe('24 Nov 2026, 15.05 WIB')
  })

  it('never says that nothing or all is known where it is not so', () => {
    const { known } = createFormats('id', 'Asia/Jakarta')
    expect([0, 0.0004, 0.5, 0.9996, 1].map((share) => known(share))).toEqual([
      '0%',
      '<1%',
      '50%',
      '>99%',
      '100%',
    ])
    expect([known(0.0004, 1), known(0.9996, 1)]).toEqual(['<0,1%', '>99,9%'])
  })
})

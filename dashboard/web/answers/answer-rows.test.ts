import { describe, expect, it } from 'vitest'
import type { ArrivalsAnswer } from '../../../contract/api.ts'
import { feature } from '../feature.fixture.ts'
import { createFormats } from '../format.ts'
import { en } from '../text/en.ts'
import { id } from '../text/id.ts'
import { createWords } from '../text/words.ts'
import { type AnswersInput, answerRows } from './answer-rows.ts'

const NOW = Date.parse('2026-11-24T08:00:00.000Z')
const ago = (ms: number): string => new Date(NOW - ms).toISOString()

const ARRIVALS: ArrivalsAnswer = {
  stop: 's1',
  name: 'Tarakan',
  time: ago(0),
  arrivals: [
    { route: '8M', headsign: 'Kota', trip: null, direction: 0, basis: 'live', predicted: ago(-4.5 * 60_000) },
  ],
}

function input(members: Partial<AnswersInput> = {}): AnswersInput {
  return {
    words: createWords(id, createFormats('id', 'Asia/Jakarta'), 'ispu'),
    now: NOW,
    feedTime: NOW,
    form: 'minutes',
    villageName: 'Cideng',
    place: { lat: -6.17, lon: 106.807 },
    features: [],
    stop: {
      stop: { id: 's1', name: 'Tarakan', position: { lat: -6.17, lon: 106.807 }, routes: ['8M'] },
      distanceM: 160,
    },
    arrivals: ARRIVALS,
    routeName: (route) => route,
    ...members,
  }
}

const row = (key: 'wifi' | 'air' | 'bus', members: Partial<AnswersInput> = {}) => {
  const found = answerRows(input(members)).find((one) => one.key === key)
  return [found?.main ?? '', ...(found?.more ?? [])].join(' | ')
}

describe('the bus answer', () => {
  it('counts minutes on a live page, and names the clock where nothing counts', () => {
    expect(row('bus')).toBe('8M arah Kota: 4 menit | Langsung · Halte Tarakan, jalan kaki 2 menit')
    expect(row('bus', { form: 'clock' })).toContain('8M arah Kota: pukul 15.04 WIB | Langsung')
  })

  it('names the clock between when and when, outward to the minute, where a range is known', () => {
    const [first] = ARRIVALS.arrivals
    const arrivals = {
      ...ARRIVALS,
      arrivals: first === undefined ? [] : [{ ...first, low: ago(-190_000), high: ago(-330_000) }],
    }
    expect(row('bus', { form: 'clock', arrivals })).toContain('8M arah Kota: pukul 15.03–15.06 WIB')
  })

  it('calls nothing live that is older than 90 s, nor what was kept from an earlier visit', () => {
    const old = { arrivals: { ...ARRIVALS, time: ago(91_000) } }
    for (const members of [old, { feedTime: null }]) {
      expect(row('bus', members)).toMatch(
        /^8M arah Kota: pukul 15\.04 WIB \| Data lama: terakhir 1\d\.\d\d WIB/,
      )
    }
  })

  it('keeps no vehicle that should have come', () => {
    expect(row('bus', { now: NOW + 7 * 60_000, feedTime: NOW + 7 * 60_000 })).toMatch(/^Data lama/)
  })
})

describe('the air answer', () => {
  const air = (language: typeof id | typeof en, reason: string): string => {
    const made = {
      value: null,
      category: null,
      dominant: null,
      time: ago(0),
      completeness: 0,
      reason,
      parts: [],
    }
    const station = feature({ kind: 'sensor', air: { ispu: made, 'us-aqi': made, eaqi: made } }, 'env-1')
    const geometry = { type: 'Point' as const, coordinates: [106.807, -6.17] }
    const words = createWords(language, createFormats(language === id ? 'id' : 'en', 'Asia/Jakarta'), 'ispu')
    return row('air', { words, features: [{ ...station, geometry }] })
  }

  it('says that an index is not known yet, and not that the station is silent', () => {
    expect(air(id, 'not_computed_yet')).toMatch(/^ISPU belum diketahui/)
    expect(air(en, 'not_computed_yet')).toMatch(/^ISPU not known yet/)
    expect(air(id, 'no_pollutant_measured')).toMatch(/^Stasiun ini belum mengirim data/)
  })
})

describe('the Wi-Fi answer', () => {
  const hotspot = (lastSeen: string | null) => [
    { ...feature({ name: 'Balai', state: 'up', lastSeen }, 'hs-1'), geometry: POINT },
  ]
  const POINT = { type: 'Point' as const, coordinates: [106.807, -6.17] }

  it('names no state of what is old, and counts it as neither up nor down', () => {
    expect(row('wifi', { features: hotspot(ago(12_000)) })).toBe(
      '1 dari 1 titik Wi-Fi terdekat aktif | Balai, 0 m: Aktif, 12 detik yang lalu',
    )
    expect(row('wifi', { features: hotspot(ago(3_600_000)) })).toBe(
      'Keadaan Wi-Fi terdekat tidak diketahui | Balai, 0 m: Data lama: terakhir 14.00 WIB',
    )
  })
})

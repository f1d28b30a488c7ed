import { describe, expect, it } from 'vitest'
import { type Findable, findByName } from './search.ts'

const named = (name: string, also = ''): Findable => ({ target: `stop:${name}`, kind: 'stop', name, also })
const ALL = [
  named('Halte Tarakan'),
  named('RSUD Tarakan'),
  named('Tarakan'),
  named('Café Roxy'),
  named('8M', 'Kota - Tarakan'),
]
const found = (query: string): string[] => findByName(ALL, query, 10).map(({ name }) => name)

describe('search', () => {
  it('puts names that begin so first, then those with such a word, then the rest', () => {
    expect(found('tarakan')).toEqual(['Tarakan', 'RSUD Tarakan', 'Halte Tarakan', '8M'])
  })

  it('takes no notice of case and diacritics', () => {
    expect(found('CAFE')).toEqual(['Café Roxy'])
  })

  it('wants every word', () => {
    expect(found('halte tarakan')).toEqual(['Halte Tarakan'])
    expect(found('halte roxy')).toEqual([])
    expect(found('  ')).toEqual([])
  })
})

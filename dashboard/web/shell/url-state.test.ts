import { describe, expect, it } from 'vitest'
import { formatUrl, parseUrl } from './url-state.ts'

// The example of reference/ui 2.12.
const EXAMPLE = '#map=17/-6.17020/106.80710&layer=wifi,air,bus&sel=hotspot:hs-1&lang=en'

describe('the address of a page', () => {
  it('is read as the reference writes it', () => {
    const { state, bad } = parseUrl(EXAMPLE)
    expect(bad).toEqual([])
    expect(state.view).toEqual({ zoom: 17, lat: -6.1702, lon: 106.8071 })
    expect(state.layers).toEqual(['wifi', 'air', 'bus'])
    expect(state.selection).toEqual({ kind: 'hotspot', id: 'hs-1' })
    expect(state.language).toBe('en')
  })

  it('leaves out what is the default', () => {
    expect(formatUrl({ layers: ['wifi', 'air', 'bus'], selection: null, language: null })).toBe('')
    expect(formatUrl(parseUrl(EXAMPLE).state)).toBe('#map=17/-6.17020/106.80710&sel=hotspot:hs-1&lang=en')
  })

  it.each([
    {
      view: { zoom: 15.5, lat: -6.17, lon: 106.8 },
      layers: ['air'],
      selection: { kind: 'stop', id: 'B0 2/4:P' },
    },
    { view: null, layers: [], selection: { kind: 'route', id: 'JAK.07' } },
  ] as const)('comes back as it went out: %j', (state) => {
    const read = parseUrl(formatUrl(state)).state
    expect(read).toMatchObject({ view: state.view, layers: state.layers, selection: state.selection })
  })

  it('holds the view of a desk, and nothing else beside it', () => {
    const hash = '#sel=hotspot:hs-1&state=down&q=balai&tab=report&from=2026-11-01&to=2026-11-30&target=99.9'
    const { state, bad } = parseUrl(`${hash}&other=1`)
    expect(bad).toEqual([])
    expect(state.desk).toEqual({ tab: 'report', from: '2026-11-01', to: '2026-11-30', target: '99.9' })
    expect(formatUrl(state)).toBe(hash)
  })

  it('drops bad parts one by one and names them', () => {
    const { state, bad } = parseUrl('#map=99/1/2&layer=lava&sel=hotspot&lang=fr&theme=dark&q=x&tab=<b>')
    expect(bad).toEqual(['map', 'layer', 'sel', 'lang', 'tab'])
    expect(state).toMatchObject({ view: null, layers: null, selection: null, theme: 'dark', query: 'x' })
  })
})

import { describe, expect, it } from 'vitest'
import { Announcer } from './announcer.ts'

describe('the announcer', () => {
  it('says a change once, and at most one in ten seconds, however many come', () => {
    const said: string[] = []
    const region = {
      set textContent(text: string) {
        said.push(text)
      },
      get textContent(): string {
        return said.at(-1) ?? ''
      },
    }
    const announcer = new Announcer(region)
    for (let ms = 0; ms < 60_000; ms += 100) announcer.tell(`${(ms / 100) % 4} of 4 hotspots are up`, ms)
    // What stands there when the page opens is no news.
    expect(said).toHaveLength(5)
    for (let ms = 60_000; ms < 120_000; ms += 100) announcer.tell('3 of 4 hotspots are up', ms)
    expect(said.slice(5).filter((text) => text === '3 of 4 hotspots are up').length).toBeLessThanOrEqual(1)
  })

  it('answers a key at once', () => {
    const region = { textContent: '' }
    new Announcer(region).answer('Balai Warga')
    expect(region.textContent).toBe('Balai Warga')
  })
})

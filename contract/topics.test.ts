import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { buildTopic, CHANNELS_FROM_DEVICE, CHANNELS_TO_DEVICE, KINDS, parseTopic } from './topics.ts'

const id = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/)

describe('a topic', () => {
  it('comes back from its text as it was built', () => {
    const topic = fc.record({
      village: id,
      kind: fc.constantFrom(...KINDS),
      device: id,
      channel: fc.constantFrom(...CHANNELS_FROM_DEVICE, ...CHANNELS_TO_DEVICE),
    })
    fc.assert(
      fc.property(topic, (built) => {
        expect(parseTopic(buildTopic(built))).toEqual(built)
      }),
    )
  })

  it('is never made of arbitrary text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const topic = parseTopic(text)
        if (topic !== null) expect(buildTopic(topic)).toBe(text)
      }),
    )
  })

  test.each([
    ['', 'empty'],
    ['pantau/cideng/sensor/a/config/x', 'six levels'],
    ['pantau/cideng/sensor/a', 'four levels'],
    ['Pantau/cideng/sensor/a/reading', 'another root'],
    ['pantau/Cideng/sensor/a/reading', 'a capital in the village'],
    ['pantau/cideng/bus/a/reading', 'no such kind'],
    ['pantau/cideng/sensor/a/readings', 'no such channel'],
    ['pantau/cideng/sensor/+/reading', 'a wildcard'],
    ['pantau/cideng/sensor/#', 'a wildcard'],
    ['pantau/cideng/sensor/-a/reading', 'a device that begins with a dash'],
    [`pantau/cideng/sensor/${'a'.repeat(64)}/reading`, 'a device of 64 letters'],
    ['pantau/cideng/sensor/a\u0000/reading', 'a zero'],
    ['pantau/cideng/sensor/a\uFFFD/reading', 'a replacement character'],
    ['\uFEFFpantau/cideng/sensor/a/reading', 'a byte order mark'],
    ['pantau/cideng/sensor/a b/reading', 'a blank'],
    ['$SYS/pantau/cideng/sensor/reading', 'a $ topic'],
    ['pantau//sensor/a/reading', 'an empty level'],
  ])('%j is none: %s', (text) => {
    expect(parseTopic(text)).toBeNull()
  })
})

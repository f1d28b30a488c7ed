import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonFault } from './json-fault.ts'

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('the first fault of a text', () => {
  it.each([
    ['', 0, 'it ends'],
    ['{"time":', 8, 'it ends'],
    ['{"time":1,}', 10, 'there is "}"'],
    ['{"time" 1}', 8, 'there is "1"'],
    ['[1 2]', 3, 'there is "2"'],
    ['[01]', 1, 'there is "0"'],
    ['[1.', 3, 'it ends'],
    ['[-', 2, 'it ends'],
    ['fals', 4, 'it ends'],
    ['[nil]', 1, 'there is "n"'],
    ['{}{}', 2, 'there is "{"'],
    ['[1}', 2, 'there is "}"'],
    ["{'a':1}", 1, 'there is "\'"'],
    ['"a\nb"', 2, 'there is "\\n"'],
    ['["a', 3, 'it ends'],
  ])('%j is at %i', (text, at, found) => {
    expect(jsonFault(text)).toEqual({ at, found })
  })

  it('is the end of what is cut anywhere', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat(), (text, place) => {
        const cut = text.slice(0, place % text.length)
        if (isJson(cut)) return
        // An escape that is cut begins with a letter that cannot stand alone.
        if (/\\(u[0-9a-fA-F]{0,3})?$/.test(cut)) return
        expect(jsonFault(cut).at).toBe(cut.length)
      }),
      { numRuns: 500 },
    )
  })

  it('does not lie in a text that is JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(jsonFault(text).at).toBe(text.length)
      }),
    )
  })

  it('is found in a text with a letter put in', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 5 }),
        fc.nat(),
        fc.constantFrom('}', ']', '{', ':', ',', 'x', '\n'),
        (text, place, letter) => {
          const at = place % (text.length + 1)
          const spoilt = text.slice(0, at) + letter + text.slice(at)
          if (isJson(spoilt)) return
          // What stands before the letter was JSON's begin, and may still be with it.
          expect(jsonFault(spoilt).at).toBeGreaterThanOrEqual(0)
          expect(jsonFault(spoilt.slice(0, jsonFault(spoilt).at)).at).toBe(jsonFault(spoilt).at)
        },
      ),
      { numRuns: 500 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Node, unreachableBy } from './suppression.ts'

const nodes = (all: Readonly<Record<string, readonly [isDown: boolean, parent: string | null]>>) =>
  new Map(Object.entries(all).map(([id, [isDown, parent]]): [string, Node] => [id, { isDown, parent }]))

// Expected values: domain rule B7.
describe('a device that is down', () => {
  it('is unreachable by the topmost of the parents that are down with it', () => {
    const tree = nodes({ top: [true, null], middle: [true, 'top'], leaf: [true, 'middle'] })
    expect(unreachableBy('leaf', tree)).toBe('top')
    expect(unreachableBy('middle', tree)).toBe('top')
    expect(unreachableBy('top', tree)).toBeNull()
  })

  it('is unreachable by no more than the unbroken chain', () => {
    const tree = nodes({ top: [true, null], up: [false, 'top'], below: [true, 'up'], leaf: [true, 'below'] })
    expect(unreachableBy('leaf', tree)).toBe('below')
    expect(unreachableBy('below', tree)).toBeNull()
  })

  it('is down by itself when its parent is up, absent or none', () => {
    const tree = nodes({
      up: [false, null],
      child: [true, 'up'],
      orphan: [true, 'gone'],
      alone: [true, null],
    })
    expect(['child', 'orphan', 'alone'].map((id) => unreachableBy(id, tree))).toEqual([null, null, null])
  })

  it('is down by itself in a cycle of parents', () => {
    const ring = nodes({ a: [true, 'b'], b: [true, 'c'], c: [true, 'a'], self: [true, 'self'] })
    expect(['a', 'b', 'c', 'self'].map((id) => unreachableBy(id, ring))).toEqual([null, null, null, null])
  })
})

describe('a device that is up or unknown to the village', () => {
  it('is unreachable by nothing', () => {
    const tree = nodes({ top: [true, null], child: [false, 'top'] })
    expect(unreachableBy('child', tree)).toBeNull()
    expect(unreachableBy('nobody', tree)).toBeNull()
  })
})

describe('suppression', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'] as const
  const someNodes = fc
    .array(fc.tuple(fc.boolean(), fc.option(fc.constantFrom(...ids, 'gone'), { nil: null })), {
      minLength: ids.length,
      maxLength: ids.length,
    })
    .map((all) => nodes(Object.fromEntries(all.map((node, index) => [ids[index] ?? '', node]))))

  it('names one that is down by itself, and leaves those it names as they are', () => {
    fc.assert(
      fc.property(someNodes, (all) => {
        for (const id of ids) {
          const top = unreachableBy(id, all)
          if (top === null) continue
          expect(all.get(id)?.isDown).toBe(true)
          expect(all.get(top)?.isDown).toBe(true)
          expect(unreachableBy(top, all)).toBeNull()
        }
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { besideParents, withoutFolded } from './hotspot-rows.ts'

const rows = [
  { id: 'a', parent: 'gate' },
  { id: 'alone', parent: null },
  { id: 'gate', parent: null },
  { id: 'b', parent: 'gate' },
  { id: 'lost', parent: 'not-in-the-list' },
]
const idsOf = (list: readonly { readonly id: string }[]): string => list.map(({ id }) => id).join(' ')

describe('hotspots that are down because of one', () => {
  it('stand behind it, and the rest keeps its order', () => {
    expect(idsOf(besideParents(rows))).toBe('alone gate a b lost')
  })

  it('are folded under it until it is unfolded; what it is not shown with stands by itself', () => {
    expect(idsOf(withoutFolded(besideParents(rows), new Set()))).toBe('alone gate lost')
    expect(idsOf(withoutFolded(besideParents(rows), new Set(['gate'])))).toBe('alone gate a b lost')
  })
})

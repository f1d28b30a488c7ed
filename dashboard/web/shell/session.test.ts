import { describe, expect, it } from 'vitest'
import { nextPath } from './session.ts'

describe('where a sign-in leads', () => {
  it('is a page of ours, with its view', () => {
    expect(nextPath('?next=%2Finfrastructure%23state%3Ddown')).toBe('/infrastructure#state=down')
    expect(nextPath('')).toBeNull()
  })

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/a/../b'])(
    'is never %s',
    (path) => {
      expect(nextPath(`?next=${encodeURIComponent(path)}`)).toBeNull()
    },
  )
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isFresh, rememberPast } from './past-marker.ts'

it('a village is fresh until it was given its past', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-past-'))
  try {
    expect(isFresh(folder)).toBe(true)
    rememberPast(folder, Date.UTC(2026, 10, 24))
    expect(isFresh(folder)).toBe(false)
    const file = readFileSync(join(folder, 'simulated-past.json'), 'utf8')
    expect(JSON.parse(file)).toEqual({ until: '2026-11-24T00:00:00.000Z' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { MINUTE, systemClock } from '../contract/time.ts'
import { removeLeftovers, writeFileAtomic } from './files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const now = systemClock.now()

function put(name: string, ageMs: number): void {
  writeFileSync(join(folder, name), '{"half":')
  utimesSync(join(folder, name), (now - ageMs) / 1_000, (now - ageMs) / 1_000)
}

it('what a killed process left beside its file is removed; what is being written, and all else, stays', () => {
  writeFileAtomic(join(folder, 'broker.json'), '{}')
  put('broker.json.0badcafe.new', 2 * MINUTE)
  put('registry.json.12345678.new', MINUTE / 2)
  put('notes.new', 2 * MINUTE)
  put('old.0badcafe.new.txt', 2 * MINUTE)
  expect(removeLeftovers(folder, now)).toEqual(['broker.json.0badcafe.new'])
  expect(readdirSync(folder).sort()).toEqual([
    'broker.json',
    'notes.new',
    'old.0badcafe.new.txt',
    'registry.json.12345678.new',
  ])
})

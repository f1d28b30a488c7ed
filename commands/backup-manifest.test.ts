// A backup that somebody hands us chooses neither where its files are written nor what of the machine is read (zip slip).

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SCHEMA_VERSION } from '../runtime/data-folder.ts'
import { readManifest } from './backup-manifest.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-manifest-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function manifestOf(path: unknown, schema = SCHEMA_VERSION): void {
  const files = [{ path, bytes: 0, sha256: '' }]
  writeFileSync(
    join(folder, 'backup.json'),
    JSON.stringify({ version: 1, time: '2026-11-24T00:00:00.000Z', schema, pantau: '9.9.9', files }),
  )
}

describe('a file of a backup', () => {
  it.each([
    'registry.json',
    '.env',
    'audit-head.json',
    'dashboard.key',
    'store/pantau.duckdb',
    'log/00000001.log',
  ])('may be %s', (path) => {
    manifestOf(path)
    expect(readManifest(folder).files).toHaveLength(1)
  })

  it.each([
    '../evil',
    '../../etc/passwd',
    '/etc/passwd',
    'store/../../evil',
    'store/..',
    'log/../registry.json',
    '..',
    '.',
    './registry.json',
    'store//x',
    'store/',
    'store',
    'log',
    'run/ingest.sock',
    'other/file',
    'store/deep/file',
    'C:evil',
    'a\\..\\b',
    'a\u0000b',
    'lock',
    'ready.json',
    'schema.lock',
    'registry.json.lock',
    '',
    null,
    7,
  ])('is never %j', (path) => {
    manifestOf(path)
    expect(() => readManifest(folder)).toThrow(/backup\.json is damaged/)
  })
})

describe('a backup', () => {
  it('of an older schema is taken: the next start migrates it; of a newer one it is refused', () => {
    manifestOf('registry.json', SCHEMA_VERSION - 1)
    expect(readManifest(folder).schema).toBe(SCHEMA_VERSION - 1)
    manifestOf('registry.json', SCHEMA_VERSION + 1)
    expect(() => readManifest(folder)).toThrow(/restore it by Pantau 9\.9\.9/)
  })
})

// A data folder that a Pantau of schema 1 left behind (`fixtures/data-folder-1`, as version 0.1.0 wrote it) is carried on.

import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../contract/time.ts'
import { auditHeadPath, auditPath, openAuditLog, readAuditLog } from './audit.ts'
import { folderSchema, lockDataFolder, openDataFolder, SCHEMA_VERSION, schemaFault } from './data-folder.ts'
import { keptBefore, MIGRATIONS, type Migration, migrate } from './migrations.ts'
import { readRegistry } from './registry.ts'

const OLD = join(import.meta.dirname, 'fixtures', 'data-folder-1')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-migration-'))
  cpSync(OLD, folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const textOf = (path: string): string => readFileSync(path, 'utf8')

describe('the steps', () => {
  it('lead from every schema that there was to the one of this program', () => {
    expect(MIGRATIONS.map(({ from }) => from)).toEqual(
      Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 1),
    )
  })
})

describe('a data folder of schema 1', () => {
  it('is carried on, after what changes was kept; everything else stays as it was', () => {
    openDataFolder(folder)
    expect(folderSchema(folder)).toBe(SCHEMA_VERSION)
    const kept = keptBefore(folder, 1)
    expect(readdirSync(kept).sort()).toEqual(['audit.jsonl', 'schema.json'])
    expect(statSync(kept).mode & 0o777).toBe(0o700)
    for (const name of ['audit.jsonl', 'schema.json']) {
      expect(textOf(join(kept, name))).toBe(textOf(join(OLD, name)))
    }
    for (const name of ['registry.json', 'sessions.json', 'broker.json', 'log/00000001.log']) {
      expect(readFileSync(join(folder, name))).toEqual(readFileSync(join(OLD, name)))
    }
    expect(readRegistry(folder).devices.map(({ id }) => id)).toEqual(['air-1'])
    expect(readdirSync(folder)).not.toContain('schema.lock')
  })

  it('has an audit trail that goes on, and whose cut-off end shows from now on', async () => {
    openDataFolder(folder)
    expect(readAuditLog(folder)).toMatchObject({ whole: true, lines: { length: 4 } })
    await openAuditLog(folder, systemClock).append({
      who: 'admin',
      from: null,
      what: 'device.remove',
      on: 'air-1',
      result: 'done',
    })
    expect(readAuditLog(folder)).toMatchObject({ whole: true, lines: { length: 5 } })
    writeFileSync(auditPath(folder), textOf(join(OLD, 'audit.jsonl')))
    expect(readAuditLog(folder)).toMatchObject({ whole: false, fault: 'lines 5 to 5 are missing' })
  })

  it('is carried on once: a second start changes nothing', () => {
    openDataFolder(folder)
    const head = textOf(auditHeadPath(folder))
    openDataFolder(folder)
    expect(textOf(auditHeadPath(folder))).toBe(head)
  })

  it('is not touched while the older Pantau runs on it', () => {
    const other = spawn('sleep', ['30'])
    lockDataFolder(folder, other.pid ?? 0)
    expect(() => openDataFolder(folder)).toThrow(
      /is of schema 1 and held by process \d+; stop that older Pantau/,
    )
    expect(textOf(join(folder, 'schema.json'))).toBe(textOf(join(OLD, 'schema.json')))
    expect(existsSync(auditHeadPath(folder))).toBe(false)
    other.kill('SIGKILL')
  })

  it('whose migration was killed is carried on by the next start', () => {
    writeFileSync(join(folder, 'schema.lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }))
    openDataFolder(folder)
    expect(folderSchema(folder)).toBe(SCHEMA_VERSION)
  })
})

describe('a step', () => {
  it('that fails leaves the number, and the first copy, for the next try', () => {
    let tries = 0
    const step: Migration = {
      from: 1,
      what: 'fails once, in the middle',
      touches: ['registry.json'],
      apply(dataFolder) {
        tries += 1
        writeFileSync(join(dataFolder, 'registry.json'), `try ${tries}`)
        if (tries === 1) throw new Error('killed')
      },
    }
    const raised: number[] = []
    const raise = (schema: number): number => raised.push(schema)
    expect(() => migrate(folder, 1, raise, [step])).toThrow('killed')
    expect(raised).toEqual([])
    migrate(folder, 1, raise, [step])
    expect(raised).toEqual([2])
    expect(textOf(join(keptBefore(folder, 1), 'registry.json'))).toBe(textOf(join(OLD, 'registry.json')))
    expect(textOf(join(folder, 'registry.json'))).toBe('try 2')
  })

  it('follows the one before, and each keeps what it is about to change', () => {
    const done: number[] = []
    const steps = [2, 1, 3].map(
      (from): Migration => ({ from, what: '', touches: ['log'], apply: () => void done.push(from) }),
    )
    expect(migrate(folder, 1, () => undefined, steps)).toEqual([2, 3, 4])
    expect(done).toEqual([1, 2, 3])
    for (const from of done)
      expect(existsSync(join(keptBefore(folder, from), 'log', '00000001.log'))).toBe(true)
  })
})

describe('a program', () => {
  it('of an older schema refuses what this one wrote', () => {
    openDataFolder(folder)
    writeFileSync(join(folder, 'schema.json'), JSON.stringify({ schema: SCHEMA_VERSION + 1 }))
    expect(() => openDataFolder(folder)).toThrow(
      new RegExp(`is of schema ${SCHEMA_VERSION + 1}, this program knows ${SCHEMA_VERSION}; start the newer`),
    )
  })

  it.each(['{"schema":0}', '{"schema":1.5}', '{"schema":"1"}', '[]', ''])('takes %j for damaged', (text) => {
    writeFileSync(join(folder, 'schema.json'), text)
    expect(schemaFault(folder)).toMatch(/schema\.json is damaged; restore it from a backup/)
  })
})

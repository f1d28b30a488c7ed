// The trail as accidents and people with an editor would leave it: each change shows, and says where.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, systemClock } from '../contract/time.ts'
import { type AuditEvent, auditHeadPath, auditPath, openAuditLog, readAuditLog } from './audit.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-audit-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const event = (on: string): AuditEvent => ({
  who: 'admin',
  from: '192.0.2.1',
  what: 'device.add',
  on,
  result: 'done',
})

async function written(...names: string[]): Promise<void> {
  const log = openAuditLog(folder, systemClock)
  for (const name of names) await log.append(event(name))
}

const rows = (): string[] => readFileSync(auditPath(folder), 'utf8').trimEnd().split('\n')
const rewrite = (changed: readonly string[]): void =>
  writeFileSync(auditPath(folder), changed.map((row) => `${row}\n`).join(''))

describe('the audit trail', () => {
  it('is whole while it is only appended to, by several at once too, and is its owner’s alone', async () => {
    const before = process.umask(0)
    const logs = Array.from({ length: 4 }, () => openAuditLog(folder, systemClock))
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (logs[index % 4] ?? openAuditLog(folder, systemClock)).append(event(`d${index}`)),
      ),
    )
    process.umask(before)
    const { lines, whole } = readAuditLog(folder)
    expect([whole, lines.map(({ n }) => n)]).toEqual([true, Array.from({ length: 20 }, (_, n) => n + 1)])
    for (const path of [auditPath(folder), auditHeadPath(folder)])
      expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each<[string, (all: string[]) => string[], string]>([
    ['the first is gone', (all) => all.slice(1), 'lines 1 to 1 are missing'],
    ['one in the middle is gone', (all) => all.toSpliced(1, 1), 'lines 2 to 2 are missing'],
    ['the last is gone', (all) => all.slice(0, -1), 'lines 4 to 4 are missing'],
    ['all are gone', () => [], 'lines 1 to 4 are missing'],
    ['two are exchanged', ([a = '', b = '', ...rest]) => [b, a, ...rest], 'lines 1 to 1 are missing'],
    ['one is there twice', ([a = '', ...rest]) => [a, a, ...rest], 'line 1 stands behind line 1'],
    ['one was changed', (all) => all.map((row) => row.replace('"on":"c"', '"on":"x"')), 'line 3 was changed'],
    [
      'the last was changed',
      (all) => all.map((row) => row.replace('"on":"d"', '"on":"x"')),
      'line 4 was changed',
    ],
    ['one is no JSON', (all) => all.with(1, '{'), 'what stands behind line 1 cannot be read'],
  ])('says so when %s', async (_what, harm, fault) => {
    await written('a', 'b', 'c', 'd')
    expect(readAuditLog(folder).fault).toBeNull()
    rewrite(harm(rows()))
    expect(readAuditLog(folder)).toMatchObject({ whole: false, fault })
  })

  it('keeps the gap to be seen when lines are appended behind a cut', async () => {
    await written('a', 'b', 'c')
    rewrite(rows().slice(0, 1))
    await written('d')
    expect(readAuditLog(folder)).toMatchObject({ whole: false, fault: 'lines 2 to 3 are missing' })
  })

  it('drops half a line that a power cut left, which nobody was told is written', async () => {
    await written('a', 'b')
    appendFileSync(auditPath(folder), '{"n":3,"time":"2026-11')
    expect(readAuditLog(folder)).toMatchObject({ whole: true, lines: [{ on: 'a' }, { on: 'b' }] })
    await written('c')
    expect(readAuditLog(folder)).toMatchObject({ whole: true, lines: [{}, {}, { n: 3, on: 'c' }] })
  })

  it('may be a line ahead of its head, as a killed process leaves it, and is not broken by that', async () => {
    await written('a', 'b')
    const head = readFileSync(auditHeadPath(folder), 'utf8')
    await written('c')
    writeFileSync(auditHeadPath(folder), head)
    expect(readAuditLog(folder).whole).toBe(true)
    await written('d')
    expect(readAuditLog(folder)).toMatchObject({ whole: true, lines: { length: 4 } })
  })

  it('forgets what is older than 400 days, and is whole behind that', async () => {
    const time = { now: systemClock.now() }
    const clock = { now: () => time.now, monotonicMs: () => time.now }
    const log = openAuditLog(folder, clock)
    await log.append(event('old'))
    time.now += 399 * DAY
    await log.append(event('kept'))
    expect(readAuditLog(folder).lines).toHaveLength(2)
    time.now += 2 * DAY
    await log.append(event('new'))
    expect(readAuditLog(folder)).toMatchObject({ whole: true, lines: [{ n: 2, on: 'kept' }, { n: 3 }] })
    rewrite(rows().slice(1))
    expect(readAuditLog(folder)).toMatchObject({ whole: false, fault: 'lines 2 to 2 are missing' })
  })

  it('that is broken forgets nothing: it is evidence', async () => {
    const time = { now: systemClock.now() }
    const clock = { now: () => time.now, monotonicMs: () => time.now }
    await openAuditLog(folder, clock).append(event('a'))
    rewrite(rows().map((row) => row.replace('"on":"a"', '"on":"x"')))
    time.now += 500 * DAY
    await openAuditLog(folder, clock).append(event('b'))
    expect(readAuditLog(folder)).toMatchObject({
      fault: 'line 1 was changed',
      lines: [{ on: 'x' }, { on: 'b' }],
    })
  })
})

// What commands do is written down, also when it failed; and what is done is done, though the trail could not be written.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { auditPath, readAuditLog } from '../runtime/audit.ts'
import { audited } from './audited.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-audited-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

describe('a command', () => {
  it('is in the audit trail with who ran it, done', async () => {
    expect(await audited(folder, { what: 'backup', on: '/mnt/x' }, async () => 7)).toBe(7)
    expect(readAuditLog(folder).lines).toMatchObject([
      {
        who: expect.stringMatching(/^command line \(.+\)$/),
        from: null,
        what: 'backup',
        on: '/mnt/x',
        result: 'done',
      },
    ])
  })

  it('that fails is in it as refused, and fails as it did', async () => {
    await expect(
      audited(folder, { what: 'device.add', on: 'a' }, async () => {
        throw new Error('taken')
      }),
    ).rejects.toThrow('taken')
    expect(readAuditLog(folder).lines).toMatchObject([{ what: 'device.add', result: 'refused' }])
  })

  it('whose line cannot be written is done all the same, and says so', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    // A folder in its place refuses every write, to root as well.
    mkdirSync(auditPath(folder))
    expect(await audited(folder, { what: 'backup', on: 'x' }, async () => 'taken')).toBe('taken')
    expect(said.mock.calls.join()).toMatch(
      /the audit trail could not be written \(EISDIR\): backup is missing in it/,
    )
  })
})

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDataFolder, lockHolder, openDataFolder } from './data-folder.ts'

let base = ''

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'pantau-data-'))
})

afterEach(() => {
  rmSync(base, { recursive: true, force: true })
})

describe('the data folder', () => {
  it('is made for its owner only, whatever the umask', () => {
    const before = process.umask(0)
    const folder = openDataFolder(join(base, 'deep', 'data'))
    process.umask(before)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('that was open to others is closed', () => {
    mkdirSync(join(base, 'data'), { mode: 0o755 })
    expect(statSync(openDataFolder(join(base, 'data'))).mode & 0o777).toBe(0o700)
  })

  it('of a newer schema is refused', () => {
    writeFileSync(join(base, 'schema.json'), '{"schema":99}')
    expect(() => openDataFolder(base)).toThrow(
      /is of schema 99, this program knows 2; start the newer Pantau/,
    )
  })

  it('whose schema number is damaged is refused, not taken for a fresh one', () => {
    writeFileSync(join(base, 'schema.json'), '')
    expect(() => openDataFolder(base)).toThrow(/schema\.json is damaged/)
  })

  it('that is a file is refused by its path', () => {
    writeFileSync(join(base, 'file'), '')
    expect(() => openDataFolder(join(base, 'file'))).toThrow(
      /PANTAU_DATA is .*file, which cannot be used \(E/,
    )
  })

  it('has one running Pantau: a second is told who holds it', () => {
    const other = spawn('sleep', ['30'])
    const pid = other.pid ?? 0
    lockDataFolder(base, pid)
    expect(() => lockDataFolder(base, process.pid)).toThrow(`is held by process ${pid}; stop it`)
    other.kill('SIGKILL')
  })

  it('is taken over from a process that is dead', async () => {
    const other = spawn('sleep', ['30'])
    lockDataFolder(base, other.pid ?? 0)
    other.kill('SIGKILL')
    await new Promise((done) => other.once('exit', done))
    expect(lockHolder(base)).toBeNull()
    const lock = lockDataFolder(base, process.pid)
    expect(lockHolder(base)).toBe(process.pid)
    lock.release()
    expect(lockHolder(base)).toBeNull()
  })

  it("is not held by another process that got a dead holder's number", () => {
    lockDataFolder(base, process.pid)
    const lock = JSON.parse(readFileSync(join(base, 'lock'), 'utf8')) as { pid: number; started: string }
    writeFileSync(join(base, 'lock'), JSON.stringify({ ...lock, started: '1' }))
    expect(lockHolder(base)).toBeNull()
  })
})

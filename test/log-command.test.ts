// `npm run log` from outside.

import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDataFolder } from '../runtime/data-folder.ts'
import { RecordBuffer } from '../runtime/log/record.ts'
import { SEGMENT_HEADER_BYTES, segmentHeader, segmentPath } from '../runtime/log/segment.ts'
import { runCommand } from './village.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-log-command-'))
  const buffer = new RecordBuffer()
  for (let arrival = 0; arrival < 3; arrival += 1) {
    buffer.append({ type: 'listening', arrival: Date.UTC(2026, 10, 24, 8, 0, arrival) })
  }
  writeFileSync(segmentPath(folder, 1), Buffer.concat([segmentHeader(1), buffer.take()]))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A record of this kind has 18 bytes. */
const RECORD_BYTES = 18

function flipBit(at: number): void {
  const bytes = readFileSync(segmentPath(folder, 1))
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(segmentPath(folder, 1), bytes)
}

const log = (...argv: string[]) => runCommand(['log', ...argv])

describe('npm run log', () => {
  it('says what a whole log holds, and ends with 0', async () => {
    appendFileSync(segmentPath(folder, 1), 'torn')
    const { code, stdout, stderr } = await log('check', folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.trim().split('\n')).toEqual([
      `${folder}: 1 segments, 3 records, 0 of them messages, 78 bytes`,
      `00000001.log: 3 records, 78 bytes, 2026-11-24T08:00:00.000Z at 1:${SEGMENT_HEADER_BYTES}` +
        ` to 2026-11-24T08:00:02.000Z at 1:${SEGMENT_HEADER_BYTES + 2 * RECORD_BYTES}`,
      'torn tail: 4 bytes at 1:74, as a crash leaves it; the broker cuts it when it starts',
    ])
  })

  it('says what is damaged and ends with 1; cut out, it is whole, and its bytes are kept', async () => {
    flipBit(SEGMENT_HEADER_BYTES + RECORD_BYTES + 12)
    const broken = readFileSync(segmentPath(folder, 1))
    const found = await log('check', segmentPath(folder, 1))
    expect(found.code).toBe(1)
    expect(found.stdout).toContain('damaged: 18 bytes at 1:38\n')
    expect(found.stderr.trim().split('\n').at(-1)).toBe(
      `${folder}: 1 damaged ranges; check the disk; npm run log -- check PATH --cut cuts what is damaged out, or restore a backup`,
    )
    expect(readFileSync(segmentPath(folder, 1))).toEqual(broken)

    const cut = await log('check', folder, '--cut')
    const kept = join(folder, 'damaged', '00000001-38-18.bytes')
    expect(cut.code).toBe(0)
    expect(cut.stdout).toContain(`1:38: 18 bytes cut out; kept in ${kept}\n`)
    expect(readFileSync(kept)).toEqual(broken.subarray(38, 56))

    const after = await log('check', folder)
    expect(after.code).toBe(0)
    expect(after.stdout).toContain('2 records, 74 bytes')
    expect(after.stdout).toContain('18 bytes cut out before')
  })

  it('refuses a log that a running village holds, naming it', async () => {
    const data = mkdtempSync(join(tmpdir(), 'pantau-log-held-'))
    cpSync(folder, join(data, 'log'), { recursive: true })
    const lock = lockDataFolder(data, process.pid)
    const { code, stderr } = await log('check', join(data, 'log'), '--cut')
    lock.release()
    rmSync(data, { recursive: true, force: true })
    expect(code).toBe(1)
    expect(stderr).toContain(`is held by process ${process.pid}; stop the village first`)
  })

  it.each([
    [2, 'npm run log -- check PATH [--cut]', []],
    [2, 'npm run log -- check PATH [--cut]', ['mend', '/tmp']],
    [2, '--force is no flag', ['check', '/tmp', '--force']],
    [1, 'is not there', ['check', '/nonexistent']],
    [1, 'is no log', ['check', tmpdir()]],
  ])('ends with %i and says why: %s', async (expected, text, argv) => {
    const { code, stderr } = await log(...argv)
    expect(code).toBe(expected)
    expect(stderr.trim().split('\n').at(-1)).toContain(text)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

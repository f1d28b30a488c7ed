// The doctor's findings, each brought about for real: files, segments, ports, certificates as they would be.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LogRecord } from '../contract/log.ts'
import { parseSettings, type Settings } from '../contract/settings.ts'
import { DAY, HOUR, systemClock } from '../contract/time.ts'
import { openDuckDb } from '../ingest/store/duckdb-connection.ts'
import { auditPath, openAuditLog } from '../runtime/audit.ts'
import { lockDataFolder, openDataFolder } from '../runtime/data-folder.ts'
import { RecordBuffer } from '../runtime/log/record.ts'
import { segmentHeader, segmentPath } from '../runtime/log/segment.ts'
import { checkData } from './doctor-data.ts'
import { checkDoors } from './doctor-doors.ts'
import { checkMachine } from './doctor-machine.ts'
import type { Finding } from './finding.ts'

let data = ''
beforeEach(() => {
  data = openDataFolder(mkdtempSync(join(tmpdir(), 'pantau-doctor-')))
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

const settingsOf = (more: Record<string, string> = {}): Settings =>
  parseSettings({ PANTAU_DATA: data, PANTAU_MQTT_PORT: '0', PANTAU_HTTP_PORT: '0', ...more }, {}, {}).settings

/** Level and detail of what was found of one thing. */
const about = (findings: readonly Finding[], what: string): string[] =>
  findings.filter((finding) => finding.what === what).map(({ level, detail }) => `${level} ${detail}`)

const now = systemClock.now()

describe('the machine', () => {
  it.each([
    ['18.20.4', 'fail'],
    ['20.18.9', 'fail'],
    ['20.19.0', 'ok'],
    ['24.0.0', 'ok'],
  ])('Node %s is %s', (version, level) => {
    expect(about(checkMachine(settingsOf(), version, now), 'node')[0]).toContain(level)
  })

  it('has a clock that is not behind what was written', () => {
    expect(about(checkMachine(settingsOf(), '20.19.0', now), 'clock')[0]).toMatch(/^ok /)
    utimesSync(join(data, 'schema.json'), (now + HOUR) / 1_000, (now + HOUR) / 1_000)
    expect(about(checkMachine(settingsOf(), '20.19.0', now), 'clock')[0]).toMatch(/^fail .*; set the clock/)
  })

  it('says where the room is counted, though the data folder is not there yet', () => {
    const settings = settingsOf({ PANTAU_DATA: join(data, 'deep', 'none') })
    expect(about(checkMachine(settings, '20.19.0', now), 'disk')[0]).toMatch(
      /\d+ MiB \(\d+ %\) are free for .*none/,
    )
  })

  it.each([
    ['warn', 8_192, 511],
    ['warn', 100_000, 4_999],
    ['fail', 8_192, 255],
    ['ok', 8_192, 512],
  ])('has a disk that is %s: of %i MiB %i are free', (level, blocks, bavail) => {
    const found = checkMachine(settingsOf(), '20.19.0', now, () => ({ bavail, blocks, bsize: 1_048_576 }))
    expect(about(found, 'disk')[0]).toMatch(new RegExp(`^${level} ${bavail} MiB `))
  })
})

describe('the data', () => {
  const record: LogRecord = { type: 'listening', arrival: now }

  function writeSegment(segment: number, tail: Uint8Array): void {
    mkdirSync(join(data, 'log'), { recursive: true })
    const records = new RecordBuffer()
    for (let count = 0; count < 3; count += 1) records.append(record)
    writeFileSync(
      segmentPath(join(data, 'log'), segment),
      Buffer.concat([segmentHeader(segment), records.take(), tail]),
    )
  }

  it('has a log that is whole, half a record at its end included', async () => {
    writeSegment(1, Buffer.alloc(0))
    writeSegment(2, Buffer.from([1, 2, 3]))
    expect(about(await checkData(settingsOf(), now), 'log')).toEqual(['ok 2 segments, 6 records, all whole'])
  })

  it('has a log with damage in it, which is told with its place', async () => {
    writeSegment(1, Buffer.from([1, 2, 3]))
    writeSegment(2, Buffer.alloc(0))
    expect(about(await checkData(settingsOf(), now), 'log')[0]).toMatch(
      /^fail .*damaged: segment 1 at byte \d+: .*check the disk$/,
    )
  })

  it('has a log of a newer Pantau', async () => {
    writeSegment(1, Buffer.alloc(0))
    const path = segmentPath(join(data, 'log'), 1)
    writeFileSync(path, Buffer.concat([segmentHeader(1, 9), readFileSync(path).subarray(20)]))
    expect(about(await checkData(settingsOf(), now), 'log')[0]).toMatch(/^fail .*newer Pantau/)
  })

  it('has an audit log that was changed', async () => {
    const log = openAuditLog(data, systemClock)
    for (const on of ['a', 'b']) {
      await log.append({ who: 'admin', from: null, what: 'device.add', on, result: 'done' })
    }
    expect(about(await checkData(settingsOf(), now), 'audit')[0]).toMatch(/^ok 2 lines/)
    writeFileSync(auditPath(data), readFileSync(auditPath(data), 'utf8').replace('"on":"a"', '"on":"c"'))
    expect(about(await checkData(settingsOf(), now), 'audit')[0]).toMatch(/^fail /)
  })

  it('has a store that opens, or does not', async () => {
    mkdirSync(join(data, 'store'))
    const path = join(data, 'store', 'pantau.duckdb')
    const instance = await DuckDBInstance.create(path)
    instance.closeSync()
    expect(about(await checkData(settingsOf(), now), 'store')[0]).toBe(`ok ${path} opens`)
    writeFileSync(path, 'not a database')
    expect(about(await checkData(settingsOf(), now), 'store')[0]).toMatch(/^fail .*restore it from a backup$/)
  })

  it('has a store whose write-ahead log is torn: mended by a start, and told of for 30 days or until the copy goes', async () => {
    const path = join(data, 'store', 'pantau.duckdb')
    mkdirSync(join(data, 'store'))
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    await connection.run('PRAGMA disable_checkpoint_on_shutdown')
    for (const n of [1, 2]) {
      await connection.run(`CREATE TABLE t${n} AS SELECT range AS n FROM range(1000)`)
    }
    connection.closeSync()
    instance.closeSync()
    const log = readFileSync(`${path}.wal`)
    writeFileSync(`${path}.wal`, log.fill(0, log.length - 2_000))
    expect(about(await checkData(settingsOf(), now), 'store')[0]).toMatch(
      /^warn .*torn.*; the next start cuts/,
    )
    const opened = await openDuckDb(path)
    expect(await opened.reader.rows('SELECT count(*)::INTEGER FROM t1')).toEqual([[1_000]])
    opened.close()
    const found = about(await checkData(settingsOf(), systemClock.now()), 'store')
    expect(found[1]).toMatch(/^warn the last \d+ bytes .* nothing acknowledged is lost; remove .*\.wal\.torn/)
    expect(about(await checkData(settingsOf(), now + 31 * DAY), 'store')).toHaveLength(1)
    rmSync(`${path}.wal.torn`)
    expect(about(await checkData(settingsOf(), systemClock.now()), 'store')).toEqual([`ok ${path} opens`])
  })

  it('has a village folder with every fault of it', async () => {
    const found = about(await checkData(settingsOf({ PANTAU_VILLAGE: data }), now), 'village')
    expect(found[0]).toMatch(/^fail .*village\.json/)
  })
})

describe('the doors', () => {
  it('have a port that another program holds', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const found = await checkDoors(settingsOf({ PANTAU_MQTT_PORT: String(port) }), now)
    server.close()
    expect(about(found, 'port')).toEqual([
      `fail 127.0.0.1:${port} cannot be had for PANTAU_MQTT_PORT (EADDRINUSE); stop who holds it, or set another`,
    ])
  })

  it('belong to a village that is starting', async () => {
    const lock = lockDataFolder(data, process.pid)
    expect(about(await checkDoors(settingsOf(), now), 'village runs')[0]).toMatch(
      /^warn process \d+ is starting/,
    )
    lock.release()
  })

  it('belong to a village that does not answer', async () => {
    const lock = lockDataFolder(data, process.pid)
    writeFileSync(join(data, 'ready.json'), '{"http":"http://127.0.0.1:1"}')
    expect(about(await checkDoors(settingsOf(), now), 'village runs')[0]).toMatch(
      /^fail process \d+ does not answer/,
    )
    lock.release()
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
describe.skipIf(!hasOpenssl)('a certificate', () => {
  function make(name: string, days: number): { cert: string; key: string } {
    const [cert, key] = [join(data, `${name}.crt`), join(data, `${name}.key`)]
    const subject = ['-subj', '/CN=localhost', '-days', String(days)]
    const files = ['-keyout', key, '-out', cert]
    expect(
      spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files]).status,
    ).toBe(0)
    return { cert, key }
  }
  const found = async (cert: string, key: string, at = now + HOUR): Promise<string[]> =>
    about(await checkDoors(settingsOf({ PANTAU_TLS_CERT: cert, PANTAU_TLS_KEY: key }), at), 'certificate')

  it('is valid, ends soon, or has ended', async () => {
    const { cert, key } = make('a', 90)
    expect((await found(cert, key))[0]).toMatch(/^ok .* is valid until /)
    expect((await found(cert, key, now + 70 * DAY))[0]).toMatch(/^warn .*; renew it$/)
    expect((await found(cert, key, now + 91 * DAY))[0]).toMatch(/^fail .* ended on .*; renew it$/)
    expect((await found(cert, key, now - 2 * DAY))[0]).toMatch(/^fail .* is not valid yet/)
  })

  it('goes with its key, and both can be read', async () => {
    const [a, b] = [make('a', 90), make('b', 90)]
    expect((await found(a.cert, b.key))[0]).toMatch(/^fail .* do not go together/)
    expect((await found(join(data, 'none'), a.key))[0]).toMatch(/^fail PANTAU_TLS_CERT is .* \(ENOENT\)/)
    expect((await found(a.key, a.key))[0]).toMatch(/^fail PANTAU_TLS_CERT is /)
  })
})

// What `npm run doctor` finds of the village's folder and of the data folder: rights, schema, registry, audit chain, log, store.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { PantauError } from '../contract/errors.ts'
import type { LogPosition } from '../contract/log.ts'
import type { Settings } from '../contract/settings.ts'
import type { TimeMs } from '../contract/time.ts'
import { readAuditLog } from '../runtime/audit.ts'
import { folderSchema, lockHolder, SCHEMA_VERSION, schemaFault } from '../runtime/data-folder.ts'
import { logStart, openLogReader } from '../runtime/log/reader.ts'
import { listSegments, logFolder } from '../runtime/log/segment.ts'
import { findSegmentEnd } from '../runtime/log/segment-end.ts'
import { keptBefore } from '../runtime/migrations.ts'
import { readRegistry } from '../runtime/registry.ts'
import { tornAt, tornWarning } from '../runtime/torn-store.ts'
import { loadVillage } from '../runtime/village.ts'
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts'

/** Findings in the order in which a start would meet them. */
export async function checkData(settings: Settings, now: TimeMs): Promise<Finding[]> {
  const village = checkVillage(settings.PANTAU_VILLAGE)
  const dataFolder = resolve(settings.PANTAU_DATA)
  const status = statSync(dataFolder, { throwIfNoEntry: false })
  if (status === undefined) return [...village, ok('data', `${dataFolder} is made at the first start`)]
  if (!status.isDirectory())
    return [...village, fail('data', `${dataFolder} is no folder; give another PANTAU_DATA`)]
  const rights = checkRights(dataFolder)
  if (rights.some(({ level }) => level === 'fail')) return [...village, ...rights]
  const running = lockHolder(dataFolder)
  const torn = tornWarning(dataFolder, now)
  return [
    ...village,
    ...rights,
    checkSchema(dataFolder),
    checkRegistry(dataFolder),
    checkAudit(dataFolder),
    await checkLog(dataFolder, running !== null),
    await checkStore(settings, dataFolder, running !== null),
    ...(torn === null ? [] : [warn('store', torn)]),
  ]
}

function checkVillage(folder: string): Finding[] {
  const loaded = loadVillage(folder)
  if (!loaded.ok) return loaded.faults.map((fault) => fail('village', `${folder}: ${fault}`))
  const { village, devices, notes } = loaded.village
  return [
    ok('village', `${folder} holds together: ${village.name}, ${devices.length} devices`),
    ...notes.map((note) => warn('village', note)),
  ]
}

/** The folder is its owner's alone, and so is each file in it. */
function checkRights(dataFolder: string): Finding[] {
  const findings: Finding[] = []
  const isOpen = (path: string): boolean =>
    ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0
  if (isOpen(dataFolder))
    findings.push(warn('data', `${dataFolder} is open to others; run chmod 700 ${dataFolder}`))
  let names: string[]
  try {
    names = readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    return [fail('data', `${dataFolder} cannot be read (${reasonOf(error)}); run as its owner`)]
  }
  for (const name of names) {
    const path = join(dataFolder, name)
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true && isOpen(path))
      findings.push(warn('data', `${path} is open to others; run chmod 600 ${path}`))
  }
  return findings.length > 0 ? findings : [ok('data', `${dataFolder} is open to its owner only`)]
}

function checkSchema(dataFolder: string): Finding {
  const fault = schemaFault(dataFolder)
  if (fault !== null) return fail('schema', fault)
  const schema = folderSchema(dataFolder) ?? SCHEMA_VERSION
  return schema === SCHEMA_VERSION
    ? ok('schema', `version ${SCHEMA_VERSION}`)
    : warn(
        'schema',
        `version ${schema}; the next start keeps what it changes in ${keptBefore(dataFolder, schema)} and carries the folder on to ${SCHEMA_VERSION}`,
      )
}

function checkRegistry(dataFolder: string): Finding {
  try {
    const { devices, accounts } = readRegistry(dataFolder)
    return ok('registry', `${devices.length} devices, ${accounts.length} accounts`)
  } catch (error) {
    return fail('registry', error instanceof PantauError ? error.message : reasonOf(error))
  }
}

function checkAudit(dataFolder: string): Finding {
  const { lines, fault } = readAuditLog(dataFolder)
  const last = lines.at(-1)
  // Who notes number and hash elsewhere can tell later that not even the whole trail was written anew.
  const end = last === undefined ? '' : `; the last is ${last.n}, ${last.hash.slice(0, 16)}`
  return fault === null
    ? ok('audit', `${lines.length} lines, each with the hash of the one before${end}`)
    : fail('audit', `audit.jsonl: ${fault}; compare it with a backup and find out who did it`)
}

async function checkLog(dataFolder: string, isRunning: boolean): Promise<Finding> {
  const folder = logFolder(dataFolder)
  const segments = listSegments(folder)
  const last = segments.at(-1)
  if (last === undefined) return ok('log', 'empty')
  const reader = openLogReader(folder, logStart(folder))
  let records = 0
  const damages: string[] = []
  try {
    // A group that is being written, or was when the power went, is behind it: the broker cuts it off.
    const found = await findSegmentEnd(folder, last)
    const end: LogPosition = { segment: last, offset: found.end ?? found.used }
    for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
      for (const item of items) {
        if (item.type === 'record') records += 1
        else damages.push(`segment ${item.at.segment} at byte ${item.at.offset}: ${item.detail}`)
      }
    }
  } catch (error) {
    if (error instanceof PantauError) return fail('log', error.message)
    // A stored segment may be removed while it is read.
    if (!isRunning || reasonOf(error) !== 'ENOENT') throw error
  } finally {
    await reader.close()
  }
  const read = `${segments.length} segments, ${records} records`
  return damages.length === 0
    ? ok('log', `${read}, all whole`)
    : fail(
        'log',
        `${read}; damaged: ${damages.join('; ')}. What was there is lost and counted; check the disk`,
      )
}

const ANSWER_MS = 3_000

async function checkStore(settings: Settings, dataFolder: string, isRunning: boolean): Promise<Finding> {
  const influx = /^influxdb[12](\+tls)?:\/\/(?:[^/@]*@)?([^/]+)/.exec(settings.PANTAU_STORE)
  if (influx !== null) {
    const url = `${influx[1] === undefined ? 'http' : 'https'}://${influx[2] ?? ''}/ping`
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
      if (answer.ok) return ok('store', `${url} answers`)
      return fail('store', `${url} answers ${answer.status}; check PANTAU_STORE and the server`)
    } catch (error) {
      return fail(
        'store',
        `${url} does not answer (${reasonOf(error)}); check PANTAU_STORE, start the server`,
      )
    }
  }
  const path = join(dataFolder, 'store', 'pantau.duckdb')
  if (!existsSync(path)) return ok('store', `${path} is made at the first start`)
  // Its file is the running village's; /readyz tells.
  if (isRunning) return ok('store', `${path} is open in the running village`)
  try {
    const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
    instance.closeSync()
    return ok('store', `${path} opens`)
  } catch (error) {
    if (tornAt(String(error)) !== null)
      return warn(
        'store',
        `${path}.wal is torn at its end, as by a power cut; the next start cuts it there and stores what was in it again from the log`,
      )
    return fail(
      'store',
      `${path} does not open (${reasonOf(error).split('\n')[0]}); restore it from a backup`,
    )
  }
}

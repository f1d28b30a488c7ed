// `npm run log -- check PATH [--cut]`: looks through a log folder, or one segment of it, and prints what it holds and what is damaged; with
// `--cut` the damaged parts are cut out and kept aside. Exit 1 when something is damaged and stays so.

import { existsSync, statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import type { LogPosition } from '../contract/log.ts'
import { formatTime, systemClock } from '../contract/time.ts'
import { type Lock, lockDataFolder, lockHolder } from '../runtime/data-folder.ts'
import {
  checkLog,
  cutOut,
  type DamagedRange,
  type LogReport,
  type RecordPlace,
} from '../runtime/log/check.ts'
import { listSegments, segmentPath } from '../runtime/log/segment.ts'
import { socketPath } from '../runtime/sockets.ts'
import { readCommandLine } from './command-line.ts'

const USAGE = 'npm run log -- check PATH [--cut]'
const CUT = '--cut'

export async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(
    argv.filter((word) => word !== CUT),
    [],
    USAGE,
  )
  const [verb, path, ...more] = line.words
  if (verb !== 'check' || path === undefined || more.length > 0) {
    throw new PantauError('bad_command', `${argv.join(' ') || 'nothing'} is no command of the log; ${USAGE}`)
  }
  const place = placeOf(path)
  const lock = await holdFolder(place.folder)
  try {
    return await check(place, argv.includes(CUT))
  } finally {
    lock?.release()
  }
}

interface Place {
  readonly folder: string
  /** The one segment that is asked for; null: all. */
  readonly segment: number | null
}

function placeOf(path: string): Place {
  const full = resolve(path)
  const status = statSync(full, { throwIfNoEntry: false })
  if (status === undefined) {
    throw new PantauError('unknown_name', `${full} is not there; give a log folder or one of its segments`)
  }
  const segment = /^(\d{8})\.log$/.exec(basename(full))?.[1]
  if (status.isFile() && segment !== undefined) return { folder: dirname(full), segment: Number(segment) }
  if (status.isDirectory() && listSegments(full).length > 0) return { folder: full, segment: null }
  throw new PantauError(
    'unknown_name',
    `${full} is no log: it holds no segment such as 00000001.log; give data/log, or a segment of it`,
  )
}

/** A log that somebody writes cannot be judged, let alone cut. Holds the data folder for this process where the log lies in one. */
async function holdFolder(folder: string): Promise<Lock | null> {
  const dataFolder = dirname(folder)
  const holder = lockHolder(dataFolder)
  if (holder !== null) {
    throw new PantauError('data_in_use', `${folder} is held by process ${holder}; stop the village first`)
  }
  if (await answers(socketPath(dataFolder, 'wake'))) {
    throw new PantauError('data_in_use', `${folder} is written by a running broker; stop it first`)
  }
  return existsSync(join(dataFolder, 'schema.json')) ? lockDataFolder(dataFolder, process.pid) : null
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      done(true)
    })
    probe.once('error', () => done(false))
  })
}

async function check({ folder, segment }: Place, isCutting: boolean): Promise<number> {
  const report = await checkLog(folder, segment ?? undefined)
  printReport(folder, report)
  const { damaged, tornTail, missing } = report
  let left = damaged.length
  if (isCutting && (damaged.length > 0 || tornTail !== null)) {
    const cuts = cutOut(folder, report, systemClock.now())
    for (const { range, keptAt, isCut } of cuts) {
      const what = isCut ? 'cut out' : 'too short to be cut out, left as it is'
      print(`${placeText(range.at)}: ${range.bytes} bytes ${what}; kept in ${keptAt}`)
    }
    left = cuts.filter(({ isCut }) => !isCut).length
  }
  if (left === 0 && missing.length === 0) return 0
  process.stderr.write(`${complaint(folder, left, missing, isCutting)}\n`)
  return 1
}

function complaint(folder: string, damaged: number, missing: readonly number[], wasCutting: boolean): string {
  const what = [
    ...(damaged > 0 ? [`${damaged} damaged ranges`] : []),
    ...(missing.length > 0 ? [`segments ${missing.join(', ')} missing`] : []),
  ].join(' and ')
  const cure =
    damaged > 0 && !wasCutting ? `${USAGE.replace('[--cut]', '--cut')} cuts what is damaged out, or ` : ''
  return `${folder}: ${what}; check the disk; ${cure}restore a backup`
}

function printReport(folder: string, { segments, damaged, tornTail, missing }: LogReport): void {
  const sum = (of: (segment: (typeof segments)[number]) => number): string =>
    segments.reduce((total, segment) => total + of(segment), 0).toLocaleString('en-GB')
  print(
    `${folder}: ${segments.length} segments, ${sum(({ records }) => records)} records, ` +
      `${sum(({ messages }) => messages)} of them messages, ${sum(({ bytes }) => bytes)} bytes`,
  )
  for (const { segment, bytes, records, voidBytes, first, last } of segments) {
    const span = first === null || last === null ? 'empty' : `${recordText(first)} to ${recordText(last)}`
    const cut = voidBytes > 0 ? `, ${voidBytes} bytes cut out before` : ''
    print(`${basename(segmentPath(folder, segment))}: ${records} records, ${bytes} bytes, ${span}${cut}`)
  }
  for (const range of damaged) print(`damaged: ${rangeText(range)}`)
  for (const segment of missing) print(`missing: ${basename(segmentPath(folder, segment))}`)
  if (tornTail !== null) {
    print(`torn tail: ${rangeText(tornTail)}, as a crash leaves it; the broker cuts it when it starts`)
  }
}

const recordText = ({ at, arrival }: RecordPlace): string => `${formatTime(arrival)} at ${placeText(at)}`
const rangeText = ({ at, bytes }: DamagedRange): string => `${bytes} bytes at ${placeText(at)}`
const placeText = ({ segment, offset }: LogPosition): string => `${segment}:${offset}`

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

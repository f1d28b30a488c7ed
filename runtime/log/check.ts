// Looks through a log that nobody writes: what each segment holds, where it ends torn, and where bytes stand that hold no record. What is
// damaged can be cut out: its bytes are kept in a file beside, and void records fill its place, since positions in the log are never given
// anew: a store that goes on from one finds what it found before.

import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { PantauError } from '../../contract/errors.ts'
import type { LogPosition } from '../../contract/log.ts'
import type { TimeMs } from '../../contract/time.ts'
import { syncFolder, writeFileAtomic } from '../files.ts'
import { openLogReader } from './reader.ts'
import { LEAST_VOID_BYTES, voidRecords } from './record.ts'
import { headerFault, listSegments, SEGMENT_HEADER_BYTES, segmentHeader, segmentPath } from './segment.ts'
import { findSegmentEnd } from './segment-end.ts'

/** A record's place and arrival. */
export interface RecordPlace {
  readonly at: LogPosition
  readonly arrival: TimeMs
}

export interface SegmentReport {
  readonly segment: number
  /** Of the last segment without the zeros that its writer filled it with ahead. */
  readonly bytes: number
  readonly records: number
  readonly messages: number
  /** Bytes of void records: what was cut out there before. */
  readonly voidBytes: number
  /** Null when it holds none. */
  readonly first: RecordPlace | null
  readonly last: RecordPlace | null
}

export interface DamagedRange {
  readonly at: LogPosition
  readonly bytes: number
}

export interface LogReport {
  readonly segments: readonly SegmentReport[]
  readonly damaged: readonly DamagedRange[]
  /** What the last segment ends with and is no record: a crash leaves it, and the next start of the broker cuts it. */
  readonly tornTail: DamagedRange | null
  /** Numbers that are missing between the segments. */
  readonly missing: readonly number[]
}

/**
 * What the segments hold; without `only` all of the folder. Throws `log_damaged` for a segment of a newer format, whose bytes this program
 * cannot judge.
 */
export async function checkLog(folder: string, only?: number): Promise<LogReport> {
  const all = listSegments(folder)
  const wanted = only === undefined ? all : [only]
  const segments: SegmentReport[] = []
  const damaged: DamagedRange[] = []
  for (const segment of wanted) {
    const looked = await lookThrough(folder, segment, segment === all.at(-1))
    segments.push(looked.report)
    damaged.push(...looked.damaged)
  }
  const last = segments.at(-1)
  const end = damaged.at(-1)
  const isTorn =
    last !== undefined &&
    last.segment === all.at(-1) &&
    end?.at.segment === last.segment &&
    end.at.offset + end.bytes >= last.bytes
  return {
    segments,
    damaged: isTorn ? damaged.slice(0, -1) : damaged,
    tornTail: isTorn ? end : null,
    missing: only === undefined ? missingOf(all) : [],
  }
}

function missingOf(segments: readonly number[]): number[] {
  const first = segments[0] ?? 1
  const span = (segments.at(-1) ?? 0) - first
  const present = new Set(segments)
  return Array.from({ length: Math.max(0, span) }, (_, index) => first + index).filter(
    (segment) => !present.has(segment),
  )
}

async function lookThrough(
  folder: string,
  segment: number,
  isLast: boolean,
): Promise<{ report: SegmentReport; damaged: DamagedRange[] }> {
  const { size } = statSync(segmentPath(folder, segment))
  const bytes = isLast ? (await findSegmentEnd(folder, segment)).used : size
  const damaged = headerDamage(folder, segment, bytes)
  let records = 0
  let messages = 0
  let recordBytes = 0
  let damagedBytes = 0
  let first: RecordPlace | null = null
  let last: RecordPlace | null = null
  const reader = openLogReader(folder, { segment, offset: SEGMENT_HEADER_BYTES })
  const end = { segment, offset: bytes }
  try {
    for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
      for (const item of items) {
        if (item.type === 'damaged') {
          // Its header has been looked at.
          if (item.at.offset === 0) continue
          damagedBytes += item.bytes
          addRange(damaged, { at: item.at, bytes: item.bytes })
          continue
        }
        records += 1
        if (item.record.type === 'message') messages += 1
        recordBytes += item.bytes
        const place = { at: { segment, offset: item.next.offset - item.bytes }, arrival: item.record.arrival }
        first ??= place
        last = place
      }
    }
  } finally {
    await reader.close()
  }
  const voidBytes = Math.max(0, bytes - SEGMENT_HEADER_BYTES - recordBytes - damagedBytes)
  return { report: { segment, bytes, records, messages, voidBytes, first, last }, damaged }
}

function headerDamage(folder: string, segment: number, bytes: number): DamagedRange[] {
  const header = readBytes(folder, {
    at: { segment, offset: 0 },
    bytes: Math.min(bytes, SEGMENT_HEADER_BYTES),
  })
  const fault = headerFault(header, segment)
  if (fault === null) return []
  if (fault.kind === 'newer') {
    throw new PantauError(
      'log_damaged',
      `${segmentPath(folder, segment)} ${fault.detail}; look at it with the newer Pantau that wrote it`,
    )
  }
  return [{ at: { segment, offset: 0 }, bytes: header.length }]
}

/** Ranges that follow one another are one. */
function addRange(ranges: DamagedRange[], range: DamagedRange): void {
  const before = ranges.at(-1)
  const follows = before !== undefined && before.at.offset + before.bytes === range.at.offset
  // The header is written anew, not made void.
  if (follows && before.at.offset > 0) {
    ranges[ranges.length - 1] = { at: before.at, bytes: before.bytes + range.bytes }
  } else ranges.push(range)
}

export interface CutRange {
  readonly range: DamagedRange
  /** Where its bytes are kept. */
  readonly keptAt: string
  /** False when it was too short for a void record and stands as it was. */
  readonly isCut: boolean
}

/**
 * Cuts out what the report calls damaged or torn; `now` is when. Nobody may write or read the log meanwhile. Bytes are on disk beside the
 * log before they are changed in it, so that a crash in between loses none.
 */
export function cutOut(folder: string, report: LogReport, now: TimeMs): CutRange[] {
  const kept = join(folder, 'damaged')
  const ranges = [...report.damaged, ...(report.tornTail === null ? [] : [report.tornTail])]
  if (ranges.length > 0) mkdirSync(kept, { recursive: true, mode: 0o700 })
  return ranges.map((range) => {
    const { at, bytes } = range
    const name = `${basename(segmentPath(folder, at.segment), '.log')}-${at.offset}-${bytes}.bytes`
    const keptAt = join(kept, name)
    writeFileAtomic(keptAt, readBytes(folder, range))
    const isTail = range === report.tornTail
    const isCut = isTail || at.offset === 0 || bytes >= LEAST_VOID_BYTES
    if (isCut) replaceRange(folder, range, isTail, now)
    return { range, keptAt, isCut }
  })
}

function replaceRange(folder: string, { at, bytes }: DamagedRange, isTail: boolean, now: TimeMs): void {
  const file = openSync(segmentPath(folder, at.segment), 'r+')
  try {
    if (at.offset === 0) writeAt(file, segmentHeader(at.segment), 0)
    else if (isTail) ftruncateSync(file, at.offset)
    else writeAt(file, voidRecords(bytes, now), at.offset)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncFolder(folder)
}

function writeAt(file: number, bytes: Buffer, offset: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written, offset + written)
  }
}

function readBytes(folder: string, { at, bytes }: DamagedRange): Buffer {
  const file = openSync(segmentPath(folder, at.segment), 'r')
  try {
    const read = Buffer.alloc(bytes)
    const length = readSync(file, read, 0, bytes, at.offset)
    return read.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

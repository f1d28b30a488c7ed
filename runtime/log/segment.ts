// A log is a folder of segments, `00000001.log` and on. Each begins with a header that names the format and has a checksum of its
// own, so that a file of a newer Pantau is told apart from a damaged one, and neither passes for a fresh one.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isMissing } from '../files.ts'
import { crc32c } from './crc32c.ts'

export const SEGMENT_BYTES = 64 * 1024 * 1024
/** magic (8), version (4), segment number (4), checksum of these (4); headers of later versions keep them. */
export const SEGMENT_HEADER_BYTES = 20
const CHECKED_BYTES = 16
const MAGIC = 'PANTAULG'
const VERSION = 1

export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(8, '0')}.log`)
}

export function logFolder(dataFolder: string): string {
  return join(dataFolder, 'log')
}

/** Numbers of the segments that are there, rising. */
export function listSegments(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{8}\.log$/.test(name))
      .map((name) => Number(name.slice(0, 8)))
      .sort((a, b) => a - b)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

export function segmentHeader(segment: number, version = VERSION): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
  header.write(MAGIC, 'latin1')
  header.writeUInt32LE(version, 8)
  header.writeUInt32LE(segment, 12)
  header.writeUInt32LE(crc32c(header, 0, CHECKED_BYTES), CHECKED_BYTES)
  return header
}

export interface HeaderFault {
  /** `newer`: whole, of a version that this program does not know. */
  readonly kind: 'newer' | 'damaged'
  readonly detail: string
}

/** What is wrong with a segment's header; null when it is whole and ours. */
export function headerFault(header: Buffer, segment: number): HeaderFault | null {
  if (header.length < SEGMENT_HEADER_BYTES) {
    return { kind: 'damaged', detail: `ends within its header, after ${header.length} bytes` }
  }
  const isWhole =
    header.toString('latin1', 0, 8) === MAGIC &&
    crc32c(header, 0, CHECKED_BYTES) === header.readUInt32LE(CHECKED_BYTES)
  if (!isWhole) return { kind: 'damaged', detail: 'has no whole header' }
  const version = header.readUInt32LE(8)
  if (version !== VERSION) {
    return { kind: 'newer', detail: `is of format ${version}, this program knows ${VERSION}` }
  }
  const number = header.readUInt32LE(12)
  return number === segment ? null : { kind: 'damaged', detail: `calls itself segment ${number}` }
}

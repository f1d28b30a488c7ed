// A log is a folder of segments, `00000001.log` and on. Each begins with a header that names the format, so that a file of a
// newer Pantau, an empty one or one full of zeros is told apart from a fresh one.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isMissing } from '../files.ts'

export const SEGMENT_BYTES = 64 * 1024 * 1024
/** magic (8), version (4), segment number (4) */
export const SEGMENT_HEADER_BYTES = 16
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

export function segmentHeader(segment: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
  header.write(MAGIC, 'latin1')
  header.writeUInt32LE(VERSION, 8)
  header.writeUInt32LE(segment, 12)
  return header
}

/** What is wrong with a segment's header; null when it is whole. `torn`: the file ends within it. */
export function headerFault(header: Buffer, segment: number): 'torn' | string | null {
  if (header.length < SEGMENT_HEADER_BYTES) return 'torn'
  if (header.toString('latin1', 0, 8) !== MAGIC) return 'is no log segment'
  const version = header.readUInt32LE(8)
  if (version !== VERSION) return `is of format ${version}, this program knows ${VERSION}`
  const number = header.readUInt32LE(12)
  return number === segment ? null : `calls itself segment ${number}`
}

// The real disk under the log.

import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { syncFolder } from '../../runtime/files.ts'
import { listSegments, segmentPath } from '../../runtime/log/segment.ts'
import type { LogDisk } from './segment-writer.ts'

const ZEROS = Buffer.alloc(1_048_576)

export function openLogDisk(folder: string): LogDisk {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    list: () => listSegments(folder),
    size: (segment) => statSync(segmentPath(folder, segment)).size,
    create(segment) {
      const file = openSync(segmentPath(folder, segment), 'wx', 0o600)
      fsyncSync(file)
      syncFolder(folder)
      return file
    },
    open: (segment) => openSync(segmentPath(folder, segment), 'r+'),
    truncate: (file, bytes) => ftruncateSync(file, bytes),
    write,
    zero(file, from, to) {
      for (let at = from; at < to; at += ZEROS.length) write(file, ZEROS.subarray(0, to - at), at)
    },
    sync: (file) => fdatasyncSync(file),
    close: (file) => closeSync(file),
    remove(segment) {
      unlinkSync(segmentPath(folder, segment))
      syncFolder(folder)
    },
    changedAt: (segment) => statSync(segmentPath(folder, segment)).mtimeMs,
    room() {
      const { bavail, blocks, bsize } = statfsSync(folder)
      return { free: bavail * bsize, total: blocks * bsize }
    },
  }
}

function write(file: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written, at + written)
  }
}

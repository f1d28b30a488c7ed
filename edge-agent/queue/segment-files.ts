// The segment files of a queue's folder: found and checked at the start, appended to, thinned, removed. The newest is open
// for appending; after a failed write or sync it is left for good, since Linux marks unsynced pages clean and a second
// sync would succeed without the data (Rebello et al., USENIX ATC 2020).

import { join } from 'node:path'
import { encodeRecord } from './record.ts'
import {
  type Disk,
  readInto,
  readSegment,
  replaceFile,
  SEGMENT_HEAD_BYTES,
  segmentHead,
  sizeOf,
  syncDirectory,
  writeAll,
} from './segment.ts'

export interface Segment {
  readonly path: string
  /** How often every second reading was taken out. */
  level: number
  /** Whole and synced bytes. */
  bytes: number
  firstId: number
  lastId: number
  /** Readings in it that are not acknowledged. */
  left: number
  /** Of these, handed out. */
  inFlight: number
}

/** What was found wrong when the queue was opened. */
export interface QueueFaults {
  /** Bytes of half-written readings cut off the end. */
  readonly tornBytes: number
  /** Damaged stretches that were skipped: at least one reading each. */
  readonly damaged: number
  /** Files of another version, renamed and left alone. */
  readonly setAside: readonly string[]
}

const FILE_NAME = /^(\d{12})\.seg$/

export class SegmentFiles {
  readonly list: Segment[] = []
  readonly faults: QueueFaults
  readonly #disk: Disk
  readonly #folder: string
  #nextNumber = 1
  #scratch: Buffer = Buffer.alloc(0)
  #active: { readonly segment: Segment; readonly file: number } | null = null

  /** Opens the folder, which is created when missing; readings up to id `delivered` count as delivered. */
  constructor(disk: Disk, folder: string, delivered: number) {
    this.#disk = disk
    this.#folder = folder
    this.faults = this.#load(delivered)
  }

  get bytes(): number {
    return this.list.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  /** The segment that holds this id; null when none does. */
  holding(id: number): Segment | null {
    return this.list.find((segment) => id >= segment.firstId && id <= segment.lastId) ?? null
  }

  isActive(segment: Segment): boolean {
    return this.#active?.segment === segment
  }

  /** Appends the readings to the newest segment and syncs it, a new one when it has `limit` bytes. Throws what the disk does. */
  append(readings: readonly (readonly [id: number, payload: Uint8Array])[], limit: number): void {
    const first = readings[0]
    const last = readings.at(-1)
    if (first === undefined || last === undefined) return
    if (this.#active !== null && this.#active.segment.bytes >= limit) this.seal()
    this.#active ??= this.#create(first[0])
    const { segment, file } = this.#active
    const bytes = Buffer.concat(readings.map(([id, payload]) => encodeRecord(id, payload)))
    writeAll(this.#disk, file, bytes)
    this.#disk.fdatasyncSync(file)
    segment.bytes += bytes.length
    segment.lastId = last[0]
    segment.left += readings.length
  }

  /** Appends nothing more to the newest segment. */
  seal(): void {
    if (this.#active === null) return
    this.#disk.closeSync(this.#active.file)
    this.#active = null
  }

  /** Leaves the newest segment after a failed write or sync, with what was synced before. */
  abandon(): void {
    const active = this.#active
    if (active === null) return
    this.#active = null
    attempt(() => this.#disk.ftruncateSync(active.file, active.segment.bytes))
    attempt(() => this.#disk.closeSync(active.file))
    if (active.segment.left === 0) attempt(() => this.remove(active.segment))
  }

  remove(segment: Segment): void {
    if (this.isActive(segment)) this.seal()
    const index = this.list.indexOf(segment)
    if (index >= 0) this.list.splice(index, 1)
    this.#disk.unlinkSync(segment.path)
  }

  /** Reads the segment from `from` into `target`; returns the part that was filled. */
  read(segment: Segment, from: number, target: Buffer): Buffer {
    const length = Math.max(0, Math.min(target.length, segment.bytes - from))
    return readInto(this.#disk, segment.path, from, target.subarray(0, length))
  }

  /** Rewrites the segment, one level thinner, with only the readings that `keeps` says; removes it when none is left. */
  rewrite(segment: Segment, keeps: (id: number) => boolean): void {
    if (this.isActive(segment)) this.seal()
    const bytes = this.read(segment, 0, Buffer.allocUnsafe(segment.bytes))
    const kept: Buffer[] = []
    readSegment(bytes, ({ id, start, end }) => {
      if (keeps(id)) kept.push(bytes.subarray(start, end))
    })
    if (kept.length === 0) {
      this.remove(segment)
      return
    }
    const thinner = Buffer.concat([segmentHead(segment.level + 1), ...kept])
    replaceFile(this.#disk, segment.path, thinner, this.#folder)
    segment.level += 1
    segment.bytes = thinner.length
    segment.left = kept.length
  }

  #create(firstId: number): { segment: Segment; file: number } {
    const path = join(this.#folder, `${String(this.#nextNumber).padStart(12, '0')}.seg`)
    this.#nextNumber += 1
    const file = this.#disk.openSync(path, 'wx', 0o600)
    try {
      writeAll(this.#disk, file, segmentHead(0))
      syncDirectory(this.#disk, this.#folder)
    } catch (error) {
      attempt(() => this.#disk.closeSync(file))
      attempt(() => this.#disk.unlinkSync(path))
      throw error
    }
    const segment = {
      path,
      level: 0,
      bytes: SEGMENT_HEAD_BYTES,
      firstId,
      lastId: firstId,
      left: 0,
      inFlight: 0,
    }
    this.list.push(segment)
    return { segment, file }
  }

  #load(delivered: number): QueueFaults {
    this.#disk.mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const names = this.#disk.readdirSync(this.#folder).sort()
    for (const name of names) {
      if (name.endsWith('.seg.new')) this.#disk.unlinkSync(join(this.#folder, name))
    }
    const files = names.filter((name) => FILE_NAME.test(name))
    this.#nextNumber = Number(FILE_NAME.exec(files.at(-1) ?? '')?.[1] ?? 0) + 1
    const faults = { tornBytes: 0, damaged: 0, setAside: [] as string[] }
    let known = delivered
    for (const name of files) {
      known = this.#loadFile(join(this.#folder, name), known, name === files.at(-1), faults)
    }
    this.#scratch = Buffer.alloc(0)
    return faults
  }

  /** Takes one file in; returns the highest id known so far. */
  #loadFile(
    path: string,
    known: number,
    isLast: boolean,
    faults: { tornBytes: number; damaged: number; setAside: string[] },
  ): number {
    const bytes = this.#readWhole(path)
    const span = { first: 0, last: known, left: 0 }
    const content = readSegment(bytes, ({ id }) => {
      if (id <= span.last) return
      if (span.left === 0) span.first = id
      span.last = id
      span.left += 1
    })
    if (!content.ok) {
      this.#disk.renameSync(path, `${path}.version-${content.version}`)
      faults.setAside.push(`${path}.version-${content.version}`)
      return known
    }
    const tail = bytes.length - content.end
    if (isLast) faults.tornBytes += tail
    faults.damaged += content.damaged + (!isLast && tail > 0 ? 1 : 0)
    if (span.left === 0) {
      this.#disk.unlinkSync(path)
      return known
    }
    const segment: Segment = {
      path,
      level: content.level,
      bytes: content.end,
      firstId: span.first,
      lastId: span.last,
      left: span.left,
      inFlight: 0,
    }
    this.list.push(segment)
    if (isLast) this.#active = { segment, file: this.#reopen(path, content.end, tail) }
    return span.last
  }

  /** One buffer serves all files at the start, which would otherwise be garbage of the whole queue's size. */
  #readWhole(path: string): Buffer {
    const size = sizeOf(this.#disk, path)
    if (this.#scratch.length < size) this.#scratch = Buffer.allocUnsafe(size)
    return readInto(this.#disk, path, 0, this.#scratch.subarray(0, size))
  }

  /** The last file, cut after its last whole reading, open for appending. */
  #reopen(path: string, end: number, tail: number): number {
    const file = this.#disk.openSync(path, 'a', 0o600)
    if (tail > 0) {
      this.#disk.ftruncateSync(file, end)
      this.#disk.fdatasyncSync(file)
    }
    return file
  }
}

/** Does what may fail on a disk that has failed already; the first fault is the one that counts. */
function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // Nothing to mend here: the reading is still in memory, and the caller reports the fault that led here.
  }
}

// A disk whose faults a test owns: the n-th call fails, the room is what it says, and a power cut leaves what was synced and any sectors
// of what was not.

import { readFileSync, writeFileSync } from 'node:fs'
import { listSegments, segmentPath } from '../../../runtime/log/segment.ts'
import { openLogDisk } from '../disk.ts'
import type { LogDisk } from '../segment-writer.ts'

export type DiskCall = keyof LogDisk

/** Thrown by the call at which the power goes, and by all that follow. */
export class PowerCut extends Error {}

interface Write {
  readonly at: number
  readonly bytes: Buffer
}

interface File {
  readonly segment: number
  /** What is on the platter for certain. */
  synced: Buffer
  /** What was done since. */
  pending: (Write | { readonly truncate: number })[]
  hasFailedSync: boolean
}

export class FaultyDisk implements LogDisk {
  readonly calls: DiskCall[] = []
  /** Asked at each call: a code to fail with, `power` for a power cut, null to do it. */
  fault: (call: DiskCall, index: number) => string | null = () => null
  free = Number.MAX_SAFE_INTEGER
  total = Number.MAX_SAFE_INTEGER
  #isOff = false
  readonly #folder: string
  readonly #disk: LogDisk
  readonly #files = new Map<number, File>()
  readonly #descriptors = new Map<number, File>()

  constructor(folder: string) {
    this.#folder = folder
    this.#disk = openLogDisk(folder)
    for (const segment of listSegments(folder)) this.#files.set(segment, this.#fileOf(segment))
  }

  list(): number[] {
    this.#call('list')
    return this.#disk.list()
  }

  size(segment: number): number {
    this.#call('size')
    return this.#disk.size(segment)
  }

  create(segment: number): number {
    this.#call('create')
    const descriptor = this.#disk.create(segment)
    const file: File = { segment, synced: Buffer.alloc(0), pending: [], hasFailedSync: false }
    this.#files.set(segment, file)
    this.#descriptors.set(descriptor, file)
    return descriptor
  }

  open(segment: number): number {
    this.#call('open')
    const descriptor = this.#disk.open(segment)
    this.#descriptors.set(descriptor, this.#files.get(segment) ?? this.#fileOf(segment))
    return descriptor
  }

  truncate(descriptor: number, bytes: number): void {
    this.#call('truncate')
    this.#disk.truncate(descriptor, bytes)
    this.#of(descriptor).pending.push({ truncate: bytes })
  }

  write(descriptor: number, bytes: Uint8Array, at: number): void {
    this.#write('write', descriptor, bytes, at)
  }

  zero(descriptor: number, from: number, to: number): void {
    this.#write('zero', descriptor, Buffer.alloc(to - from), from)
  }

  sync(descriptor: number): void {
    const file = this.#of(descriptor)
    if (file.hasFailedSync)
      throw new Error(`segment ${file.segment} was synced after a sync of it had failed`)
    const code = this.#faultOf('sync')
    if (code !== null) {
      file.hasFailedSync = true
      throw faultOf(code)
    }
    file.synced = readFileSync(segmentPath(this.#folder, file.segment))
    file.pending = []
  }

  close(descriptor: number): void {
    this.#disk.close(descriptor)
    this.#descriptors.delete(descriptor)
    this.#call('close')
  }

  remove(segment: number): void {
    this.#call('remove')
    this.#disk.remove(segment)
    this.#files.delete(segment)
  }

  changedAt(segment: number): number {
    return this.#disk.changedAt(segment)
  }

  room(): { free: number; total: number } {
    return { free: this.free, total: this.total }
  }

  /** The power goes: of what was not synced any sectors stay; where the file is longer than they reach, it holds zeros. */
  cutPower(random: () => number): void {
    for (const descriptor of this.#descriptors.keys()) this.#disk.close(descriptor)
    this.#descriptors.clear()
    for (const file of this.#files.values()) {
      writeFileSync(segmentPath(this.#folder, file.segment), survivorOf(file, random))
    }
  }

  #fileOf(segment: number): File {
    const synced = readFileSync(segmentPath(this.#folder, segment))
    return { segment, synced, pending: [], hasFailedSync: false }
  }

  #write(call: DiskCall, descriptor: number, bytes: Uint8Array, at: number): void {
    const code = this.#faultOf(call)
    // A write that fails may have been done in part.
    const done = code === null ? bytes : bytes.subarray(0, bytes.length >> 1)
    this.#of(descriptor).pending.push({ at, bytes: Buffer.from(done) })
    this.#disk.write(descriptor, done, at)
    if (code !== null) throw faultOf(code)
  }

  #of(descriptor: number): File {
    const file = this.#descriptors.get(descriptor)
    if (file === undefined) throw new Error('bad descriptor')
    return file
  }

  #call(call: DiskCall): void {
    const code = this.#faultOf(call)
    if (code !== null) throw faultOf(code)
  }

  #faultOf(call: DiskCall): string | null {
    if (this.#isOff) return 'power'
    this.calls.push(call)
    const code = this.fault(call, this.calls.length)
    this.#isOff = code === 'power'
    return code
  }
}

function faultOf(code: string): Error {
  return code === 'power' ? new PowerCut() : Object.assign(new Error(code), { code })
}

const SECTOR_BYTES = 512

function survivorOf(file: File, random: () => number): Buffer {
  let bytes = file.synced
  for (const done of file.pending) {
    if ('truncate' in done) bytes = random() < 0.5 ? bytes.subarray(0, done.truncate) : bytes
    else bytes = overwritten(bytes, done, random)
  }
  return bytes
}

/** Sectors of a write reach the platter all, none, the first ones, or any. */
function overwritten(bytes: Buffer, { at, bytes: written }: Write, random: () => number): Buffer {
  const chance = random()
  const last = Math.floor(random() * written.length)
  const isKept = (offset: number): boolean =>
    chance < 0.3 || (chance < 0.5 ? offset < last : chance < 0.8 && random() < 0.5)
  let longest = bytes.length
  const kept = Buffer.concat([bytes, Buffer.alloc(Math.max(0, at + written.length - bytes.length))])
  for (let from = 0; from < written.length; ) {
    const to = Math.min(written.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES))
    if (isKept(from)) {
      kept.set(written.subarray(from, to), at + from)
      longest = Math.max(longest, at + to)
    }
    from = to
  }
  // The length may be on the platter before the bytes are.
  return random() < 0.3 ? kept : kept.subarray(0, longest)
}

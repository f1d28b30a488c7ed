// A disk whose faults a test owns: the n-th call fails, the room is what it says, and a power cut leaves what was synced and any part
// of what was not.

import { readFileSync, writeFileSync } from 'node:fs'
import { listSegments, segmentPath } from '../../../runtime/log/segment.ts'
import { openLogDisk } from '../disk.ts'
import type { LogDisk } from '../segment-writer.ts'

export type DiskCall = keyof LogDisk

/** Thrown by the call at which the power goes. */
export class PowerCut extends Error {}

interface File {
  readonly segment: number
  /** What is on the platter for certain. */
  synced: Buffer
  /** What was done since. */
  pending: ({ readonly write: Buffer } | { readonly truncate: number })[]
  hasFailedSync: boolean
}

export class FaultyDisk implements LogDisk {
  readonly calls: DiskCall[] = []
  /** Asked at each call: a code to fail with, `power` for a power cut, null to do it. */
  fault: (call: DiskCall, index: number) => string | null = () => null
  free = Number.MAX_SAFE_INTEGER
  total = Number.MAX_SAFE_INTEGER
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

  write(descriptor: number, bytes: Uint8Array): void {
    const code = this.#faultOf('write')
    // A write that fails may have been done in part.
    const done = code === null ? bytes : bytes.subarray(0, bytes.length >> 1)
    this.#of(descriptor).pending.push({ write: Buffer.from(done) })
    this.#disk.write(descriptor, done)
    if (code !== null) throw faultOf(code)
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

  /** The power goes: of what was not synced each write stays, stays in part, stays as zeros, or is gone. */
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
    this.calls.push(call)
    return this.fault(call, this.calls.length)
  }
}

function faultOf(code: string): Error {
  return code === 'power' ? new PowerCut() : Object.assign(new Error(code), { code })
}

function survivorOf(file: File, random: () => number): Buffer {
  let bytes = file.synced
  let isGone = false
  for (const done of file.pending) {
    if (isGone) continue
    if ('truncate' in done) bytes = bytes.subarray(0, random() < 0.5 ? done.truncate : bytes.length)
    else if (random() < 0.4) bytes = Buffer.concat([bytes, done.write])
    else if (random() < 0.6) {
      const kept = Math.floor(random() * done.write.length)
      const zeros = random() < 0.5 ? done.write.length - kept : 0
      bytes = Buffer.concat([bytes, done.write.subarray(0, kept), Buffer.alloc(zeros)])
      isGone = zeros === 0
    } else isGone = true
  }
  return bytes
}

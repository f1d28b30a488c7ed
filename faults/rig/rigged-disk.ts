// The log's real disk, with the faults that a campaign orders, and with a record of how far each segment was synced, from which a power
// cut is made: kill -9 leaves the page cache alive and cannot show a missing sync.

import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { openLogDisk } from '../../broker/log/disk.ts'
import type { LogDisk } from '../../broker/log/segment-writer.ts'
import {
  type DiskCall,
  encodeLength,
  lengthPlace,
  type Orders,
  ordersOf,
  reportViolation,
  syncedLengthsPath,
} from './orders.ts'

export function riggedDisk(folder: string): LogDisk {
  const disk = openLogDisk(folder)
  const lengths = openSync(syncedLengthsPath(folder), constants.O_RDWR | constants.O_CREAT, 0o600)
  const segments = new Map<number, number>()
  /** Behind what was written last, by file: the zeros ahead of it are nothing that a sync has to keep. */
  const written = new Map<number, number>()
  /** Files that are cut to their records before they are synced. */
  const isWhole = new Set<number>()
  const failedSyncs = new Set<number>()
  let failedFor = 0
  let failures = 0

  function failAsOrdered(call: DiskCall, orders: Orders | null): void {
    const code = orders?.fail?.[call]
    if (orders === null || code === undefined) return
    if (orders.id !== failedFor) {
      failedFor = orders.id
      failures = 0
    }
    if (failures >= (orders.times ?? Number.POSITIVE_INFINITY)) return
    failures += 1
    throw Object.assign(new Error(`${code}, as ordered`), { code })
  }

  return {
    ...disk,
    create(segment) {
      failAsOrdered('create', ordersOf(folder))
      const file = disk.create(segment)
      segments.set(file, segment)
      return file
    },
    open(segment) {
      const file = disk.open(segment)
      segments.set(file, segment)
      isWhole.add(file)
      return file
    },
    write(file, bytes, at) {
      const orders = ordersOf(folder)
      try {
        failAsOrdered('write', orders)
      } catch (error) {
        // A write that fails may have been done in part.
        disk.write(file, bytes.subarray(0, bytes.length >> 1), at)
        throw error
      }
      disk.write(file, bytes, at)
      written.set(file, at + bytes.length)
    },
    sync(file) {
      const segment = segments.get(file) ?? 0
      if (failedSyncs.has(file))
        reportViolation(folder, `segment ${segment} was synced after a sync of it had failed`)
      const orders = ordersOf(folder)
      if (orders?.syncMs !== undefined) wait(orders.syncMs)
      try {
        failAsOrdered('sync', orders)
        disk.sync(file)
      } catch (error) {
        failedSyncs.add(file)
        throw error
      }
      const length = isWhole.has(file) ? fstatSync(file).size : written.get(file)
      if (length !== undefined) writeSync(lengths, encodeLength(length), 0, undefined, lengthPlace(segment))
    },
    close(file) {
      disk.close(file)
      segments.delete(file)
      written.delete(file)
      isWhole.delete(file)
      failedSyncs.delete(file)
    },
    room() {
      const room = disk.room()
      return { ...room, free: ordersOf(folder)?.free ?? room.free }
    },
  }
}

function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

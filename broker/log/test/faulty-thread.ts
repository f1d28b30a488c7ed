// The log's thread on the real disk, but for the faults that a test commands.

import { parentPort, workerData } from 'node:worker_threads'
import { openLogDisk } from '../disk.ts'
import type { LogDisk } from '../segment-writer.ts'
import { type LogThreadData, serveLog } from '../serve-log.ts'
import { commandedFaults } from './commanded-faults.ts'

if (parentPort !== null) await serveLog(parentPort, workerData as LogThreadData, openFaultyDisk)

function openFaultyDisk(folder: string): LogDisk {
  const disk = openLogDisk(folder)
  let hasFailed = false
  const failAsCommanded = (call: string): void => {
    const { fail, once = false } = commandedFaults(folder)
    const code = fail?.[call]
    if (code === undefined || (once && hasFailed)) return
    hasFailed = true
    throw Object.assign(new Error(code), { code })
  }
  return {
    ...disk,
    create(segment) {
      failAsCommanded('create')
      return disk.create(segment)
    },
    write(file, bytes, at) {
      failAsCommanded('write')
      disk.write(file, bytes, at)
    },
    sync(file) {
      const { syncMs } = commandedFaults(folder)
      if (syncMs !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, syncMs)
      failAsCommanded('sync')
      disk.sync(file)
    },
    room() {
      const room = disk.room()
      return { ...room, free: commandedFaults(folder).free ?? room.free }
    },
  }
}

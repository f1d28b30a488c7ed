// A planted defect: the log says that a group is on disk before it is. Acknowledgements then leave before the sync. It is here to show
// that the campaign sees it, and exists in this bundle alone.

import { parentPort, workerData } from 'node:worker_threads'
import type { LogDisk } from '../../broker/log/segment-writer.ts'
import { type LogThreadData, serveLog } from '../../broker/log/serve-log.ts'
import { riggedDisk } from './rigged-disk.ts'

const LATE_MS = 300

if (parentPort !== null) {
  await serveLog(parentPort, workerData as LogThreadData, (folder) => syncingLate(riggedDisk(folder)))
}

function syncingLate(disk: LogDisk): LogDisk {
  const open = new Set<number>()
  return {
    ...disk,
    create(segment) {
      const file = disk.create(segment)
      open.add(file)
      return file
    },
    open(segment) {
      const file = disk.open(segment)
      open.add(file)
      return file
    },
    sync(file) {
      setTimeout(() => {
        if (open.has(file)) disk.sync(file)
      }, LATE_MS)
    },
    close(file) {
      open.delete(file)
      disk.close(file)
    },
  }
}

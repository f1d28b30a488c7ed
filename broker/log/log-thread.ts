// The log's own thread: writes and syncs, so that a sync waits for nothing but the disk (libuv's pool is shared with scrypt,
// zlib and file serving).

import { parentPort, workerData } from 'node:worker_threads'
import type { LogPosition } from '../../contract/log.ts'
import { openLogDisk } from './disk.ts'
import { LogRefusal, type LogSize, SegmentWriter } from './segment-writer.ts'

export type LogRequest =
  | { readonly type: 'commit'; readonly group: Uint8Array }
  | { readonly type: 'remove'; readonly stored: LogPosition; readonly changedBefore: number }
  | { readonly type: 'probe' }
  | { readonly type: 'close' }

export type LogReply =
  | { readonly type: 'opened'; readonly size: LogSize; readonly cutBytes: number }
  | { readonly type: 'done'; readonly size: LogSize }
  | { readonly type: 'refused'; readonly reason: LogRefusal['reason']; readonly detail: string }

export interface LogThreadData {
  readonly folder: string
}

if (parentPort !== null) await serve(parentPort, (workerData as LogThreadData).folder)

async function serve(port: NonNullable<typeof parentPort>, folder: string): Promise<void> {
  const writer = new SegmentWriter(openLogDisk(folder))
  const { cutBytes } = await writer.open(folder)
  const reply = (message: LogReply): void => port.postMessage(message)
  port.on('message', (request: LogRequest) => {
    try {
      answer(writer, request)
    } catch (error) {
      if (!(error instanceof LogRefusal)) throw error
      reply({ type: 'refused', reason: error.reason, detail: error.message })
      return
    }
    reply({ type: 'done', size: writer.size() })
    if (request.type === 'close') port.close()
  })
  reply({ type: 'opened', size: writer.size(), cutBytes })
}

function answer(writer: SegmentWriter, request: LogRequest): void {
  switch (request.type) {
    case 'commit':
      writer.commit(request.group)
      return
    case 'remove':
      writer.removeStored(request.stored, request.changedBefore)
      return
    case 'probe':
      writer.probe()
      return
    case 'close':
      writer.close()
      return
  }
}

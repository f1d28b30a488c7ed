// What the log's own thread answers to: writes and syncs there, so that a sync waits for nothing but the disk (libuv's pool is
// shared with scrypt, zlib and file serving).

import type { MessagePort } from 'node:worker_threads'
import { type ErrorCode, PantauError } from '../../contract/errors.ts'
import type { LogPosition } from '../../contract/log.ts'
import { systemCode } from '../../runtime/files.ts'
import { LogRefusal, refusalOf } from './log-refusal.ts'
import { type LogDisk, type LogSize, type Opened, SegmentWriter } from './segment-writer.ts'

export type LogRequest =
  /** `failures`: of how many failed commits the sender knew. What it handed over before it heard of one is refused. */
  | { readonly type: 'commit'; readonly group: Uint8Array; readonly failures: number }
  | { readonly type: 'remove'; readonly stored: LogPosition; readonly changedBefore: number }
  | { readonly type: 'probe' }
  | { readonly type: 'close' }

export interface Refused {
  readonly type: 'refused'
  readonly reason: LogRefusal['reason']
  readonly detail: string
}

/** The answer to each request, in their order. */
export type LogReply = { readonly type: 'done'; readonly size: LogSize } | Refused

/** Comes first: how the log opened, or why it cannot be used at all. */
export type LogOpened =
  | {
      readonly type: 'opened'
      readonly size: LogSize
      readonly opened: Opened
      readonly refusal: Refused | null
    }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }

export interface LogThreadData {
  readonly folder: string
  /** An end that was synced once. */
  readonly known: LogPosition | null
}

/** Opens the log on the disk that `openDisk` gives for its folder, says so, and answers until it is told to close. */
export async function serveLog(
  port: MessagePort,
  data: LogThreadData,
  openDisk: (folder: string) => LogDisk,
): Promise<void> {
  const reply = (message: LogReply | LogOpened): void => port.postMessage(message)
  let writer: SegmentWriter
  try {
    writer = new SegmentWriter(openDisk(data.folder))
    reply(await open(writer, data))
  } catch (error) {
    reply(failed(error, data.folder))
    return
  }
  let failures = 0
  let failure: LogRefusal | null = null
  port.on('message', (request: LogRequest) => {
    const isLate = request.type === 'commit' && request.failures !== failures
    try {
      if (isLate && failure !== null) throw failure
      answer(writer, request)
    } catch (error) {
      failure = refusalOf(error)
      if (request.type === 'commit' && !isLate) failures += 1
      reply(refused(failure))
      return
    }
    reply({ type: 'done', size: writer.size() })
    if (request.type === 'close') port.close()
  })
}

async function open(writer: SegmentWriter, { folder, known }: LogThreadData): Promise<LogOpened> {
  let opened: Opened = { cutBytes: 0, isBehind: false }
  let refusal: Refused | null = null
  try {
    opened = await writer.open(folder, known)
    writer.probe()
  } catch (error) {
    // Without room for a segment the broker starts all the same: what is there can be read, and room may come.
    if (!(error instanceof LogRefusal)) throw error
    refusal = refused(error)
  }
  return { type: 'opened', size: writer.size(), opened, refusal }
}

function refused({ reason, message }: LogRefusal): Refused {
  return { type: 'refused', reason, detail: message }
}

function failed(error: unknown, folder: string): LogOpened {
  if (error instanceof PantauError) return { type: 'failed', code: error.code, message: error.message }
  const code = systemCode(error)
  if (code === null) throw error
  return {
    type: 'failed',
    code: 'data_unusable',
    message: `${folder} cannot be used for the log (${code}); give a folder that can be written`,
  }
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

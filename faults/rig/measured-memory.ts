// Loaded before a part's own code, in each of its threads: collects garbage when it is asked to, and says what is left. Without that, what
// a process holds cannot be told from what V8 has merely not collected yet.

import { appendFileSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { threadId } from 'node:worker_threads'

/** Put in by the build. */
declare const ASKED_FILE: string

export interface HeapLeft {
  /** Of the question. */
  readonly id: string
  readonly pid: number
  /** 0: the main one. */
  readonly thread: number
  /** Bytes of live objects, and of buffers beside them. */
  readonly heap: number
  readonly external: number
}

const LOOKED_AT_MS = 100

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')
let answered = ''

setInterval(() => {
  const id = asked()
  if (id === '' || id === answered || typeof collect !== 'function') return
  answered = id
  // What finalisers let go of is collected by the second.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  const left: HeapLeft = { id, pid: process.pid, thread: threadId, heap: heapUsed, external }
  appendFileSync(`${ASKED_FILE}.told`, `${JSON.stringify(left)}\n`)
}, LOOKED_AT_MS).unref()

function asked(): string {
  try {
    return readFileSync(ASKED_FILE, 'utf8')
  } catch {
    // Nobody has asked yet.
    return ''
  }
}

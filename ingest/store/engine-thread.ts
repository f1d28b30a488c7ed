// The engine in its thread, called as if it were here.

import { Worker } from 'node:worker_threads'
import type { EngineOptions } from './duckdb-engine.ts'
import {
  ENGINE_METHODS,
  type Engine,
  type EngineAnswer,
  type EngineCall,
  type EngineMethod,
  uncarry,
} from './engine-door.ts'
import { buffersOf, type PackedRows } from './packed-rows.ts'

interface Waiting {
  readonly done: (value: unknown) => void
  readonly failed: (error: Error) => void
}

/**
 * Starts the thread from its bundled file and opens the engine in it. Throws `store_damaged` as the engine does. When the
 * thread dies, every call fails from then on.
 */
export async function openEngineThread(options: EngineOptions, file: URL): Promise<Engine> {
  const worker = new Worker(file, { workerData: options })
  const waiting = new Map<number, Waiting>()
  let gone: Error | null = null
  let lastId = 0

  const fail = (error: Error): void => {
    gone ??= error
    for (const { failed } of waiting.values()) failed(error)
    waiting.clear()
  }
  worker.on('message', (answer: EngineAnswer) => {
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    // An idle thread must not keep a process alive that forgot to close it; one that works must.
    if (waiting.size === 0) worker.unref()
    if (answer.ok) call?.done(answer.value)
    else call?.failed(uncarry(answer.error))
  })
  worker.on('error', (error: Error) => {
    fail(new Error(`the store's thread failed: ${error.message}`, { cause: error }))
  })
  worker.on('exit', (code) => {
    fail(new Error(`the store's thread has ended with ${code}`))
  })

  const answered = (id: number): Promise<unknown> =>
    new Promise((done, failed) => {
      if (gone === null) waiting.set(id, { done, failed })
      else failed(gone)
    })

  const call = (method: EngineMethod, given: readonly unknown[]): Promise<unknown> => {
    lastId += 1
    const answer = answered(lastId)
    const message: EngineCall = { id: lastId, method, given }
    if (gone === null) {
      worker.ref()
      worker.postMessage(message, transferred(method, given))
    }
    return answer
  }

  await answered(0).catch(async (error: unknown) => {
    await worker.terminate()
    throw error
  })
  const methods = ENGINE_METHODS.map(
    (method) => [method, (...given: unknown[]) => call(method, given)] as const,
  )
  return Object.fromEntries(methods) as unknown as Engine
}

/** Columns of a write are handed over, not copied. */
function transferred(method: EngineMethod, given: readonly unknown[]): ArrayBuffer[] {
  return method === 'write' ? buffersOf(given[0] as readonly PackedRows[]) : []
}

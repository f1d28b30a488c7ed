// What the store's thread answers to: it opens the engine, runs calls and answers them.

import type { MessagePort } from 'node:worker_threads'
import { carry, type Engine, type EngineAnswer, type EngineCall } from './engine-door.ts'

/** Opens the engine, says so, and answers until it is closed. */
export async function serveEngine(port: MessagePort, openEngine: () => Promise<Engine>): Promise<void> {
  const answer = (message: EngineAnswer): void => port.postMessage(message)

  async function run(engine: Engine, { id, method, given }: EngineCall): Promise<void> {
    try {
      // The caller's types are those of the method (`engine-door.ts`); the thread's boundary loses them.
      const work = engine[method] as (...values: readonly unknown[]) => Promise<unknown>
      answer({ id, ok: true, value: await work.apply(engine, [...given]) })
    } catch (error) {
      answer({ id, ok: false, error: carry(error) })
    }
    if (method === 'close') port.close()
  }

  try {
    const engine = await openEngine()
    port.on('message', (call: EngineCall) => {
      void run(engine, call)
    })
    answer({ id: 0, ok: true, value: null })
  } catch (error) {
    answer({ id: 0, ok: false, error: carry(error) })
  }
}

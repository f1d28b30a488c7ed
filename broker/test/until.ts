import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `holds` says true, looking often; throws after `withinMs`. */
export async function until(holds: () => Promise<boolean> | boolean, withinMs = 10_000): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += 20) {
    if (await holds()) return
    await sleep(20)
  }
  throw new Error(`it did not come true within ${withinMs} ms: ${holds.toString()}`)
}

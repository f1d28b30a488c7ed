// A clean stop under load, and a start on the same folder (reliability row 34).

import type { Fault } from '../fault.ts'

/** What the contract gives a stop (section 1). */
const STOP_MS = 5_000

export const stopUnderLoad: Fault = {
  name: 'stop',
  what: 'SIGTERM under load, then a start',
  async inject(scene) {
    const { village, clock } = scene
    await scene.moment()
    const since = clock.monotonicMs()
    const code = await village.stop()
    const tookMs = clock.monotonicMs() - since
    if (code !== 0) throw new Error(`the village ended with ${code} on SIGTERM`)
    if (tookMs > STOP_MS) throw new Error(`the village took ${Math.round(tookMs)} ms to stop`)
    await village.restart()
    return since
  },
}

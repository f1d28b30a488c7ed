// A clean stop under load, and a start on the same folder (reliability row 34).

import type { Fault } from '../fault.ts'

export const stopUnderLoad: Fault = {
  name: 'stop',
  what: 'SIGTERM under load, then a start',
  async inject(scene) {
    const { village, clock } = scene
    await scene.moment()
    const since = clock.monotonicMs()
    const code = await village.stop()
    if (code !== 0) throw new Error(`the village ended with ${code} on SIGTERM`)
    await village.restart()
    return since
  },
}

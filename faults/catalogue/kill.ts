// kill -9 at a moment of chance, of one part or of all of them and their supervisor at once (reliability rows 1 to 3).

import type { Fault } from '../fault.ts'

export function killPart(part: 'broker' | 'ingest' | 'dashboard'): Fault {
  return {
    name: `kill-${part}`,
    what: `kill -9 of ${part} at a moment of chance`,
    kills: 1,
    async inject(scene) {
      const pid = await scene.village.partPid(part)
      await scene.moment()
      scene.kill(pid)
      return scene.clock.monotonicMs()
    },
  }
}

export const killAll: Fault = {
  name: 'kill-all',
  what: 'kill -9 of all parts and their supervisor at once',
  async inject(scene) {
    const { village, clock } = scene
    await scene.moment()
    const since = clock.monotonicMs()
    await village.killAll()
    await village.restart()
    return since
  },
}

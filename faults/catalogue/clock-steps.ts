// The machine's wall clock is set under load, an hour forward and an hour back, and to years far off while nothing is sent (reliability
// row 20). All parts see the step at once; timers go on.

import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { DAY, HOUR } from '../../contract/time.ts'
import { type Fault, type Stage, type StageSet, WRITERS } from '../fault.ts'
import { makePreload } from '../rig/rigged-build.ts'

/** The file that shifts it, by stage. */
const shiftFiles = new WeakMap<StageSet, string>()

const SHIFTED: Stage = {
  name: 'clock that can be set',
  async prepare() {
    const clock = await makePreload('shiftedClock')
    const set: StageSet = {
      environment: clock.environment,
      async dispose() {
        clock.remove()
      },
    }
    shiftFiles.set(set, clock.file)
    return set
  },
}

/** Device times stay within what is taken: they begin 20 days ago. */
const STEPS_MS = [HOUR, -HOUR, 9 * DAY, -DAY] as const
const LASTS_MS = 1_500

export const clockSteps: Fault = {
  name: 'clock-steps',
  what: 'the wall clock is set forward and back by an hour or days',
  stage: SHIFTED,
  async inject(scene) {
    const { clock, random } = scene
    const shiftFile = shiftFiles.get(scene.stage) ?? ''
    await scene.moment()
    const step = STEPS_MS[Math.floor(random() * STEPS_MS.length)] ?? HOUR
    writeFileSync(shiftFile, String(step))
    await sleep(random() * LASTS_MS)
    rmSync(shiftFile)
    return clock.monotonicMs()
  },
}

/** Beginning and end of a signed 32-bit clock. */
const YEARS = [0, 2 ** 31 * 1_000 - HOUR] as const

export const clockFarOff: Fault = {
  name: 'clock-far-off',
  what: 'the wall clock is set to 1970 or 2038 and back while nothing is sent',
  stage: SHIFTED,
  async inject(scene) {
    const { clock, random } = scene
    const shiftFile = shiftFiles.get(scene.stage) ?? ''
    await scene.finishWriters()
    const year = YEARS[Math.floor(random() * YEARS.length)] ?? 0
    writeFileSync(shiftFile, String(year - clock.now()))
    await sleep(random() * LASTS_MS)
    rmSync(shiftFile)
    await scene.beginWriters(WRITERS)
    return clock.monotonicMs()
  },
}

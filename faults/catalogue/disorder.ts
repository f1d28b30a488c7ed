// Readings are sent three times over, each time in another order, by devices that do not know what arrived (reliability row 22). How many
// were repetitions is known exactly.

import { until } from '../../test/village.ts'
import type { Fault } from '../fault.ts'
import type { Reading } from '../ledger.ts'
import type { Scene } from '../scene.ts'
import { payloadOf, readingOf } from '../writer.ts'

const DEVICES = 3
const READINGS = 600
const TIMES = 3
const LONGEST_ARRAY = 20

export const disorder: Fault = {
  name: 'disorder',
  what: `every reading is sent ${TIMES} times, shuffled, singly and in arrays`,
  writers: 0,
  async inject(scene) {
    await scene.settled()
    const before = await duplicates(scene)
    for (let index = 0; index < DEVICES; index += 1) await sendShuffled(scene, `d-${index}`)
    const since = scene.clock.monotonicMs()
    await scene.settled()
    const expected = DEVICES * READINGS * (TIMES - 1)
    let counted = 0
    // An answer may be a moment older than the last acknowledgement.
    await until(async () => {
      counted = (await duplicates(scene)) - before
      return counted >= expected
    }).catch(() => undefined)
    if (counted !== expected) throw new Error(`${counted} duplicates were counted, ${expected} were sent`)
    return since
  },
}

async function duplicates(scene: Scene): Promise<number> {
  const { readings } = await scene.questions.get<{ readings: { duplicates: number } }>('/api/v1/counters')
  return readings.duplicates
}

async function sendShuffled(scene: Scene, id: string): Promise<void> {
  const { village, ledger, random } = scene
  const source = await scene.sourceNamed(id, 1)
  const readings = Array.from({ length: READINGS }, () => {
    source.next += 1
    return readingOf(id, source.next)
  })
  const order = Array.from({ length: TIMES }, () => shuffled(readings, random)).flat()
  ledger.send(readings)
  const client = await village.connect(source.credentials)
  const sending: Promise<void>[] = []
  for (let at = 0; at < order.length; ) {
    const part = order.slice(at, at + 1 + Math.floor(random() * LONGEST_ARRAY))
    at += part.length
    const payload = payloadOf(part)
    sending.push(
      client
        .publishAsync(`${source.credentials.topicPrefix}/reading`, payload, { qos: 1 })
        .then(() => ledger.acknowledge(part)),
    )
  }
  await Promise.all(sending)
  await client.endAsync()
}

function shuffled(readings: readonly Reading[], random: () => number): Reading[] {
  return readings
    .map((reading) => ({ reading, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ reading }) => reading)
}

// Row 14 of docs/faults.md: a disk that has not finished a write for half a minute is no longer waited for by those who ask whether the
// village is ready, and what it finishes after all is acknowledged after all.

import { afterEach, expect, it } from 'vitest'
import { commandFaults } from '../broker/log/test/commanded-faults.ts'
import { letIn } from '../broker/test/let-in.ts'
import { startTestBroker, type TestBroker } from '../broker/test/running-broker.ts'
import { until } from '../broker/test/until.ts'
import { systemClock } from '../contract/time.ts'
import { logFolder } from '../runtime/log/segment.ts'

let broker: TestBroker
afterEach(async () => broker.dispose())

it('a write that takes the disk 30 s: the broker says that it does not accept, and acknowledges once it is done', async () => {
  let elapsedMs = 0
  const clock = { now: systemClock.now, monotonicMs: () => systemClock.monotonicMs() + elapsedMs }
  broker = await startTestBroker({}, { clock, isFaulty: true })
  const device = await letIn(broker, 'slow')
  const client = await broker.connect(device)
  commandFaults(logFolder(broker.dataFolder), { syncMs: 1_500 })
  let isAcknowledged = false
  const sent = client.publishAsync(`${device.topicPrefix}/reading`, '{}', { qos: 1 }).then(() => {
    isAcknowledged = true
  })
  await until(async () => /has not finished a write/.test((await broker.status()).detail) || isAcknowledged)
  elapsedMs = 31_000
  expect(isAcknowledged).toBe(false)
  const { accepting, detail } = await broker.status()
  expect([accepting, detail]).toEqual([false, expect.stringMatching(/not finished a write for 3[1-9] s/)])
  commandFaults(logFolder(broker.dataFolder), {})
  await sent
  await until(async () => (await broker.status()).accepting)
})

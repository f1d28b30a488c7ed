import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_COUNTS } from './counts.ts'
import { RetainedMessages } from './retained-messages.ts'
import { Sessions } from './sessions.ts'
import {
  openSnapshotFile,
  readSnapshot,
  retainedFrom,
  savedRetained,
  savedSession,
  sessionFrom,
} from './snapshot.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-snapshot-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const DEVICES = ['a', 'b'] as const
const topicOf = (device: string): string => `pantau/cideng/sensor/${device}/config`

type Step = (sessions: Sessions, client: string, n: number) => void
const STEPS: readonly Step[] = [
  (sessions, client, n) => sessions.subscribe(client, [{ topic: topicOf(client), qos: n % 3 }]),
  (sessions, client) => sessions.unsubscribe(client, [topicOf(client)]),
  (sessions, client) => sessions.end(client),
  (sessions, client) => sessions.ensure(client),
  (sessions, client, n) => {
    const packet = { cmd: 'publish', topic: topicOf(client), payload: Buffer.from(String(n)), qos: 1 }
    sessions.enqueue(client, { ...packet, brokerId: 'b', brokerCounter: n }, n)
  },
  (sessions, client, n) =>
    sessions.update(client, { cmd: 'publish', brokerId: 'b', brokerCounter: n, messageId: n + 1 }),
  (sessions, client, n) => sessions.update(client, { cmd: 'pubrel', messageId: n + 1 }),
  (sessions, client, n) => sessions.acknowledge(client, n + 1),
  (sessions, client, n) => sessions.waiting(client, n * 86_400_000),
  (sessions, client, n) => sessions.setAbsent(client, n % 2 === 0 ? null : n),
  (sessions, client, n) => sessions.get(client)?.unreleased.set(n + 1, true),
  (sessions, client) => sessions.get(client)?.unreleased.clear(),
]

describe('a snapshot', () => {
  it('says of each session what it is now, though what did not change is kept as text', () => {
    const step = fc.tuple(
      fc.constantFrom(...STEPS),
      fc.constantFrom(...DEVICES),
      fc.integer({ min: 0, max: 9 }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const sessions = new Sessions()
        for (const [change, client, n] of steps) {
          change(sessions, client, n)
          const before = sessions.all().map(savedSession)
          for (const session of sessions.all()) session.text = null
          expect(sessions.all().map(savedSession)).toEqual(before)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is read as it was written', async () => {
    const sessions = new Sessions()
    sessions.subscribe('a', [{ topic: topicOf('a'), qos: 1 }])
    sessions.enqueue('a', { cmd: 'publish', topic: topicOf('a'), payload: Buffer.from('é"'), qos: 1 }, 5)
    sessions.ensure('b')?.unreleased.set(7, false)
    sessions.setAbsent('b', 9)
    const retained = new RetainedMessages()
    retained.set({ topic: topicOf('a'), payload: Buffer.from([0, 255]), qos: 1 })
    const taken = (): Parameters<typeof openSnapshotFile>[1] extends () => infer T ? T : never => ({
      version: 1,
      position: { segment: 3, offset: 400 },
      counts: NO_COUNTS,
      retained: retained.all().map(savedRetained),
      sessions: sessions.all().map(savedSession),
    })
    await openSnapshotFile(folder, taken, () => undefined).save()
    const read = readSnapshot(folder)
    expect(read).toMatchObject({ version: 1, position: { segment: 3, offset: 400 }, counts: NO_COUNTS })
    expect(read?.retained.map(retainedFrom)).toEqual(retained.all())
    const [a, b] = (read?.sessions ?? []).map((saved) => sessionFrom(saved, 100))
    expect(a).toMatchObject({ client: 'a', absentSince: 100, queue: [{ since: 5, packet: { qos: 1 } }] })
    expect(Buffer.from(a?.queue[0]?.packet.payload ?? []).toString()).toBe('é"')
    expect(b).toMatchObject({ client: 'b', absentSince: 9, unreleased: new Map([[7, true]]) })
  })
})

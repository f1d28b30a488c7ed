// Against a real broker on a free port, since what counts is what the other end of the wire sees.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Aedes } from 'aedes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { type LinkCounts, openLink } from './publisher.ts'

const CREDENTIALS: DeviceCredentials = {
  id: 'hs-1',
  kind: 'hotspot',
  username: 'hs-1',
  password: 'secret',
  topicPrefix: 'pantau/cideng/hotspot/hs-1',
}

let aedes: Aedes
let server: Server
let url = ''
/** `topic payload`, retained marked. */
let seen: string[] = []
let isRefusing = false

beforeEach(async () => {
  isRefusing = false
  seen = []
  aedes = await Aedes.createBroker()
  aedes.authenticate = (_, username, password, done) => {
    done(null, !isRefusing && username === 'hs-1' && String(password) === 'secret')
  }
  aedes.on('publish', ({ topic, payload, retain }) => {
    if (!topic.startsWith('$SYS')) seen.push(`${topic} ${String(payload)}${retain ? ' retained' : ''}`)
  })
  server = createServer(aedes.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  await new Promise<void>((done) => aedes.close(done))
  server.close()
})

async function until(isSo: () => boolean): Promise<void> {
  for (let waits = 0; waits < 200 && !isSo(); waits += 1) await sleep(20)
  expect(isSo()).toBe(true)
}

function open(onFault: (message: string) => void = () => undefined) {
  const counts: LinkCounts = { published: 0, acknowledged: 0, dropped: 0 }
  return { counts, link: openLink(url, CREDENTIALS, counts, () => 0, onFault) }
}

const ONLINE = 'pantau/cideng/hotspot/hs-1/status online retained'
const OFFLINE = 'pantau/cideng/hotspot/hs-1/status offline retained'

describe('a link of a simulated device', () => {
  it('says online, publishes, and counts what was acknowledged', async () => {
    const { link, counts } = open()
    link.publish('reading', 'before there is a link')
    link.connect()
    await until(() => seen.includes(ONLINE))
    link.publish('reading', '{}')
    await until(() => counts.acknowledged === 1)
    expect(seen).toEqual([ONLINE, 'pantau/cideng/hotspot/hs-1/reading {}'])
    expect(counts).toEqual({ published: 1, acknowledged: 1, dropped: 1 })
    await link.close()
  })

  it('that is cut leaves its will, and comes back when it is told to', async () => {
    const { link } = open()
    link.connect()
    await until(() => seen.includes(ONLINE))
    link.cut()
    await until(() => seen.includes(OFFLINE))
    link.connect()
    await until(() => seen.filter((line) => line === ONLINE).length === 2)
    await link.close()
  })

  it('tells why it is refused, and goes in once it is not', async () => {
    isRefusing = true
    const faults: string[] = []
    const { link } = open((message) => faults.push(message))
    link.connect()
    await until(() => faults.length > 0)
    expect(faults[0]).toMatch(/^hs-1: /)
    isRefusing = false
    await until(() => seen.includes(ONLINE))
    await link.close()
  })

  it('closes without one that was ever opened', async () => {
    await expect(open().link.close()).resolves.toBeUndefined()
  })
})

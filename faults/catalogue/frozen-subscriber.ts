// A desk subscribes to everything and reads nothing (reliability row 27): nobody else may wait for it, and it is dropped.

import { setTimeout as sleep } from 'node:timers/promises'
import { CONNACK, connectPacket, RawClient, SUBACK, subscribePacket } from '../../broker/test/raw-client.ts'
import { changeRegistry, withAccount } from '../../runtime/registry.ts'
import { newToken, secretDigest } from '../../runtime/secrets.ts'
import { until } from '../../test/village.ts'
import type { Fault } from '../fault.ts'
import type { Scene } from '../scene.ts'

const NAME = 'frozen'
const LASTS_MS = 1_500
const KNOWN_MS = 10_000

export const frozenSubscriber: Fault = {
  name: 'frozen-subscriber',
  what: 'a subscriber to everything never reads',
  async inject(scene) {
    const token = await addStaff(scene)
    const client = await signedIn(scene, token)
    client.send(subscribePacket(['pantau/cideng/#']))
    await client.next(SUBACK)
    const { socket } = client
    socket.pause()
    const since = scene.clock.monotonicMs()
    try {
      // Whoever publishes goes on meanwhile.
      await Promise.all(scene.writers.map((writer) => writer.acknowledgedAfter(since)))
      await sleep(LASTS_MS)
      const middle = scene.clock.monotonicMs()
      await Promise.all(scene.writers.map((writer) => writer.acknowledgedAfter(middle)))
    } finally {
      socket.destroy()
    }
    return scene.clock.monotonicMs()
  },
}

/** A staff account with a token; the one of the round before is replaced. */
async function addStaff({ village, clock }: Scene): Promise<string> {
  const token = newToken()
  const now = clock.now()
  await changeRegistry(village.dataFolder, (registry) =>
    withAccount(
      { ...registry, accounts: registry.accounts.filter(({ name }) => name !== NAME) },
      {
        name: NAME,
        role: 'infrastructure',
        passwordHash: '',
        createdAt: now,
        validFrom: now,
        tokens: [
          { id: NAME, name: 'faults', role: 'infrastructure', digest: secretDigest(token), createdAt: now },
        ],
      },
    ),
  )
  return token
}

/** As soon as the broker knows the account. */
async function signedIn({ village }: Scene, token: string): Promise<RawClient> {
  let client: RawClient | null = null
  await until(async () => {
    client?.end()
    client = await RawClient.open({ port: Number(new URL(village.mqtt).port), host: '127.0.0.1' })
    client.send(connectPacket({ clientId: NAME, username: NAME, password: token, keepalive: 600 }))
    return (await client.next(CONNACK))?.body[1] === 0
  }, KNOWN_MS)
  if (client === null) throw new Error('there is no connection')
  return client
}

// The promise under kill -9: whatever the broker acknowledged is stored, and stored once, in ten rounds in which a part or
// all of them die at a random moment under load. The seed is printed, so that a round can be run again.

import { setTimeout as sleep } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomOf } from './random.ts'
import { type Credentials, startVillage, type TestVillage, until } from './village.ts'

const ROUNDS = 10
const PUBLISHERS = 4
const VICTIMS = ['broker', 'ingest', 'dashboard', 'all'] as const

const seed = Number(process.env['PANTAU_TEST_SEED'] ?? 42)
const random = randomOf(seed)

describe(`ten rounds of kill -9 (PANTAU_TEST_SEED=${seed})`, () => {
  let village: TestVillage
  let credentials: Credentials[] = []
  let cookie = ''
  /** By device: the times whose PUBACK came. */
  const acknowledged = new Map<string, Set<number>>()
  const begin = Math.floor(Date.now() / 1000) * 1000 - 3_600_000
  let next = begin

  beforeAll(async () => {
    village = await startVillage()
    cookie = await village.signIn()
    credentials = await Promise.all(
      Array.from({ length: PUBLISHERS }, (_, index) => village.addDevice(`kill-${index}`, 'sensor')),
    )
  })

  afterAll(async () => {
    await village?.dispose()
  })

  /** Publishes readings one after the other, several on the way, until told to stop; what fails is not counted. */
  async function publishUntil(stopped: () => boolean, device: Credentials): Promise<void> {
    const ledger = acknowledged.get(device.id) ?? new Set<number>()
    acknowledged.set(device.id, ledger)
    let client: MqttClient | null = null
    const onWay = new Set<Promise<void>>()
    while (!stopped()) {
      if (client?.connected !== true) {
        await client?.endAsync(true)
        client = await village
          .connect(device, { reconnectPeriod: 0, connectTimeout: 2_000 })
          .catch(() => null)
        client?.on('error', () => undefined)
        if (client === null) await sleep(50)
        continue
      }
      next += 1
      const time = next
      const payload = JSON.stringify({ time, values: { pm2_5: (time % 1_000) / 10 } })
      const sent = client
        .publishAsync(`${device.topicPrefix}/reading`, payload, { qos: 1 })
        .then(
          () => {
            ledger.add(time)
          },
          () => undefined,
        )
        .finally(() => onWay.delete(sent))
      onWay.add(sent)
      if (onWay.size >= 20) await Promise.race([...onWay, sleep(200)])
      if (client.connected !== true) onWay.clear()
    }
    await Promise.race([Promise.allSettled(onWay), sleep(2_000)])
    await client?.endAsync(true)
  }

  it.each(Array.from({ length: ROUNDS }, (_, round) => round))('round %i', async (round) => {
    const victim = VICTIMS[round % VICTIMS.length] ?? 'all'
    let stopped = false
    const publishing = credentials.map((device) => publishUntil(() => stopped, device))
    await sleep(random() * 1_500)
    if (victim === 'all') {
      await village.killAll()
      await village.restart()
    } else {
      await village.killPart(victim)
    }
    await sleep(500)
    stopped = true
    await Promise.all(publishing)
    const before = [...acknowledged.values()].reduce((sum, ledger) => sum + ledger.size, 0)
    expect(before).toBeGreaterThan(0)
  })

  it('every acknowledged reading is stored, once, and none that was not sent', async () => {
    await until(
      async () => (await village.get<{ ready: boolean }>('/readyz').catch(() => ({ ready: false }))).ready,
    )
    await until(async () => (await village.get<{ lag_ms: number }>('/api/v1/counters', cookie)).lag_ms === 0)
    let total = 0
    for (const device of credentials) {
      const stored = await storedOf(device)
      const ledger = acknowledged.get(device.id) ?? new Set()
      total += ledger.size
      expect(new Set(stored.keys()).size).toBe(stored.size)
      expect([...ledger].filter((time) => !stored.has(time))).toEqual([])
      for (const [time, value] of stored) expect([time, value]).toEqual([time, (time % 1_000) / 10])
    }
    console.info(`${total} acknowledged readings in ${ROUNDS} rounds, none lost, none twice`)
  })

  async function storedOf(device: Credentials): Promise<Map<number, number>> {
    const stored = new Map<number, number>()
    const from = new Date(begin).toISOString()
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const answer: { series: { points: [number, number][] }[]; next?: string } = await village.get(
        `/api/v1/devices/${device.id}/readings?metric=pm2_5&from=${from}${cursor === '' ? '' : `&cursor=${cursor}`}`,
        cookie,
      )
      for (const [time, value] of answer.series[0]?.points ?? []) {
        if (stored.has(time)) throw new Error(`${device.id} has ${time} twice`)
        stored.set(time, value)
      }
      cursor = answer.next
    }
    return stored
  }

  it('the counters add up after it all', async () => {
    const counters = await village.get<{
      observations: { received: number; taken: number; quarantined: Record<string, number> }
      readings: { stored: number; duplicates: number; conflicts: number }
    }>('/api/v1/counters', cookie)
    const { received, taken, quarantined } = counters.observations
    expect(received).toBe(taken + Object.values(quarantined).reduce((sum, count) => sum + count, 0))
    const { stored, duplicates, conflicts } = counters.readings
    // One reading in each observation here.
    expect(taken).toBe(stored + duplicates + conflicts)
  })
})

// A device that publishes without end, as a real one does: it sends again after a reconnect what was not acknowledged, and writes
// into the ledger only what was, after the PUBACK (QoS 1) or PUBCOMP (QoS 2) came.

import { setTimeout as sleep } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import type { Clock, TimeMs } from '../contract/time.ts'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { type Ledger, METRIC, type Reading } from './ledger.ts'

const RECONNECT_MS = 100
const CONNECT_MS = 4_000
const LONGEST_ARRAY = 5
const PACE_MS = 10

/** Where a device is in its data: it outlives the writers of the rounds, so that no reading has the time of another. */
export interface Source {
  readonly credentials: DeviceCredentials
  readonly qos: 1 | 2
  next: TimeMs
}

export interface WriterPlan {
  readonly source: Source
  readonly url: string
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: () => number
  /** Between two readings of a device, in their own time. */
  readonly stepMs: number
  /** Messages that wait for their acknowledgement at most. */
  readonly inFlight: number
  /** Messages a second at most. */
  readonly perS: number
  readonly keepaliveS: number
}

export interface Writer {
  /** Resolves with the time (monotonic, ms) at which something was acknowledged that was sent after `since`. */
  acknowledgedAfter(since: number): Promise<number>
  /** Cuts the connection off; the client comes back by itself. */
  drop(): void
  /** Sends nothing new, and waits until all was acknowledged. Throws when it is not within the time. */
  finish(withinMs: number): Promise<void>
}

/** The value of a reading follows from its identity, so that readings of two devices or times cannot be taken for one another. */
export function readingOf(device: string, time: TimeMs): Reading {
  let mixed = Math.trunc(time / 1_000) ^ (time % 1_000)
  for (const letter of device) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193)
  return { device, time, value: (Math.abs(mixed) % 10_000) / 10 }
}

export function payloadOf(readings: readonly Reading[]): string {
  const observations = readings.map(({ time, value }) => ({ time, values: { [METRIC]: value } }))
  return JSON.stringify(observations.length === 1 ? observations[0] : observations)
}

/** Publishes from now on. */
export function openWriter(plan: WriterPlan): Writer {
  const { source, ledger, clock } = plan
  const { username, password, topicPrefix } = source.credentials
  const client: MqttClient = mqtt.connect(plan.url, {
    clientId: username,
    username,
    password,
    // At QoS 2 the session goes on, so that PUBREL is sent again and not the message.
    clean: source.qos === 1,
    keepalive: plan.keepaliveS,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_MS,
    reconnectOnConnackError: true,
  })
  // A connection that fails is what this is about; the client comes back.
  client.on('error', () => undefined)
  let waiting = 0
  const again: (readonly Reading[])[] = []
  let isOver = false
  let latest = Number.NEGATIVE_INFINITY
  const asked: { readonly since: number; readonly done: (at: number) => void }[] = []

  function acknowledged(sent: readonly Reading[], sentAt: number): void {
    ledger.acknowledge(sent)
    waiting -= 1
    latest = Math.max(latest, sentAt)
    const now = clock.monotonicMs()
    for (let index = asked.length - 1; index >= 0; index -= 1) {
      if (latest > (asked[index]?.since ?? 0)) asked.splice(index, 1)[0]?.done(now)
    }
    pump()
  }

  function readings(): Reading[] {
    const length = plan.random() < 0.75 ? 1 : 2 + Math.floor(plan.random() * (LONGEST_ARRAY - 1))
    return Array.from({ length }, () => {
      source.next += plan.stepMs
      return readingOf(source.credentials.id, source.next)
    })
  }

  function send(sent: readonly Reading[]): void {
    const sentAt = clock.monotonicMs()
    client.publish(`${topicPrefix}/reading`, payloadOf(sent), { qos: source.qos }, (error) => {
      // The library gives a message up whose connection went while it was sending again.
      if (error == null) acknowledged(sent, sentAt)
      else again.push(sent)
    })
  }

  /** Nothing is sent while the connection is away: what waits then is what a device holds. */
  function pump(): void {
    if (!client.connected) return
    for (const sent of again.splice(0)) send(sent)
    while (!isOver && waiting < plan.inFlight && due >= 1) {
      due -= 1
      waiting += 1
      const sent = readings()
      ledger.send(sent)
      send(sent)
    }
  }

  let due = 1
  const pace = setInterval(() => {
    due = Math.min(plan.inFlight, due + (plan.perS * PACE_MS) / 1_000)
    pump()
  }, PACE_MS)
  client.on('connect', pump)
  return {
    acknowledgedAfter: (since) => new Promise((done) => asked.push({ since, done })),
    drop: () => void client.stream.destroy(),
    async finish(withinMs) {
      isOver = true
      const until = clock.monotonicMs() + withinMs
      while (waiting > 0 && clock.monotonicMs() < until) await sleep(10)
      clearInterval(pace)
      await client.endAsync(true)
      if (waiting > 0) throw new Error(`${username}: ${waiting} messages were never acknowledged`)
    },
  }
}

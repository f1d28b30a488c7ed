// `npm run bench -- broker`: publishes at QoS 1 that are acknowledged a second, Pantau's broker (on disk before each PUBACK) beside
// plain Aedes in memory and Mosquitto without persistence, in turn in one run. Checks that the log holds all that was acknowledged.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { systemClock } from '../contract/time.ts'
import { root } from '../test/village.ts'
import { AEDES, deviceName, MOSQUITTO, PANTAU, PEERS, type Peer, type StartPeer } from './broker-peers.ts'
import type { LoadPlan } from './load.ts'
import { median, printTable } from './table.ts'

const ROUNDS = 3
/**
 * Publishers, messages of all of them, and how many of one are on the way. Enough messages for some seconds: in the first one a program in
 * JavaScript is being compiled.
 */
const LOADS = [
  { publishers: 1, messages: 60_000, inFlightEach: 20 },
  { publishers: 1, messages: 100_000, inFlightEach: 100 },
  { publishers: 50, messages: 150_000, inFlightEach: 20 },
  { publishers: 500, messages: 150_000, inFlightEach: 20 },
] as const
type Load = (typeof LOADS)[number]

export async function benchBroker(): Promise<void> {
  const names = Object.keys(PEERS)
  const rows: (string | number)[][] = []
  for (const load of LOADS) {
    const rates = new Map<string, number[]>(names.map((name) => [name, []]))
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, start] of Object.entries(PEERS)) rates.get(name)?.push(await runOnce(start, load))
    }
    const of = (name: string): number[] => rates.get(name) ?? []
    const ours = of(PANTAU)
    const ratio = (peer: readonly number[]): string | number =>
      peer.length === 0 ? '-' : median(ours.map((rate, round) => rate / (peer[round] ?? Number.NaN)))
    const peers = [of(AEDES), of(MOSQUITTO)]
    rows.push([
      `${load.publishers}`,
      `${load.inFlightEach}`,
      ...[ours, ...peers].map((own) => (own.length === 0 ? '-' : median(own))),
      ...peers.map(ratio),
    ])
  }
  process.stdout.write(
    `publishes at QoS 1 acknowledged a second; medians of ${ROUNDS} rounds in turn; Node ${process.version}\n`,
  )
  printTable(
    ['publishers', 'in flight each', ...['Pantau', 'Aedes', 'Mosquitto'], 'to Aedes', 'to Mosquitto'],
    rows,
  )
}

async function runOnce(start: StartPeer, load: Load): Promise<number> {
  const peer = await start(load.publishers)
  try {
    const rate = await publish(peer, load)
    await peer.check?.(load.messages)
    return rate
  } finally {
    await peer.stop()
  }
}

/** Acknowledged publishes a second; the load runs in a process of its own. */
async function publish(peer: Peer, { publishers, messages, inFlightEach }: Load): Promise<number> {
  const plan: LoadPlan = {
    url: `mqtt://127.0.0.1:${peer.port}`,
    devices: Array.from({ length: publishers }, (_, index) => ({
      username: deviceName(index),
      password: peer.passwords.get(deviceName(index)) ?? '',
      topicPrefix: `pantau/cideng/sensor/${deviceName(index)}`,
    })),
    observationsEach: messages / publishers,
    inFlightEach,
    firstTime: systemClock.now(),
  }
  const load = spawn(process.execPath, [`${root}/dist/bench/load.js`], { stdio: ['pipe', 'pipe', 'inherit'] })
  load.stdin.end(JSON.stringify(plan))
  const lines = createInterface({ input: load.stdout })[Symbol.asyncIterator]()
  await lines.next()
  const begin = systemClock.monotonicMs()
  const acknowledged = Number((await lines.next()).value)
  const seconds = (systemClock.monotonicMs() - begin) / 1_000
  if (acknowledged !== messages) throw new Error(`${acknowledged} of ${messages} messages were acknowledged`)
  return messages / seconds
}

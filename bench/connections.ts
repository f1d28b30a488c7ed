// `npm run bench -- storm` and `-- connections`: how long 5,000 CONNECTs with real credentials take that come at once, and what an idle
// connection costs when 10,000 are open, Pantau beside plain Aedes and Mosquitto in one run.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../test/village.ts'
import { AEDES, deviceName, MOSQUITTO, PANTAU, PEERS, type Peer, type StartPeer } from './broker-peers.ts'
import type { CrowdPlan } from './crowd.ts'
import { residentBytes } from './processes.ts'
import { median, printTable } from './table.ts'

const STORM = 5_000
const STORM_ROUNDS = 3
const IDLE = 10_000
/** How many of the idle ones come in at a time. */
const IDLE_AT_ONCE = 200
/** Garbage of the sign-ins has gone by then. */
const SETTLE_MS = 10_000

export async function benchStorm(): Promise<void> {
  const names = Object.keys(PEERS)
  const seconds = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < STORM_ROUNDS; round += 1) {
    for (const [name, start] of Object.entries(PEERS)) seconds.get(name)?.push(await storm(start))
  }
  const of = (name: string): number[] => seconds.get(name) ?? []
  process.stdout.write(
    `${STORM} CONNECTs at once; only Pantau asks for credentials; medians of ${STORM_ROUNDS} rounds in turn; Node ${process.version}\n`,
  )
  printTable(
    ['broker', 's until all are in', "of Aedes' time", "of Mosquitto's time"],
    names.map((name) => [name, median(of(name)), ratio(of(name), of(AEDES)), ratio(of(name), of(MOSQUITTO))]),
  )
}

function ratio(own: readonly number[], peer: readonly number[]): number | string {
  return peer.length === 0 ? '-' : median(own.map((value, round) => value / (peer[round] ?? Number.NaN)))
}

async function storm(start: StartPeer): Promise<number> {
  const peer = await start(STORM)
  try {
    const crowd = await gather(peer, STORM, STORM)
    await crowd.leave()
    return crowd.tookMs / 1_000
  } finally {
    await peer.stop()
  }
}

export async function benchConnections(): Promise<void> {
  const rows: (string | number)[][] = []
  for (const name of [PANTAU, AEDES, MOSQUITTO]) {
    const start = PEERS[name]
    if (start === undefined) continue
    const peer = await start(IDLE)
    try {
      await sleep(SETTLE_MS)
      const before = residentBytes(peer.pid)
      const crowd = await gather(peer, IDLE, IDLE_AT_ONCE)
      await sleep(SETTLE_MS)
      const each = (residentBytes(peer.pid) - before) / IDLE
      await crowd.leave()
      rows.push([name, before / 1_048_576, each / 1_024])
    } finally {
      await peer.stop()
    }
  }
  process.stdout.write(`${IDLE} idle connections; resident memory; Node ${process.version}\n`)
  printTable(['broker', 'MiB without them', 'KiB each'], rows)
}

/** Lets so many clients in; throws unless all get in. */
async function gather(
  peer: Peer,
  count: number,
  atOnce: number,
): Promise<{ tookMs: number; leave(): Promise<void> }> {
  const plan: CrowdPlan = {
    port: peer.port,
    atOnce,
    clients: Array.from({ length: count }, (_, index) => {
      const username = deviceName(index)
      return { username, password: peer.passwords.get(username) ?? '' }
    }),
  }
  const crowd = spawn(process.execPath, [`${root}/dist/bench/crowd.js`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  crowd.stdin.write(`${JSON.stringify(plan)}\n`)
  const line = await createInterface({ input: crowd.stdout })[Symbol.asyncIterator]().next()
  const [admitted, tookMs] = String(line.value).split(' ').map(Number)
  if (admitted !== count) throw new Error(`${admitted} of ${count} clients were let in`)
  return {
    tookMs: tookMs ?? Number.NaN,
    async leave() {
      const gone = new Promise((done) => crowd.once('exit', done))
      crowd.stdin.end()
      await gone
    },
  }
}

// `npm run bench -- fanout`: what 1,000 and 5,000 browsers on the live map cost the dashboard, and how old a delta is when it comes, with 50
// devices that report each second (20 KiB a delta), beside a server that emits the same delta to each socket.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { MqttClient } from 'mqtt'
import { systemClock } from '../contract/time.ts'
import { root, startVillage } from '../test/village.ts'
import type { BrowsersSeen } from './browsers.ts'
import { payloadOf } from './load.ts'
import { cpuSeconds } from './processes.ts'
import { printTable } from './table.ts'

const DEVICES = 50
const CROWDS = [1_000, 5_000]
const SECONDS = 10
/** All browsers have their first state within this, or there is no figure. */
const CONNECT_MS = 60_000
/** With so many the dashboard does what it does anyway. */
const FEW = 50

interface Run {
  readonly cpuMsPerS: number
  readonly deltasEachPerS: number
  readonly kib: number
  readonly p50: number
  readonly p99: number
  readonly returns: number
  readonly frame: string
}

export async function benchFanout(): Promise<void> {
  const village = await startVillage({ PANTAU_LOG_LEVEL: 'error' })
  const clients: MqttClient[] = []
  try {
    const devices = await village.addDevices(DEVICES)
    for (const device of devices) clients.push(await village.connect(device))
    let step = 0
    const reporting = setInterval(() => {
      step += 1
      for (const [index, client] of clients.entries()) {
        client.publish(`${devices[index]?.topicPrefix}/reading`, payloadOf(systemClock.now(), step + index))
      }
    }, 1_000)
    const pid = await village.partPid('dashboard')
    const alone = await run(village.http, pid, FEW)
    const rows: (string | number)[][] = []
    for (const crowd of CROWDS) {
      const ours = await run(village.http, pid, crowd)
      const peer = await runPlain(alone.frame, crowd)
      const own = ours.cpuMsPerS - alone.cpuMsPerS
      const costs = [own, peer.cpuMsPerS, own / peer.cpuMsPerS]
      const ages = [ours.p50, ours.p99, peer.p50, peer.p99, String(ours.returns), String(peer.returns)]
      rows.push([crowd.toLocaleString('en-GB'), ours.kib, ...costs, ours.deltasEachPerS, ...ages])
    }
    clearInterval(reporting)
    process.stdout.write(
      `${DEVICES} devices that report each second, ${SECONDS} s; CPU of the dashboard beyond what it takes with ${FEW} browsers; Node ${process.version}\n`,
    )
    printTable(
      [
        'browsers',
        'KiB a delta',
        'CPU ms/s',
        'an emit each',
        'ratio',
        'deltas/s each',
        'age p50 ms',
        'p99',
        'peer p50',
        'p99',
        'dropped',
        'peer dropped',
      ],
      rows,
    )
  } finally {
    for (const client of clients) client.end(true)
    await village.dispose()
  }
}

/** The peer's run, with the delta that a frame of ours holds. */
async function runPlain(frame: string, crowd: number): Promise<Run> {
  const [, delta] = JSON.parse(frame.slice(frame.indexOf('['))) as [string, unknown]
  const server = spawn(process.execPath, [`${root}/dist/bench/plain-live.js`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    server.stdin.write(`${JSON.stringify(delta)}\n`)
    const port = (await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next()).value
    return await run(`http://127.0.0.1:${port}`, server.pid ?? 0, crowd, () => server.stdin.write('begin\n'))
  } finally {
    server.kill('SIGKILL')
  }
}

/** `begin` is called once all browsers are there. */
async function run(url: string, pid: number, crowd: number, begin = (): unknown => null): Promise<Run> {
  const browsers = spawn(
    process.execPath,
    [`${root}/dist/bench/browsers.js`, url, String(crowd), String(SECONDS)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines = createInterface({ input: browsers.stdout })[Symbol.asyncIterator]()
  const late = setTimeout(() => browsers.kill('SIGKILL'), CONNECT_MS)
  const { done } = await lines.next()
  clearTimeout(late)
  if (done === true) throw new Error(`${crowd} browsers did not get their first state in ${CONNECT_MS} ms`)
  begin()
  browsers.stdin.write('count\n')
  const before = cpuSeconds(pid)
  const seen = JSON.parse(String((await lines.next()).value)) as BrowsersSeen
  const cpuMsPerS = ((cpuSeconds(pid) - before) * 1_000) / SECONDS
  if (seen.deltas === 0) throw new Error('no delta came')
  const ages = [...seen.agesMs].sort((a, b) => a - b)
  return {
    cpuMsPerS,
    deltasEachPerS: seen.deltas / crowd / SECONDS,
    kib: seen.bytes / seen.deltas / 1_024,
    p50: ages[Math.floor(ages.length / 2)] ?? Number.NaN,
    p99: ages[Math.floor(ages.length * 0.99)] ?? Number.NaN,
    returns: seen.returns,
    frame: seen.frame,
  }
}

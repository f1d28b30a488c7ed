// `npm run bench -- soak --hours H --devices N --speed F`: so many simulated hours of a village at F times their speed, with the memory
// and descriptors of each process each simulated hour, whether the counters add up, and what doctor says at the end. It asserts nothing:
// whoever runs it looks at whether memory levels off.

import type { ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOUR, SECOND, systemClock } from '../contract/time.ts'
import { runCommand, startVillage, type TestVillage } from '../test/village.ts'
import { benchFlags } from './flags.ts'
import { cpuSeconds, residentBytes } from './processes.ts'
import { runSimulators } from './run-simulators.ts'
import { beginTable, type Cell } from './table.ts'

const FLAGS = {
  hours: { least: 0.1, most: 10_000, usual: 24 },
  devices: { least: 3, most: 100_000, usual: 500 },
  speed: { least: 1, most: 1_000, usual: 10 },
}

/** Of each kind, as villages have them. */
const SHARES = { hotspots: 0.6, sensors: 0.2, vehicles: 0.2 } as const
const PARTS = ['broker', 'ingest', 'dashboard'] as const
/** The store has all that was sent within this, once sending ends. */
const SETTLE_MS = 60 * SECOND
const ASKED_MOST = 10

interface Counters {
  readonly messages: {
    readonly received: number
    readonly acknowledged: number
    readonly refused: Readonly<Record<string, number>>
  }
  readonly observations: {
    readonly received: number
    readonly taken: number
    readonly quarantined: Readonly<Record<string, number>>
  }
  readonly readings: { readonly stored: number; readonly duplicates: number; readonly conflicts: number }
  readonly lag_ms: number
  readonly logBytes: number
}

export async function benchSoak(argv: readonly string[]): Promise<void> {
  const { hours, devices, speed } = benchFlags(argv, FLAGS)
  const durationS = (hours * HOUR) / SECOND / speed
  print(
    `${devices} devices, ${hours} simulated hours at ${speed} times their speed: ${durationS.toFixed(0)} s`,
  )
  const village = await startVillage({ PANTAU_LOG_LEVEL: 'warn' })
  const cookie = await village.signIn()
  const simulators = runSimulators(village, {
    ...Object.fromEntries(Object.entries(SHARES).map(([kind, share]) => [kind, Math.round(devices * share)])),
    speed,
    duration: durationS,
    'history-days': 0,
  })
  try {
    const begin = systemClock.monotonicMs()
    const tell = beginTable([
      'hour',
      ...['supervisor', ...PARTS, 'simulators'].flatMap((name) => [`${name} MiB`, 'fd']),
      'village MiB',
      'CPU s',
      'lag ms',
      'readings',
    ])
    tell(await sample(village, cookie, simulators.child, 0))
    for (let hour = 1; hour <= Math.ceil(hours); hour += 1) {
      const atMs = (Math.min(hour, hours) * HOUR) / speed
      await sleep(Math.max(0, begin + atMs - systemClock.monotonicMs()))
      tell(await sample(village, cookie, simulators.child, Math.min(hour, hours)))
    }
    await simulators.ended
    await printCounters(village, cookie, simulators.log())
    const doctor = await runCommand(['doctor'], { PANTAU_DATA: village.dataFolder })
    const bad = doctor.stdout.split('\n').filter((line) => /^(warn|fail)/.test(line))
    print(`doctor ends with ${doctor.code}${bad.length === 0 ? ', all ok' : `:\n${bad.join('\n')}`}`)
    const faults = village
      .log()
      .split('\n')
      .filter((line) => /"level":"?(error|fatal)/.test(line))
    print(
      `${faults.length} errors in the village's log${faults.length === 0 ? '' : `:\n${faults.slice(0, 5).join('\n')}`}`,
    )
  } finally {
    simulators.child.kill('SIGKILL')
    await village.dispose()
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function pidsOf(village: TestVillage, simulators: ChildProcess): Promise<ReadonlyMap<string, number>> {
  const pids = new Map<string, number>([['supervisor', village.pid]])
  for (const part of PARTS) pids.set(part, await village.partPid(part))
  pids.set('simulators', simulators.pid ?? 0)
  return pids
}

async function sample(
  village: TestVillage,
  cookie: string,
  simulators: ChildProcess,
  hour: number,
): Promise<readonly Cell[]> {
  const { lag_ms, readings } = await countersOf(village, cookie)
  const pids = await pidsOf(village, simulators)
  const mib = new Map([...pids].map(([name, pid]) => [name, residentOf(pid) / 2 ** 20]))
  const whole = [...mib].reduce((sum, [name, own]) => sum + (name === 'simulators' ? 0 : own), 0)
  return [
    String(hour),
    ...[...pids].flatMap(([name, pid]) => [(mib.get(name) ?? 0).toFixed(0), String(descriptorsOf(pid))]),
    whole.toFixed(0),
    cpuSeconds(village.pid).toFixed(0),
    String(lag_ms),
    String(readings.stored),
  ]
}

/** A day is long: what is not answered once is told and asked again. */
async function countersOf(village: TestVillage, cookie: string): Promise<Counters> {
  for (let asked = 1; ; asked += 1) {
    try {
      return await village.get<Counters>('/api/v1/counters', cookie)
    } catch (error) {
      if (asked === ASKED_MOST) throw error
      const cause = error instanceof Error ? error.cause : null
      print(`not answered: ${String(error)} ${cause instanceof Error ? cause.message : ''}`)
      await sleep(SECOND)
    }
  }
}

/** NaN of a process that has ended. */
function residentOf(pid: number): number {
  try {
    return residentBytes(pid)
  } catch {
    return Number.NaN
  }
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return Number.NaN
  }
}

/** What was sent, acknowledged, taken and stored, and whether each is the sum of its parts. */
async function printCounters(village: TestVillage, cookie: string, simulatorsLog: string): Promise<void> {
  let counters = await countersOf(village, cookie)
  const deadline = systemClock.monotonicMs() + SETTLE_MS
  while (counters.lag_ms > 0 && systemClock.monotonicMs() < deadline) {
    await sleep(500)
    counters = await countersOf(village, cookie)
  }
  const { messages, observations, readings } = counters
  const quarantined = sum(observations.quarantined)
  const sent = /"counts":(\{[^}]*"published"[^}]*\})/g
  const last = [...simulatorsLog.matchAll(sent)].at(-1)?.[1]
  print(`simulators: ${last ?? 'said nothing of what they sent'}`)
  print(
    `messages: ${messages.received} received, ${messages.acknowledged} acknowledged, ${sum(messages.refused)} refused`,
  )
  print(
    `observations: ${observations.received} received = ${observations.taken} taken + ${quarantined} quarantined: ${verdict(observations.received === observations.taken + quarantined)}`,
  )
  for (const [reason, count] of Object.entries(observations.quarantined))
    print(`quarantined: ${reason} ${count}`)
  print(
    `readings: ${readings.stored} stored, ${readings.duplicates} duplicates, ${readings.conflicts} conflicts`,
  )
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function verdict(isSo: boolean): string {
  return isSo ? 'adds up' : 'DOES NOT ADD UP'
}

// `npm run bench -- ingest`: readings a second from publish to queryable, Pantau with DuckDB and with InfluxDB 1.x beside the
// straightforward way, in turn in one run, with the CPU of everything but the load. Checks that all were stored before it
// prints a figure.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../contract/time.ts'
import { hasInfluxDb, type InfluxDb, startInfluxDb } from '../test/influxdb.ts'
import { root, startVillage } from '../test/village.ts'
import { type LoadPlan, METRICS_EACH } from './load.ts'
import { cpuSeconds } from './processes.ts'
import { median, printTable } from './table.ts'

const DEVICES = 500
const OBSERVATIONS_EACH = 160
const IN_FLIGHT_EACH = 20
const READINGS = DEVICES * OBSERVATIONS_EACH * METRICS_EACH
const ROUNDS = 3
const HOUR = 3_600_000

interface Run {
  readonly readingsPerS: number
  readonly cpuPer100k: number
}

type Way = 'straightforward' | 'buffered' | 'duckdb' | 'influxdb1'

/** Points in one write of the peers. */
const WRITE_POINTS = { straightforward: 1, buffered: 5_000 } as const
/** A write for each message is so slow that a tenth of the work tells its rate. */
const SHARE = { straightforward: 0.1, buffered: 1, duckdb: 1, influxdb1: 1 } as const satisfies Record<
  Way,
  number
>

export async function benchIngest(): Promise<void> {
  const ways: readonly Way[] = hasInfluxDb()
    ? ['straightforward', 'buffered', 'duckdb', 'influxdb1']
    : ['duckdb']
  const runs = new Map<Way, Run[]>(ways.map((way) => [way, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ways) runs.get(way)?.push(await runOnce(way))
  }
  const names = {
    straightforward: 'Aedes, mqtt, influx, not durable: a write a message',
    buffered: 'the same, writes of 5,000 points',
    duckdb: 'Pantau, DuckDB',
    influxdb1: 'Pantau, InfluxDB 1.x',
  }
  process.stdout.write(
    `${READINGS} readings, ${DEVICES} devices, QoS 1, ${METRICS_EACH} a message; medians of ${ROUNDS} rounds in turn (a tenth of the work for a write a message); Node ${process.version}\n`,
  )
  printTable(
    ['way', 'readings/s', 'ratio', 'to buffered', 'CPU s per 100,000'],
    ways.map((way) => [
      names[way],
      median((runs.get(way) ?? []).map((run) => run.readingsPerS)),
      ratioTo(runs.get('straightforward'), runs.get(way)),
      ratioTo(runs.get('buffered'), runs.get(way)),
      median((runs.get(way) ?? []).map((run) => run.cpuPer100k)),
    ]),
  )
}

/** Median of the rounds' ratios; `-` without a peer. */
function ratioTo(peer: readonly Run[] | undefined, runs: readonly Run[] | undefined): number | string {
  if (peer === undefined || runs === undefined) return '-'
  return median(runs.map((run, round) => run.readingsPerS / (peer[round]?.readingsPerS ?? Number.NaN)))
}

async function runOnce(way: Way): Promise<Run> {
  const influxDb = way === 'duckdb' ? null : await startInfluxDb()
  try {
    if ((way === 'straightforward' || way === 'buffered') && influxDb !== null) {
      return await runStraightforward(influxDb, way)
    }
    return await runPantau(influxDb)
  } finally {
    await influxDb?.dispose()
  }
}

async function runPantau(influxDb: InfluxDb | null): Promise<Run> {
  const store = influxDb === null ? {} : { PANTAU_STORE: `influxdb1://127.0.0.1:${influxDb.port}/pantau` }
  const village = await startVillage({ ...store, PANTAU_LIMIT_RATE: '0', PANTAU_LOG_LEVEL: 'warn' })
  try {
    const cookie = await village.signIn()
    const devices = await village.addDevices(DEVICES)
    const stored = async (): Promise<number> => {
      const { readings } = await village.get<{ readings: { stored: number } }>('/api/v1/counters', cookie)
      return readings.stored
    }
    return await measure({ url: village.mqtt, devices }, [village.pid, ...pidOf(influxDb)], stored)
  } finally {
    await village.dispose()
  }
}

async function runStraightforward(influxDb: InfluxDb, way: 'straightforward' | 'buffered'): Promise<Run> {
  const program = spawn(
    process.execPath,
    [`${root}/dist/bench/straightforward.js`, '127.0.0.1', String(influxDb.port), String(WRITE_POINTS[way])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const url = await firstLine(program)
    const devices = Array.from({ length: DEVICES }, (_, index) => ({
      username: `bench-${index}`,
      password: '',
      topicPrefix: `pantau/cideng/sensor/bench-${index}`,
    }))
    const query = encodeURIComponent('SELECT count(*) FROM sensor')
    const stored = async (): Promise<number> => {
      const answer = await fetch(`${influxDb.url}/query?db=straightforward&q=${query}`)
      const { results } = (await answer.json()) as { results: { series?: { values: number[][] }[] }[] }
      const [, ...counts] = results[0]?.series?.[0]?.values[0] ?? []
      return counts.reduce((sum, count) => sum + count, 0)
    }
    return await measure({ url, devices }, [program.pid ?? 0, ...pidOf(influxDb)], stored, SHARE[way])
  } finally {
    program.kill('SIGKILL')
  }
}

const pidOf = (influxDb: InfluxDb | null): number[] => (influxDb === null ? [] : [influxDb.pid()])

/** Runs the load and waits until `stored` counts all of it; the time runs from the first publish to then. */
async function measure(
  target: Pick<LoadPlan, 'url' | 'devices'>,
  pids: readonly number[],
  stored: () => Promise<number>,
  share = 1,
): Promise<Run> {
  const observationsEach = OBSERVATIONS_EACH * share
  const readings = DEVICES * observationsEach * METRICS_EACH
  const plan: LoadPlan = {
    ...target,
    observationsEach,
    inFlightEach: IN_FLIGHT_EACH,
    firstTime: systemClock.now() - HOUR,
  }
  const load = spawn(process.execPath, [`${root}/dist/bench/load.js`], { stdio: ['pipe', 'pipe', 'inherit'] })
  load.stdin.end(JSON.stringify(plan))
  const lines = createInterface({ input: load.stdout })[Symbol.asyncIterator]()
  await lines.next()
  const cpuBefore = pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  const begin = systemClock.monotonicMs()
  const acknowledged = Number((await lines.next()).value)
  if (acknowledged * METRICS_EACH !== readings) throw new Error(`${acknowledged} messages were acknowledged`)
  for (let waits = 0; (await stored()) < readings; waits += 1) {
    if (waits > 1_200) throw new Error(`only ${await stored()} of ${readings} readings were stored`)
    await sleep(50)
  }
  const seconds = (systemClock.monotonicMs() - begin) / 1_000
  const cpu = pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0) - cpuBefore
  return { readingsPerS: readings / seconds, cpuPer100k: (cpu / readings) * 100_000 }
}

async function firstLine(program: ChildProcess): Promise<string> {
  if (program.stdout === null) throw new Error('the program has no standard output')
  for await (const line of createInterface({ input: program.stdout })) return line
  throw new Error('the program ended before it was ready')
}

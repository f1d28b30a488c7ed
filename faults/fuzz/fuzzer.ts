// The fuzzer: connections that send almost right packets, devices that send almost right payloads, and meanwhile a device that does
// everything right and must not notice. Afterwards the same processes have to be there, no larger than at the start.

import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CONNACK, number, PUBACK, publishPacket, RawClient } from '../../broker/test/raw-client.ts'
import type { Clock } from '../../contract/time.ts'
import { addDevice, type DeviceCredentials } from '../../runtime/devices.ts'
import { randomOf } from '../../test/random.ts'
import { startVillage, type TestVillage, until } from '../../test/village.ts'
import { makePreload } from '../rig/rigged-build.ts'
import { cutPackets, PAYLOADS, randomStream, type Seeds, seedsOf } from './cases.ts'
import { measureMemory, type PartMemory } from './memory.ts'
import { mutatedJson, oneOf } from './mutate.ts'

const VILLAGE = 'cideng'
const PARTS = ['broker', 'ingest'] as const
/** One case in so many is a payload of a device that is let in. */
const PAYLOAD_SHARE = 0.4
const WORKERS = 24
/** A connection that does not end by itself although we said all that we say. */
const HANGS_MS = 120_000
const ANSWER_MS = 120_000
const SETTLED_MS = 180_000
/** On a machine under the load of others. */
const READY_MS = 300_000
const STILL_MS = 2_000
/** Memory is measured after these shares of the cases: the first is for what warms up, code that gets compiled and tables that get their size. */
const STAGES = [0.2, 0.6, 1]

export interface FuzzPlan {
  readonly cases: number
  readonly seed: number
  readonly clock: Clock
  readonly onProgress?: (done: number) => void
}

export interface FuzzResult {
  readonly packets: number
  readonly payloads: number
  /** Readings that the well-behaved device sent and got a PUBACK for, and the longest that it waited. */
  readonly witnessed: number
  readonly longestAnswerMs: number
  /** Of each part, garbage collected and the store settled: after the first cases that warm up, after half of the others, and at the end. */
  readonly memory: Readonly<Record<(typeof PARTS)[number], readonly PartMemory[]>>
  /** What came out wrong. */
  readonly faults: readonly string[]
}

/** Starts a village of its own, fuzzes it, and removes it. */
export async function fuzz(plan: FuzzPlan): Promise<FuzzResult> {
  const preload = await makePreload('measuredMemory')
  try {
    const settings = { PANTAU_LIMIT_RATE: '0', PANTAU_LOG_LEVEL: 'error', ...preload.environment }
    const village = await startVillage(settings, { readyMs: READY_MS })
    try {
      return await fuzzVillage(village, plan, preload.file)
    } finally {
      await village.dispose()
    }
  } finally {
    preload.remove()
  }
}

async function fuzzVillage(village: TestVillage, plan: FuzzPlan, askedFile: string): Promise<FuzzResult> {
  const [strange, odd, well] = await Promise.all(
    ['fuzz-a', 'fuzz-b', 'fuzz-c'].map((id) => newDevice(village, id, plan.clock)),
  )
  if (strange === undefined || odd === undefined || well === undefined) throw new Error('no devices')
  const pids = await partPids(village)
  const run: Run = { plan, port: Number(new URL(village.mqtt).port), faults: [], done: 0 }
  const cookie = await village.signIn()
  const counts = (): Promise<Counts> => village.get<Counts>('/api/v1/counters', cookie)
  const payloads = Math.round(plan.cases * PAYLOAD_SHARE)
  const packets = plan.cases - payloads
  const cut = cutPackets(seedsOf(strange))
  const measured: PartMemory[][] = []
  const witness = startWitness(run, well)
  const watch = setInterval(() => plan.onProgress?.(run.done), 500)
  let witnessed = { witnessed: 0, longestAnswerMs: 0 }
  try {
    for (const [index, share] of STAGES.entries()) {
      const from = STAGES[index - 1] ?? 0
      const span = (cases: number) => ({ from: Math.round(from * cases), to: Math.round(share * cases) })
      await Promise.all([
        sendPackets(run, { seeds: seedsOf(strange), cut, ...span(packets) }),
        sendPayloads(run, odd, span(payloads)),
      ])
      if (share === 1) witnessed = await witness.stop()
      // The well-behaved device goes on meanwhile, so that the store is never quite still before the end.
      await until(async () => (await counts()).lag_ms < STILL_MS, SETTLED_MS)
      measured.push(await measureMemory(pids, askedFile, String(index)))
    }
  } finally {
    clearInterval(watch)
  }
  await checkSettled(village, run, { id: well.id, cookie, counts }, witnessed.witnessed)
  const now = await partPids(village)
  PARTS.forEach((part, index) => {
    if (now[index] !== pids[index])
      run.faults.push(`${part} died: process ${pids[index]} is ${now[index]} now`)
  })
  const memoryOf = (part: number): PartMemory[] => measured.flatMap((parts) => parts[part] ?? [])
  return {
    packets,
    payloads,
    ...witnessed,
    memory: { broker: memoryOf(0), ingest: memoryOf(1) },
    faults: run.faults,
  }
}

interface Run {
  readonly plan: FuzzPlan
  readonly port: number
  readonly faults: string[]
  done: number
}

async function newDevice(village: TestVillage, id: string, clock: Clock): Promise<DeviceCredentials> {
  const device = await addDevice(
    village.dataFolder,
    VILLAGE,
    { id, kind: 'sensor', lat: -6.17, lon: 106.807 },
    clock.now(),
  )
  const client = await village
    .connect(device, { reconnectPeriod: 200, reconnectOnConnackError: true })
    .catch(() => null)
  await client?.endAsync(true)
  await until(async () => (await signedIn(Number(new URL(village.mqtt).port), device)) !== null)
  return device
}

/** A connection that was let in; null when it was not. */
async function signedIn(port: number, device: DeviceCredentials, worker = 0): Promise<RawClient | null> {
  const client = await RawClient.open({ port, host: '127.0.0.1' })
  client.send(seedsOf(device).connect(worker))
  const answer = await client.next(CONNACK, ANSWER_MS)
  if (answer?.body[1] === 0) return client
  client.end()
  return null
}

async function partPids(village: TestVillage): Promise<number[]> {
  return Promise.all(PARTS.map((part) => village.partPid(part)))
}

interface Span {
  readonly from: number
  /** Behind the last. */
  readonly to: number
}

async function sendPackets(run: Run, plan: Span & { seeds: Seeds; cut: Generator<Buffer> }): Promise<void> {
  const { seeds, cut } = plan
  let next = plan.from
  async function work(worker: number): Promise<void> {
    for (let index = next++; index < plan.to; index = next++) {
      const random = randomOf(run.plan.seed + index * 7_919)
      const bytes = cut.next().value ?? randomStream(seeds, worker, random)
      const isConnect = (bytes[0] ?? 0) >> 4 === 1 || random() < 0.1
      const hasEnded = await say(run.port, isConnect ? bytes : Buffer.concat([seeds.connect(worker), bytes]))
      if (!hasEnded)
        run.faults.push(
          `packet case ${index}: the connection did not end: ${bytes.toString('hex').slice(0, 200)}`,
        )
      run.done += 1
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)))
}

/** Sends the bytes and says that there is no more; true when the broker then ends the connection as well. */
async function say(port: number, bytes: Uint8Array): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  const timer = setTimeout(() => socket.destroy(), HANGS_MS)
  const begin = performance.now()
  socket.on('error', () => undefined)
  socket.on('connect', () => socket.end(bytes))
  socket.resume()
  await once(socket, 'close')
  clearTimeout(timer)
  return performance.now() - begin < HANGS_MS
}

/** Whatever the payload is, it is acknowledged: sending it again would not mend it. */
async function sendPayloads(run: Run, device: DeviceCredentials, { from, to }: Span): Promise<void> {
  let next = from
  async function work(worker: number): Promise<void> {
    const client = await signedIn(run.port, device, worker)
    if (client === null) {
      run.faults.push(`payload worker ${worker} was not let in`)
      return
    }
    for (let index = next++; index < to; index = next++) {
      const random = randomOf(run.plan.seed + index * 104_729)
      const channel = random() < 0.85 ? 'reading' : 'event'
      const others = PAYLOADS[channel].map((value) => Buffer.from(JSON.stringify(value)))
      const payload = mutatedJson(oneOf(random, PAYLOADS[channel]), random, others)
      const id = (index % 65_535) + 1
      client.send(publishPacket(`${device.topicPrefix}/${channel}`, payload, { id }))
      const answer = await client.next(PUBACK, ANSWER_MS)
      if (answer?.body.equals(number(id)) !== true) {
        run.faults.push(
          `payload case ${index} was not acknowledged: ${payload.toString('hex').slice(0, 200)}`,
        )
        break
      }
      run.done += 1
    }
    client.end()
  }
  await Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)))
}

interface Witness {
  stop(): Promise<{ witnessed: number; longestAnswerMs: number }>
}

/** A device that does everything right: one reading after the other, each acknowledged before the next. */
function startWitness(run: Run, device: DeviceCredentials): Witness {
  let isStopped = false
  let witnessed = 0
  let longestAnswerMs = 0
  const begun = run.plan.clock.now()
  async function work(): Promise<void> {
    const client = await signedIn(run.port, device)
    while (client !== null && !isStopped) {
      const payload = JSON.stringify({
        time: begun - 3_600_000 + witnessed,
        values: { pm2_5: witnessed % 100 },
      })
      const sent = performance.now()
      client.send(publishPacket(`${device.topicPrefix}/reading`, payload, { id: (witnessed % 65_535) + 1 }))
      if ((await client.next(PUBACK, ANSWER_MS)) === null) break
      longestAnswerMs = Math.max(longestAnswerMs, performance.now() - sent)
      witnessed += 1
      await sleep(10)
    }
    if (!isStopped) run.faults.push(`the well-behaved device had no answer to its reading ${witnessed + 1}`)
    client?.end()
  }
  const working = work()
  return {
    async stop() {
      isStopped = true
      await working
      return { witnessed, longestAnswerMs }
    },
  }
}

interface Counts {
  readonly lag_ms: number
  readonly observations: {
    readonly received: number
    readonly taken: number
    readonly quarantined: Readonly<Record<string, number>>
  }
}

/** What was acknowledged comes to the store: all of it is taken or in quarantine, and the well-behaved device's is taken. */
async function checkSettled(
  village: TestVillage,
  run: Run,
  { id, cookie, counts }: { id: string; cookie: string; counts: () => Promise<Counts> },
  witnessed: number,
): Promise<void> {
  await until(async () => (await counts()).lag_ms === 0, SETTLED_MS)
  const { received, taken, quarantined } = (await counts()).observations
  const refused = Object.values(quarantined).reduce((sum, count) => sum + count, 0)
  if (received !== taken + refused) {
    run.faults.push(`received ${received} is not taken ${taken} + quarantined ${refused}`)
  }
  let stored = 0
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`
    const page: { series: readonly { points: readonly unknown[] }[]; next?: string } = await village.get(
      `/api/v1/devices/${id}/readings?metric=pm2_5&from=${iso(-2)}&to=${iso(1)}&limit=1000${more}`,
      cookie,
    )
    stored += page.series[0]?.points.length ?? 0
    cursor = page.next ?? null
  }
  if (stored !== witnessed)
    run.faults.push(`${witnessed} readings were acknowledged, and ${stored} are stored`)

  function iso(hours: number): string {
    return new Date(run.plan.clock.now() + hours * 3_600_000).toISOString()
  }
}

// A village under a campaign: real processes on free ports in a temporary data folder, devices, the ledger, and the questions that the
// oracle asks. Everything that is found out about it comes through its doors.

import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, DAY, type TimeMs } from '../contract/time.ts'
import { addDevice } from '../runtime/devices.ts'
import { logFolder } from '../runtime/log/segment.ts'
import { randomOf } from '../test/random.ts'
import { startVillage, type TestVillage, until } from '../test/village.ts'
import type { Pace, Stage, StageSet } from './fault.ts'
import { Ledger, type Reading } from './ledger.ts'
import { countersFault, type ReadingCounts } from './oracle.ts'
import { Questions } from './questions.ts'
import type { Builds } from './rig/rigged-build.ts'
import { openWriter, type Source, type Writer } from './writer.ts'

const VILLAGE = 'cideng'
/** Readings begin this long ago, so that hours of them fit before now, within PANTAU_MAX_AGE. */
const PAST_MS = 20 * DAY
/** A device in three publishes at QoS 2. */
const QOS_2_EVERY = 3
const IN_FLIGHT = 20
const PER_S = 50
/** So that a dead connection is noticed within a round. */
const KEEPALIVE_S = 5
const SETTLED_MS = 120_000
/** A machine under the load of others may take so long; what a start takes on a free one is told by `bench`. */
const READY_MS = 300_000
const MOST_KILLS = 18
const LOOK_MS = 50
const FIRST_PORT = 20_000
const PORTS = 12_000
/** Readings of a round begin this much after those of the round before, however many there were. */
const ROUND_MS = 1_000_000
/** A moment of a round at which something may happen. */
const MOMENT_MS = 1_500
const MOMENT_READINGS = 400

export interface ScenePlan {
  readonly stage: Stage
  readonly seed: number
  readonly clock: Clock
  /** Where the acknowledgements of each round are written down; null: nowhere. */
  readonly ledgerFolder: string | null
  readonly builds: Builds
}

export class Scene {
  readonly village: TestVillage
  readonly questions: Questions
  readonly stage: StageSet
  readonly clock: Clock
  /** The schedule's chance; of the round that is on, as all that follows. */
  random: () => number = () => 0
  ledger = new Ledger(null)
  writers: readonly Writer[] = []
  readonly #sources = new Map<string, Source>()
  readonly #ledgerFolder: string | null
  readonly #begin: TimeMs
  readonly #seed: number
  #round = ''
  #rounds = 0
  #roundBegin: TimeMs
  #kills = 0

  private constructor(
    parts: Pick<Scene, 'village' | 'stage' | 'clock'> & {
      seed: number
      ledgerFolder: string | null
    },
  ) {
    this.village = parts.village
    this.questions = new Questions(parts.village)
    this.stage = parts.stage
    this.clock = parts.clock
    this.#seed = parts.seed
    this.#ledgerFolder = parts.ledgerFolder
    // Whole days, so that a seed gives the same readings all day.
    this.#begin = Math.floor((parts.clock.now() - PAST_MS) / DAY) * DAY
    this.#roundBegin = this.#begin
  }

  /** Numbers of their own for the schedule and for each device, so that none depends on how fast the others were. */
  #chanceOf(whose: string): () => number {
    let seed = this.#seed
    for (const letter of `${this.#round} ${whose}`) seed = Math.imul(seed ^ letter.charCodeAt(0), 0x01000193)
    return randomOf(seed)
  }

  static async open({ stage, seed, clock, ledgerFolder, builds }: ScenePlan): Promise<Scene> {
    const start = await builds.start(stage.rig)
    const set = (await stage.prepare?.()) ?? { dispose: async () => undefined }
    try {
      const village = await startVillage(
        // How many messages one device may send a second is not what this is about.
        { PANTAU_LIMIT_RATE: '0', PANTAU_LOG_LEVEL: 'warn', ...set.environment },
        {
          start,
          ports: { mqtt: await lastingPort(), http: await lastingPort() },
          readyMs: READY_MS,
          ...(set.dataFolder === undefined ? {} : { dataFolder: set.dataFolder }),
        },
      )
      return new Scene({ village, stage: set, clock, seed, ledgerFolder })
    } catch (error) {
      await set.dispose()
      throw error
    }
  }

  /** kill -9 of a part's process. */
  kill(pid: number): void {
    process.kill(pid, 'SIGKILL')
    this.countKill()
  }

  /** Pid of the process that stands for the part after that of `pid` has ended. */
  async successorOf(pid: number, part: string): Promise<number> {
    await until(() => !isThere(pid), SETTLED_MS, LOOK_MS)
    return this.village.partPid(part)
  }

  /** A part has died. */
  countKill(): void {
    this.#kills += 1
  }

  /**
   * The supervisor gives a part up that dies twenty times in a row, as it says it does: before so many kills the village is stopped and
   * started.
   */
  async spare(kills: number): Promise<void> {
    if (this.#kills + kills < MOST_KILLS) return
    await this.village.stop()
    await this.village.restart()
    this.#kills = 0
  }

  /** Its name: fault and number. */
  get round(): string {
    return this.#round
  }

  get log(): string {
    return logFolder(this.village.dataFolder)
  }

  #source(index: number): Promise<Source> {
    return this.sourceNamed(`w-${index}`, index % QOS_2_EVERY === QOS_2_EVERY - 1 ? 2 : 1)
  }

  /** A device, added when it is not there yet. */
  async sourceNamed(id: string, qos: 1 | 2): Promise<Source> {
    const there = this.#sources.get(id)
    if (there !== undefined) {
      if (there.next < this.#roundBegin) there.next = this.#roundBegin
      return there
    }
    const device = { id, kind: 'sensor', lat: -6.17, lon: 106.807 } as const
    const credentials = await addDevice(this.village.dataFolder, VILLAGE, device, this.clock.now())
    const source: Source = { credentials, qos, next: this.#roundBegin }
    this.#sources.set(id, source)
    return source
  }

  /** A new round: an empty ledger, and writers that publish from now on. */
  async beginRound(name: string, writers: number, pace: Pace): Promise<void> {
    this.#round = name
    this.#rounds += 1
    this.questions.askFrom(this.#rounds)
    this.random = this.#chanceOf('schedule')
    this.#roundBegin += pace.stepMs === undefined ? ROUND_MS : ROUND_MS * 10
    let path: string | null = null
    if (this.#ledgerFolder !== null) {
      mkdirSync(this.#ledgerFolder, { recursive: true })
      path = join(this.#ledgerFolder, `${name}.ledger`)
    }
    this.ledger = new Ledger(path)
    await this.beginWriters(writers, pace)
  }

  /** Writers publish from now on, into the ledger of the round; resolves when each was acknowledged something. */
  async beginWriters(count: number, pace: Pace & { readonly url?: string } = {}): Promise<void> {
    const { url = this.village.mqtt, stepMs = 1, perS = PER_S, keepaliveS = KEEPALIVE_S } = pace
    const sources: Source[] = []
    for (let index = 0; index < count; index += 1) sources.push(await this.#source(index))
    const { ledger, clock } = this
    const now = clock.monotonicMs()
    this.writers = sources.map((source) => {
      const random = this.#chanceOf(source.credentials.id)
      return openWriter({ source, url, ledger, clock, random, stepMs, inFlight: IN_FLIGHT, perS, keepaliveS })
    })
    await Promise.all(this.writers.map((writer) => writer.acknowledgedAfter(now)))
  }

  /** Some moment: after a while, or right after an acknowledgement, which is the worst one for a sync that is missing. */
  async moment(mostMs = MOMENT_MS): Promise<void> {
    const chance = this.random()
    if (this.random() < 0.5 || this.writers.length === 0) await sleep(chance * mostMs)
    else
      await Promise.race([this.ledger.afterMore(1 + Math.floor(chance * MOMENT_READINGS)), sleep(2 * mostMs)])
  }

  /** ms since the fault was over until all parts work and each writer has an acknowledgement of something sent since. */
  async recovery(since: number): Promise<number> {
    const acknowledged = this.writers.map((writer) => writer.acknowledgedAfter(since))
    const late = sleep(SETTLED_MS, null, { ref: false })
    const all = await Promise.race([Promise.all(acknowledged), late])
    if (all === null) throw new Error(`nothing is acknowledged, ${SETTLED_MS / 1_000} s after the fault`)
    await this.#ready()
    return this.clock.monotonicMs() - since
  }

  /** `/readyz` may be a second old, so that it is asked when the store answers. */
  async #ready(): Promise<void> {
    const isUp = async () => (await this.lagMs()) !== null && (await this.questions.isReady())
    await until(isUp, SETTLED_MS, LOOK_MS).catch(async () => {
      const answer = await fetch(`${this.village.http}/readyz`).then((reply) => reply.text(), String)
      throw new Error(`the village is not ready, ${SETTLED_MS / 1_000} s after the fault: ${answer}`)
    })
  }

  /** Writers stop, and everything that they sent has been acknowledged. */
  async finishWriters(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.finish(SETTLED_MS)))
    this.writers = []
  }

  /** The store has all of the log. */
  async settled(): Promise<void> {
    const { questions } = this
    await until(async () => (await this.lagMs()) === 0 && (await questions.isReady()), SETTLED_MS, LOOK_MS)
  }

  /** How far the store is behind the log; null while nobody can say. */
  lagMs(): Promise<number | null> {
    return this.questions.get<{ lag_ms: number }>('/api/v1/counters').then(
      ({ lag_ms }) => lag_ms,
      () => null,
    )
  }

  storedByExport(): Promise<Reading[]> {
    return this.questions.storedByExport(this.#begin, this.#begin + 2 * PAST_MS)
  }

  /** What does not add up in what `/api/v1/counters` says; null when all does. */
  async countersFault(rows: number): Promise<string | null> {
    return countersFault(await this.questions.get<ReadingCounts>('/api/v1/counters'), rows)
  }

  async dispose(): Promise<void> {
    this.ledger.close()
    for (const writer of this.writers) await writer.finish(0).catch(() => undefined)
    await this.village.dispose()
    await this.stage.dispose()
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/**
 * A free port below those that the system gives to whoever asks for any: nobody takes it while the village is down. (They begin at 32768
 * on Linux and 49152 elsewhere.)
 */
async function lastingPort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS)
    const server = createServer()
    const isFree = await new Promise<boolean>((done) => {
      server.once('error', () => done(false))
      server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
    })
    if (isFree) return port
  }
}

// A village under a campaign: real processes on free ports in a temporary data folder, devices, the ledger, and the questions that the
// oracle asks. Everything that is found out about it comes through its doors.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, DAY, type TimeMs } from '../contract/time.ts'
import { addDevice } from '../runtime/devices.ts'
import { openFeed } from '../runtime/feed-client.ts'
import { logFolder } from '../runtime/log/segment.ts'
import { randomOf } from '../test/random.ts'
import { startVillage, type TestVillage, until } from '../test/village.ts'
import { type Pace, PLAIN, type Stage, type StageSet } from './fault.ts'
import { Ledger, METRIC, type Reading } from './ledger.ts'
import { countersFault, type ReadingCounts } from './oracle.ts'
import { makeRiggedBuild } from './rig/rigged-build.ts'
import { openWriter, type Source, type Writer } from './writer.ts'

const VILLAGE = 'cideng'
/** Readings begin this long ago, so that hours of them fit before now, within PANTAU_MAX_AGE. */
const PAST_MS = 20 * DAY
/** A device in three publishes at QoS 2. */
const QOS_2_EVERY = 3
const IN_FLIGHT = 20
const PER_S = 100
const SETTLED_MS = 120_000
/** A machine under the load of others may take so long; what a start takes on a free one is told by `bench`. */
const READY_MS = 180_000
const MOST_KILLS = 18
const BUSY_MS = 1_000
/** Readings of a round begin this much after those of the round before, however many there were. */
const ROUND_MS = 1_000_000
/** A moment of a round at which something may happen. */
const MOMENT_MS = 1_500
const MOMENT_READINGS = 400

export class Scene {
  readonly village: TestVillage
  readonly stage: StageSet
  readonly clock: Clock
  /** The schedule's chance; of the round that is on, as all that follows. */
  random: () => number = () => 0
  ledger = new Ledger(null)
  writers: readonly Writer[] = []
  readonly #sources = new Map<string, Source>()
  readonly #rig: { remove(): void } | null
  readonly #ledgerFolder: string | null
  readonly #begin: TimeMs
  readonly #seed: number
  #round = ''
  #roundBegin: TimeMs
  #cookie = ''
  #kills = 0

  private constructor(
    parts: Pick<Scene, 'village' | 'stage' | 'clock'> & {
      seed: number
      rig: { remove(): void } | null
      ledgerFolder: string | null
    },
  ) {
    this.village = parts.village
    this.stage = parts.stage
    this.clock = parts.clock
    this.#seed = parts.seed
    this.#rig = parts.rig
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

  /** `ledgerFolder`: where the acknowledgements of each round are written down; null: nowhere. */
  static async open(
    stage: Stage,
    seed: number,
    clock: Clock,
    ledgerFolder: string | null = null,
  ): Promise<Scene> {
    const set = (await stage.prepare?.()) ?? { dispose: async () => undefined }
    const rig = stage.rig === undefined ? null : await makeRiggedBuild(stage.rig)
    try {
      const village = await startVillage(
        // How many messages one device may send a second is not what this is about.
        { PANTAU_LIMIT_RATE: '0', PANTAU_LOG_LEVEL: 'warn', ...set.environment },
        {
          readyMs: READY_MS,
          ...(set.dataFolder === undefined ? {} : { dataFolder: set.dataFolder }),
          ...(rig === null ? {} : { start: rig.start }),
        },
      )
      return new Scene({ village, stage: set, clock, seed, rig, ledgerFolder })
    } catch (error) {
      rig?.remove()
      await set.dispose()
      throw error
    }
  }

  /** kill -9 of a part's process. */
  kill(pid: number): void {
    process.kill(pid, 'SIGKILL')
    this.countKill()
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
  async beginWriters(
    count: number,
    { url = this.village.mqtt, stepMs = 1, perS = PER_S }: Pace & { readonly url?: string } = {},
  ): Promise<void> {
    const sources: Source[] = []
    for (let index = 0; index < count; index += 1) sources.push(await this.#source(index))
    const { ledger, clock } = this
    const now = clock.monotonicMs()
    this.writers = sources.map((source) => {
      const random = this.#chanceOf(source.credentials.id)
      return openWriter({ source, url, ledger, clock, random, stepMs, inFlight: IN_FLIGHT, perS })
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

  async #ready(): Promise<void> {
    await until(() => this.isReady(), SETTLED_MS).catch(async () => {
      const answer = await fetch(`${this.village.http}/readyz`).then((reply) => reply.text(), String)
      throw new Error(`the village is not ready, ${SETTLED_MS / 1_000} s after the fault: ${answer}`)
    })
  }

  async isReady(): Promise<boolean> {
    return this.village
      .get<{ ready: boolean }>('/readyz')
      .then(({ ready }) => ready)
      .catch(() => false)
  }

  /** Writers stop, and everything that they sent has been acknowledged. */
  async finishWriters(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.finish(SETTLED_MS)))
    this.writers = []
  }

  /** The store has all of the log. */
  async settled(): Promise<void> {
    await until(async () => {
      const lag = await this.get<{ lag_ms: number }>('/api/v1/counters').catch(() => null)
      return lag?.lag_ms === 0 && (await this.isReady())
    }, SETTLED_MS)
  }

  async get<T>(path: string): Promise<T> {
    for (;;) {
      if (this.#cookie === '') this.#cookie = await this.village.signIn()
      try {
        return await this.village.get<T>(path, this.#cookie)
      } catch (error) {
        // A session may have ended, as one does whose clock was set.
        if (String(error).includes(': 401 ')) this.#cookie = ''
        // The oracle asks more than the dashboard gives to one address.
        if (!String(error).includes(': 429 ')) throw error
        await sleep(BUSY_MS)
      }
    }
  }

  /** What the HTTP API says is stored of the round's devices, over the times that they sent in it. */
  async storedByApi(): Promise<Reading[]> {
    const rows: Reading[] = []
    for (const device of this.ledger.devices()) {
      const times = [...this.ledger.sentBy(device).keys()]
      const span = `from=${iso(least(times))}&to=${iso(most(times) + 1)}`
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const more: string = cursor === '' ? '' : `&cursor=${cursor}`
        const answer: { series: { points: [number, number][] }[]; next?: string } = await this.get(
          `/api/v1/devices/${device}/readings?metric=${METRIC}&${span}${more}`,
        )
        for (const [time, value] of answer.series[0]?.points ?? []) rows.push({ device, time, value })
        cursor = answer.next
      }
    }
    return rows
  }

  /** All rows of the campaign's devices as `npm run export` streams them. */
  async storedByExport(): Promise<Reading[]> {
    const rows: Reading[] = []
    const feed = openFeed(this.village.dataFolder)
    for await (const { device, time, values } of feed.exportRows({
      from: this.#begin - DAY,
      to: this.#begin + 2 * PAST_MS,
    })) {
      const value = values[METRIC]
      if (value !== undefined) rows.push({ device, time, value })
    }
    return rows
  }

  /** What does not add up in what `/api/v1/counters` says; null when all does. */
  async countersFault(rows: number): Promise<string | null> {
    return countersFault(await this.get<ReadingCounts>('/api/v1/counters'), rows)
  }

  async dispose(): Promise<void> {
    this.ledger.close()
    for (const writer of this.writers) await writer.finish(0).catch(() => undefined)
    await this.village.dispose()
    this.#rig?.remove()
    await this.stage.dispose()
  }
}

/** Where a fault happens. */
export function stageOf(stage: Stage | undefined): Stage {
  return stage ?? PLAIN
}

const iso = (time: TimeMs): string => new Date(time).toISOString()
const least = (times: readonly number[]): number =>
  times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
const most = (times: readonly number[]): number =>
  times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)

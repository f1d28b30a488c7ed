// The agent at work: measures in rounds, hands readings to delivery, listens to the desk. Each reading carries the time it was
// taken and a number that counts up, so that one sent late or twice is never taken for a new one.

import type { Clock } from '../contract/time.ts'
import { formatTime } from '../contract/time.ts'
import { DataBudget } from './budget.ts'
import { parseCommand } from './commands.ts'
import { Delivery } from './delivery.ts'
import { EventOutbox } from './events.ts'
import type { Log } from './log.ts'
import { measure } from './measure.ts'
import { createProbes } from './probes/index.ts'
import type { MeasureSettings, Probe, Values } from './probes/probe.ts'
import { DiskQueue } from './queue/disk-queue.ts'
import type { Disk } from './queue/segment.ts'
import { parseRemoteConfig, RemoteConfigFile, withRemote } from './remote-config.ts'
import type { AgentSettings, SettingTexts } from './settings.ts'
import { type Stamp, stamp, timeOf } from './stamp.ts'
import type { System } from './system.ts'
import { measureThroughput } from './throughput.ts'
import type { Cancel, Timers } from './timers.ts'
import { Uplink, type UplinkOptions } from './uplink.ts'

export interface AgentOptions {
  /** What was given on the spot; the `config` topic fills in the rest. */
  readonly local: SettingTexts
  readonly uplink: Omit<UplinkOptions, 'timers' | 'random' | 'log'>
  readonly version: string
  /** Folder of the queue and of what else is kept. */
  readonly folder: string
  readonly disk: Disk
  readonly system: System
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
}

/** Readings held in memory while the clock is not set. */
const MAX_HELD = 1_000

export class Agent {
  readonly #options: AgentOptions
  readonly #queue: DiskQueue
  readonly #uplink: Uplink
  readonly #delivery: Delivery
  readonly #events: EventOutbox
  readonly #budget: DataBudget
  readonly #configFile: RemoteConfigFile
  readonly #probes: readonly Probe[] = createProbes()
  #settings: AgentSettings
  #config: string
  #seq = 0
  #held: { readonly stamp: Stamp; readonly seq: number; readonly values: Values }[] = []
  #isMeasuring = false
  #isTesting = false
  #isStopped = false
  /** Number of the schedule of rounds in force. */
  #schedule = 0
  #cancelRound: Cancel = () => {}
  #cancelTest: Cancel = () => {}

  /** Opens the queue in the folder. Throws what the disk does. */
  constructor(options: AgentOptions) {
    const { clock, timers, log, folder, disk, random } = options
    this.#options = options
    this.#configFile = new RemoteConfigFile(folder)
    this.#config = this.#configFile.read() ?? ''
    const known = parseRemoteConfig(this.#config, options.local)
    this.#settings = withRemote(options.local, known.ok ? known.texts : {})
    this.#queue = new DiskQueue({ folder: `${folder}/queue`, maxBytes: this.#settings.queue_limit, disk })
    this.#budget = new DataBudget(folder, clock)
    this.#uplink = new Uplink(
      { ...options.uplink, timers, random, log },
      {
        connected: () => {
          this.#events.connected()
          this.#delivery.connected()
        },
        disconnected: () => this.#delivery.disconnected(),
        config: (payload) => this.#takeConfig(payload),
        command: (payload, retained) => this.#takeCommand(payload, retained),
      },
    )
    this.#events = new EventOutbox(clock, (payload, done) => this.#uplink.publish('event', payload, done))
    const send = (payload: Buffer, done: () => void): boolean =>
      this.#uplink.publish('reading', payload, done)
    this.#delivery = new Delivery({ queue: this.#queue, send, timers, log })
  }

  /** Readings that wait for an acknowledgement. */
  get queued(): number {
    return this.#queue.length
  }

  get settings(): AgentSettings {
    return this.#settings
  }

  start(): void {
    const { version, log } = this.#options
    const { tornBytes, damaged, setAside } = this.#queue.faults
    if (tornBytes + damaged + setAside.length > 0)
      log.warn('the queue was damaged', { ...this.#queue.faults })
    log.info('started', { version, queued: this.#queue.length, lost: this.#queue.lost })
    this.#events.add('boot', { agent: version })
    this.#uplink.start()
    this.#scheduleRounds(0)
    this.#scheduleTests()
  }

  /** Writes everything down and says goodbye; within some 2 s. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelRound()
    this.#cancelTest()
    await this.#uplink.stop()
    this.#delivery.close()
    this.#options.log.info('stopped', { queued: this.#queue.length })
  }

  /** Rounds from `firstMs` on, instead of those scheduled before. */
  #scheduleRounds(firstMs: number): void {
    this.#schedule += 1
    this.#nextRound(this.#schedule, this.#options.clock.monotonicMs() + firstMs, 0)
  }

  #nextRound(schedule: number, start: number, round: number): void {
    const { clock, timers } = this.#options
    const { interval } = this.#settings
    this.#cancelRound()
    this.#cancelRound = timers.after(Math.max(0, start + round * interval - clock.monotonicMs()), () => {
      void this.#round().finally(() => {
        if (this.#isStopped || schedule !== this.#schedule) return
        // After a round that took longer than the interval comes the next that is due, not all that were missed.
        const due = Math.ceil((clock.monotonicMs() - start) / interval)
        this.#nextRound(schedule, start, Math.max(round + 1, due))
      })
    })
  }

  /** Measures and reports; null when a round is under way already. */
  async #round(): Promise<Values | null> {
    if (this.#isMeasuring) return null
    this.#isMeasuring = true
    try {
      const { system, clock, timers, log } = this.#options
      const taken = stamp(clock)
      const settings = measureSettings(this.#settings)
      const values = await measure(this.#probes, { settings, system, clock, timers }, log)
      this.#report(taken, values)
      return values
    } finally {
      this.#isMeasuring = false
    }
  }

  #report(taken: Stamp, values: Values): void {
    if (this.#isStopped) return
    const own: Values = { queue: this.#queue.length, lost: this.#queue.lost }
    this.#held.push({ stamp: taken, seq: this.#seq, values: { ...values, ...own } })
    this.#seq += 1
    this.#held = this.#held.slice(-MAX_HELD)
    // Nothing is stored without its time: the broker would take it for new when it arrives.
    this.#held = this.#held.filter((one) => {
      const time = timeOf(one.stamp, this.#options.clock)
      if (time === null) return true
      const observation = { time: formatTime(time), seq: one.seq, values: one.values }
      this.#delivery.add(Buffer.from(JSON.stringify(observation)))
      return false
    })
    this.#events.sendWaiting()
  }

  #takeConfig(payload: string): void {
    if (payload === this.#config) return
    const { local, log } = this.#options
    const config = parseRemoteConfig(payload, local)
    if (!config.ok) {
      log.warn('config refused', { faults: config.faults })
      this.#events.add('config_refused', { faults: config.faults })
      return
    }
    const before = this.#settings
    this.#config = payload
    this.#configFile.write(payload)
    this.#settings = withRemote(local, config.texts)
    const { ignored, overruled } = config
    log.info('config taken', { config: config.texts, ignored, overruled })
    this.#events.add('config_applied', { applied: Object.keys(config.texts), ignored, overruled })
    if (before.interval !== this.#settings.interval) this.#scheduleRounds(this.#settings.interval)
    if (before.throughput_every !== this.#settings.throughput_every) this.#scheduleTests()
  }

  #takeCommand(payload: string, retained: boolean): void {
    const command = parseCommand(payload, retained)
    const id = command.id === null ? {} : { id: command.id }
    if (!command.ok) {
      this.#options.log.warn(`command refused: ${command.detail}`)
      this.#events.add('command_refused', { ...id, detail: command.detail })
    } else if (command.do === 'measure') {
      void this.#round().then((values) => {
        if (values === null)
          this.#events.add('command_refused', { ...id, detail: 'a measurement is under way' })
        else this.#events.add('measured', { ...id, values })
      })
    } else void this.#test(id)
  }

  #scheduleTests(): void {
    this.#cancelTest()
    const every = this.#settings.throughput_every
    if (every === 0) return
    // Spread between half and one and a half of the span, so that a village's hotspots do not test all at once.
    const delay = every * (0.5 + this.#options.random())
    this.#cancelTest = this.#options.timers.after(delay, () => {
      void this.#test({}).finally(() => {
        if (!this.#isStopped) this.#scheduleTests()
      })
    })
  }

  async #test(id: { readonly id?: string }): Promise<void> {
    if (this.#isTesting) {
      this.#events.add('command_refused', { ...id, detail: 'a throughput test is under way' })
      return
    }
    this.#isTesting = true
    try {
      const taken = stamp(this.#options.clock)
      const result = await measureThroughput(
        {
          downUrl: this.#settings.throughput_url,
          upUrl: this.#settings.throughput_upload_url,
          maxBytes: this.#settings.throughput_size,
          dailyBytes: this.#settings.throughput_budget,
        },
        this.#budget,
        this.#options.clock,
      )
      if (result.ok) this.#report(taken, result.values)
      this.#events.add('throughput', { ...id, ...result })
    } finally {
      this.#isTesting = false
    }
  }
}

/** The part of the settings that the probes see. */
export function measureSettings(settings: AgentSettings): MeasureSettings {
  return {
    targets: settings.targets,
    pingCount: settings.ping_count,
    answerTimeoutMs: settings.answer_timeout,
    dnsName: settings.dns_name,
    dnsServer: settings.dns_server,
    httpUrl: settings.http_url,
    wifi: settings.wifi,
  }
}

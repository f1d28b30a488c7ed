// The way to the broker. MQTT.js speaks the protocol; what it leaves open is here: back-off with jitter, a connection that no
// longer acknowledges is given up after 30 s, the password is read anew each time, and status and last will are kept right.
// Each connection is a client of its own, so that nothing of an old one is ever sent by the library itself.

import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { SECOND } from '../contract/time.ts'
import { buildTopic, type Channel } from '../contract/topics.ts'
import { refusedDelayMs, retryDelayMs } from './backoff.ts'
import type { Log } from './log.ts'
import type { Cancel, Timers } from './timers.ts'

export interface UplinkOptions {
  readonly url: string
  readonly village: string
  readonly device: string
  /** Read anew before each connection; throws what the file system does. */
  readonly password: () => string | null
  readonly tls: Pick<IClientOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>
  readonly timers: Timers
  /** From 0 to below 1. */
  readonly random: () => number
  readonly log: Log
}

export interface UplinkHandlers {
  connected(): void
  /** Whatever was not acknowledged is to be sent again. */
  disconnected(): void
  config(payload: string): void
  command(payload: string, retained: boolean): void
}

const KEEPALIVE_S = 30
const CONNECT_TIMEOUT_MS = 15 * SECOND
/** Without an acknowledgement for so long the connection is taken for dead. */
const ACKNOWLEDGE_MS = 30 * SECOND
/** A connection that held so long was a good one: the back-off begins anew. */
const SETTLED_MS = 30 * SECOND
const GOODBYE_MS = 2 * SECOND

/** CONNACK codes of MQTT 3.1.1 (table 3.1) that no waiting mends, and what to do. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'the broker does not speak MQTT 3.1.1',
  2: 'the broker does not take the client id; --device must be the name the device was added with',
  4: 'the broker refused the credentials; check --device and the password file, or rotate the password',
  5: 'the broker does not let this device in; check --device and the password file',
}

export class Uplink {
  readonly #options: UplinkOptions
  readonly #handlers: UplinkHandlers
  #client: MqttClient | null = null
  #isUp = false
  #isStopped = false
  #attempt = 0
  #refusals = 0
  #unacknowledged = 0
  #cancelRetry: Cancel = () => {}
  #cancelWatch: Cancel = () => {}
  #cancelSettled: Cancel = () => {}
  #lastTrouble = ''

  constructor(options: UplinkOptions, handlers: UplinkHandlers) {
    this.#options = options
    this.#handlers = handlers
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Messages sent and not acknowledged. */
  get unacknowledged(): number {
    return this.#unacknowledged
  }

  start(): void {
    this.#open()
  }

  /** Sends at QoS 1; `acknowledged` is called once when the broker has it, never when the connection ends first. False: not sent. */
  publish(channel: 'reading' | 'event', payload: string | Buffer, acknowledged: () => void): boolean {
    const client = this.#client
    if (client === null || !this.#isUp) return false
    this.#unacknowledged += 1
    if (this.#unacknowledged === 1) this.#watch(client)
    client.publish(this.#topic(channel), payload, { qos: 1 }, (error) => {
      if (error != null || client !== this.#client) return
      this.#unacknowledged -= 1
      this.#cancelWatch()
      if (this.#unacknowledged > 0) this.#watch(client)
      acknowledged()
    })
    return true
  }

  /** Says `offline`, closes and comes back no more; within some 2 s. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelRetry()
    const client = this.#client
    if (client === null) return
    if (this.#isUp) {
      await new Promise<void>((done) => {
        const late = setTimeout(done, GOODBYE_MS)
        client.publish(this.#topic('status'), 'offline', { qos: 1, retain: true }, () => {
          client.end(false, () => {
            clearTimeout(late)
            done()
          })
        })
      })
    }
    this.#drop(client)
  }

  #open(): void {
    if (this.#isStopped) return
    let password: string | null
    try {
      password = this.#options.password()
    } catch (error) {
      this.#trouble(`the password cannot be read: ${messageOf(error)}`)
      this.#retry(refusedDelayMs(this.#refusals, this.#options.random()))
      this.#refusals += 1
      return
    }
    const client = connect(this.#options.url, this.#connectOptions(password))
    this.#client = client
    client.on('connect', () => this.#up(client))
    client.on('message', (topic, payload, packet) => this.#message(client, topic, payload, packet.retain))
    client.on('error', (error) => this.#down(client, error))
    client.on('close', () => this.#down(client, null))
  }

  #connectOptions(password: string | null): IClientOptions {
    const { device, tls, url } = this.#options
    return {
      ...tls,
      ...(password === null ? {} : { password }),
      // The contract's door is /mqtt; an address with a path of its own keeps it.
      ...(/^wss?:\/\/[^/]+\/?$/.test(url) ? { path: '/mqtt' } : {}),
      protocolVersion: 4,
      username: device,
      clientId: device,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // Without this the library builds a table of 65,536 buffers: 20 MB.
      writeCache: false,
      timerVariant: 'native',
      will: { topic: this.#topic('status'), payload: Buffer.from('offline'), qos: 1, retain: true },
    }
  }

  #up(client: MqttClient): void {
    if (client !== this.#client || this.#isUp) return
    this.#isUp = true
    this.#refusals = 0
    this.#lastTrouble = ''
    this.#cancelSettled = this.#options.timers.after(SETTLED_MS, () => {
      this.#attempt = 0
    })
    client.publish(this.#topic('status'), 'online', { qos: 1, retain: true })
    client.subscribe([this.#topic('config'), this.#topic('command')], { qos: 1 }, (error) => {
      if (error != null && client === this.#client) {
        this.#options.log.warn(`config and command are not to be had: ${error.message}`)
      }
    })
    this.#options.log.info('connected', { url: this.#options.url })
    this.#handlers.connected()
  }

  #down(client: MqttClient, error: Error | null): void {
    if (client !== this.#client) return
    const wasUp = this.#isUp
    this.#drop(client)
    if (wasUp) this.#handlers.disconnected()
    if (this.#isStopped) return
    const code = error !== null && 'code' in error ? error.code : null
    const refusal = typeof code === 'number' ? REFUSALS[code] : undefined
    const chance = this.#options.random()
    if (refusal !== undefined) {
      this.#trouble(refusal)
      this.#retry(refusedDelayMs(this.#refusals, chance))
      this.#refusals += 1
    } else {
      this.#trouble(error === null ? 'the connection was closed' : messageOf(error))
      this.#retry(retryDelayMs(this.#attempt, chance))
      this.#attempt += 1
    }
  }

  /** Ends this client; nothing that it still says is heard. */
  #drop(client: MqttClient): void {
    this.#client = null
    this.#isUp = false
    this.#unacknowledged = 0
    this.#cancelWatch()
    this.#cancelSettled()
    client.end(true)
  }

  #retry(delayMs: number): void {
    this.#options.log.debug('next attempt', { in_ms: Math.round(delayMs) })
    this.#cancelRetry = this.#options.timers.after(delayMs, () => this.#open())
  }

  #watch(client: MqttClient): void {
    this.#cancelWatch = this.#options.timers.after(ACKNOWLEDGE_MS, () =>
      this.#down(client, new Error('no acknowledgement for 30 s')),
    )
  }

  #message(client: MqttClient, topic: string, payload: Buffer, retained: boolean): void {
    if (client !== this.#client) return
    if (topic === this.#topic('config')) this.#handlers.config(payload.toString('utf8'))
    else if (topic === this.#topic('command')) this.#handlers.command(payload.toString('utf8'), retained)
  }

  /** One line for a trouble, not one an attempt. */
  #trouble(message: string): void {
    const level = message === this.#lastTrouble ? 'debug' : 'warn'
    this.#lastTrouble = message
    this.#options.log[level](`not connected: ${message}`, { url: this.#options.url })
  }

  #topic(channel: Channel): string {
    const { village, device } = this.#options
    return buildTopic({ village, kind: 'hotspot', device, channel })
  }
}

/** Node gives a refused connection to several addresses a list of errors and no message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

// What a campaign asks of a village: the HTTP API, as a desk would, and at the end an export of every row.

import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { DAY, type TimeMs } from '../contract/time.ts'
import { openFeed } from '../runtime/feed-client.ts'
import type { TestVillage } from '../test/village.ts'
import { type Ledger, METRIC, type Reading } from './ledger.ts'

const BUSY_MS = 1_000
const ANSWER_MS = 30_000

export class Questions {
  readonly #village: TestVillage
  /** Asked from there; undefined: from wherever the system takes. */
  #address: string | undefined
  #cookie = ''

  constructor(village: TestVillage) {
    this.#village = village
  }

  /**
   * One address is given 600 requests a minute, so each round asks from another: on Linux all of 127/8 is this machine. Elsewhere the
   * questions wait.
   */
  askFrom(round: number): void {
    if (process.platform === 'linux') this.#address = `127.1.${(round >> 8) & 255}.${round & 255}`
  }

  /** GET as JSON by the admin; throws unless it is answered by 2xx. */
  async get<T>(path: string): Promise<T> {
    for (;;) {
      if (this.#cookie === '') this.#cookie = await this.#village.signIn()
      const { status, text } = await this.#ask(path)
      if (status >= 200 && status < 300) return JSON.parse(text) as T
      // A session may have ended, as one does whose clock was set.
      if (status === 401) this.#cookie = ''
      if (status !== 429) throw new Error(`GET ${path}: ${status} ${text}`)
      await sleep(BUSY_MS)
    }
  }

  #ask(path: string): Promise<{ status: number; text: string }> {
    const { hostname, port } = new URL(this.#village.http)
    return new Promise((done, fail) => {
      const asked = request({
        hostname,
        port,
        path,
        agent: false,
        timeout: ANSWER_MS,
        headers: { cookie: this.#cookie },
        ...(this.#address === undefined ? {} : { localAddress: this.#address }),
      })
      asked.once('timeout', () => asked.destroy(new Error(`GET ${path}: no answer in ${ANSWER_MS} ms`)))
      asked.once('error', fail)
      asked.once('response', (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part: string) => {
          text += part
        })
        answer.once('end', () => done({ status: answer.statusCode ?? 0, text }))
        answer.once('error', fail)
      })
      asked.end()
    })
  }

  async isReady(): Promise<boolean> {
    return this.#village
      .get<{ ready: boolean }>('/readyz')
      .then(({ ready }) => ready)
      .catch(() => false)
  }

  /** What the HTTP API says is stored of the ledger's devices, over the times that they sent in it. */
  async storedByApi(ledger: Ledger): Promise<Reading[]> {
    const byDevice = await Promise.all(
      ledger.devices().map((device) => this.#storedOf(device, [...ledger.sentBy(device).keys()])),
    )
    return byDevice.flat()
  }

  async #storedOf(device: string, times: readonly TimeMs[]): Promise<Reading[]> {
    const rows: Reading[] = []
    const span = `from=${iso(least(times))}&to=${iso(most(times) + 1)}`
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`
      const answer: { series: { points: [number, number][] }[]; next?: string } = await this.get(
        `/api/v1/devices/${device}/readings?metric=${METRIC}&${span}${more}`,
      )
      for (const [time, value] of answer.series[0]?.points ?? []) rows.push({ device, time, value })
      cursor = answer.next
    }
    return rows
  }

  /** All rows of the campaign's devices as `npm run export` streams them. */
  async storedByExport(from: TimeMs, to: TimeMs): Promise<Reading[]> {
    const rows: Reading[] = []
    const feed = openFeed(this.#village.dataFolder)
    for await (const { device, time, values } of feed.exportRows({ from: from - DAY, to })) {
      const value = values[METRIC]
      if (value !== undefined) rows.push({ device, time, value })
    }
    return rows
  }
}

const iso = (time: TimeMs): string => new Date(time).toISOString()
const least = (times: readonly number[]): number =>
  times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
const most = (times: readonly number[]): number =>
  times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)

// A live feed of the test's own for one page: what it tells, and when, is what the test wants. All else the page gets is the village's.
// Speaks engine.io 4 and socket.io 5 as far as the page does.

import type { Page, WebSocketRoute } from 'playwright-core'
import type { DeviceFeature } from '../../contract/api.ts'
import { feature } from '../../dashboard/web/feature.fixture.ts'

/** So long that no client ever gives up on it by itself. */
const OPEN =
  '0{"sid":"test","upgrades":[],"pingInterval":100000000,"pingTimeout":100000000,"maxPayload":1000000}'
const JOINED = '40/live,{"sid":"test"}'

export class FakeFeed {
  /** What the feed knows: a page that asks is told this. */
  readonly devices = new Map<string, DeviceFeature>()
  /** How often everything was asked for. */
  watches = 0
  readonly #page: Page
  #socket: WebSocketRoute | null = null
  #seq = 0

  private constructor(page: Page) {
    this.#page = page
  }

  /** Stands between the page and the village's own feed; before the page is opened. */
  static async of(page: Page, ...devices: readonly DeviceFeature[]): Promise<FakeFeed> {
    const feed = new FakeFeed(page)
    for (const device of devices) feed.devices.set(device.id, device)
    await page.routeWebSocket(/\/socket\.io\//, (socket) => {
      feed.#socket = socket
      socket.onMessage((message) => void feed.#heard(socket, String(message)))
      socket.send(OPEN)
    })
    return feed
  }

  /** The page's clock, which may be put forward. */
  now(): Promise<number> {
    return this.#page.evaluate<number>('Date.now()')
  }

  /** Tells of devices as they are now; `isLost` is counted and never sent. */
  async tell(changed: readonly DeviceFeature[] = [], isLost = false): Promise<void> {
    for (const device of changed) this.devices.set(device.id, device)
    this.#seq += 1
    if (isLost) return
    const time = new Date(await this.now()).toISOString()
    this.#socket?.send(`42/live,${JSON.stringify(['delta', { seq: this.#seq, time, changed, removed: [] }])}`)
  }

  async #heard(socket: WebSocketRoute, message: string): Promise<void> {
    if (message.startsWith('40/live,')) socket.send(JOINED)
    if (!message.startsWith('42/live,["watch"')) return
    this.watches += 1
    const time = new Date(await this.now()).toISOString()
    const devices = [...this.devices.values()]
    const snapshot = { seq: this.#seq, time, devices, fresh: true, units: {}, rules: {} }
    socket.send(`42/live,${JSON.stringify(['snapshot', snapshot])}`)
  }
}

/** A bus without a route, last seen at `time` at that place. */
export function bus(id: string, place: readonly [number, number], time: number): DeviceFeature {
  const iso = new Date(time).toISOString()
  return feature(
    {
      kind: 'vehicle',
      name: `Bus ${id}`,
      lastSeen: iso,
      expect_every_s: 10,
      transit: {
        route: null,
        trip: null,
        direction: null,
        speed: 10,
        bearing: 90,
        occupancy: null,
        delay_s: null,
        time: iso,
        stale: false,
      },
    },
    id,
    place,
  )
}

/** A hotspot that was heard at `time`. */
export function hotspot(id: string, time: number, state: 'up' | 'down' = 'up'): DeviceFeature {
  return feature(
    { name: `Titik ${id}`, state, lastSeen: new Date(time).toISOString(), expect_every_s: 100_000 },
    id,
  )
}

// For tests: a small village with devices of each kind, the accounts of each role, and a dashboard on a free port.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import type { Role } from '../../../contract/device-state.ts'
import type { AirIndex, LiveDevice } from '../../../contract/feed.ts'
import { parseSettings } from '../../../contract/settings.ts'
import { type Clock, MINUTE, SECOND, systemClock, type TimeMs } from '../../../contract/time.ts'
import { addAccount } from '../../../runtime/accounts.ts'
import type { Logger } from '../../../runtime/logger.ts'
import { changeRegistry } from '../../../runtime/registry.ts'
import { newToken, secretDigest } from '../../../runtime/secrets.ts'
import type { LoadedVillage } from '../../../runtime/village.ts'
import { type Dashboard, type DashboardOptions, startDashboard } from '../server.ts'
import { type FeedServer, startFeedServer } from './feed-server.ts'

export interface Village {
  readonly dataFolder: string
  readonly feed: FeedServer
  readonly dashboard: Dashboard
  readonly url: string
  /** A token of each role. */
  readonly tokens: Readonly<Record<Role, string>>
  readonly now: TimeMs
  stop(): Promise<void>
}

export interface VillageOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly devices?: readonly LiveDevice[]
  readonly requestsPerMinute?: number
  readonly patience?: DashboardOptions['patience']
  readonly logger?: Logger
  readonly clock?: Clock
  readonly askDisk?: DashboardOptions['askDisk']
  /** Writes a GTFS archive into the folder and returns its path. */
  readonly gtfs?: (folder: string) => string
}

export const ROLES_TESTED = ['infrastructure', 'environment', 'admin'] as const satisfies readonly Role[]

export async function startVillage(options: VillageOptions = {}): Promise<Village> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pantau-dashboard-'))
  const clock = options.clock ?? systemClock
  const now = clock.now()
  const tokens = await giveTokens(dataFolder, now)
  const feed = await startFeedServer(dataFolder, options.devices ?? sampleDevices(now), now)
  const { settings, faults } = parseSettings(
    {},
    { PANTAU_HTTP_PORT: '0', PANTAU_DATA: dataFolder, ...options.environment },
    {},
  )
  if (faults.length > 0) throw new Error(faults.join('\n'))
  const webFolder = join(dataFolder, 'web')
  writeWeb(webFolder)
  const dashboard = await startDashboard({
    settings,
    dataFolder,
    village: { ...sampleVillage(dataFolder), gtfsPath: options.gtfs?.(dataFolder) ?? null },
    webFolder,
    version: 'test',
    clock,
    logger: options.logger ?? pino({ level: 'silent' }),
    requestsPerMinute: options.requestsPerMinute ?? 1_000_000,
    ...(options.patience === undefined ? {} : { patience: options.patience }),
    ...(options.askDisk === undefined ? {} : { askDisk: options.askDisk }),
  })
  if (!dashboard.url.startsWith('https')) await sawSnapshot(dashboard.url)
  return {
    dataFolder,
    feed,
    dashboard,
    url: dashboard.url,
    tokens,
    now,
    async stop() {
      await dashboard.stop()
      await feed.stop()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

async function sawSnapshot(url: string): Promise<void> {
  for (;;) {
    const answer = (await (await fetch(`${url}/api/v1/village`)).json()) as { feed: { connected: boolean } }
    if (answer.feed.connected) return
    await sleep(10)
  }
}

/** Tokens without the cost of a password: an account of each role with one token. */
async function giveTokens(dataFolder: string, now: TimeMs): Promise<Record<Role, string>> {
  const tokens = { infrastructure: newToken(), environment: newToken(), admin: newToken() }
  await changeRegistry(dataFolder, (registry) => ({
    ...registry,
    accounts: ROLES_TESTED.map((role) => ({
      name: `${role}-person`,
      role,
      passwordHash: 'none',
      createdAt: now,
      validFrom: now,
      tokens: [{ id: `t-${role}`, name: 'test', role, digest: secretDigest(tokens[role]), createdAt: now }],
    })),
  }))
  return tokens
}

/** An account with a real password: one scrypt. */
export async function givePassword(village: Village, name: string, role: Role): Promise<string> {
  const { password } = await addAccount(village.dataFolder, name, role, village.now)
  return password
}

export function sampleDevice(members: Partial<LiveDevice> & Pick<LiveDevice, 'id' | 'kind'>): LiveDevice {
  return {
    name: `Device ${members.id}`,
    simulated: false,
    position: { lat: -6.17, lon: 106.807 },
    state: 'up',
    since: null,
    cause: null,
    lastSeen: null,
    everyS: 60,
    parent: null,
    radiusM: null,
    values: {},
    clockOffsetMs: 12,
    conflicts: 0,
    ...members,
  }
}

function sampleIndex(index: AirIndex['index'], time: TimeMs): AirIndex {
  return {
    index,
    value: 72,
    category: 'Sedang',
    dominant: 'pm2_5',
    time,
    completeness: 0.96,
    parts: [{ metric: 'pm2_5', concentration: 30.1, unit: 'ug/m3', averaging: '24h', value: 72 }],
  }
}

export function sampleDevices(now: TimeMs): readonly LiveDevice[] {
  const time = now - 5 * SECOND
  const air = {
    ispu: sampleIndex('ispu', now),
    'us-aqi': sampleIndex('us-aqi', now),
    eaqi: {
      ...sampleIndex('eaqi', now),
      value: null,
      category: null,
      dominant: null,
      reason: 'too few hours',
    },
  }
  return [
    sampleDevice({
      id: 'hs-1',
      kind: 'hotspot',
      since: now - 10 * MINUTE,
      lastSeen: time,
      radiusM: 60,
      values: { up: { value: 1, time }, clients: { value: 3, time }, latency_ms: { value: 21.5, time } },
    }),
    sampleDevice({
      id: 'hs-2',
      kind: 'hotspot',
      state: 'down',
      cause: 'silence',
      position: { lat: -6.18, lon: 106.82 },
      values: { clients: { value: 12, time } },
    }),
    sampleDevice({
      id: 'air-1',
      kind: 'sensor',
      lastSeen: time,
      values: { pm2_5: { value: 30.1, time }, humidity: { value: 104, time, flag: 'range' } },
      air,
    }),
    sampleDevice({
      id: 'bus-1',
      kind: 'vehicle',
      lastSeen: time,
      position: { lat: -6.171, lon: 106.809, speed: 6, bearing: 274 },
      values: { speed: { value: 6, time }, passengers: { value: 2, time } },
      transit: {
        route: 'R1',
        trip: 'T1',
        direction: 0,
        occupancy: 'MANY_SEATS_AVAILABLE',
        speed: 6,
        bearing: 274,
        alongM: 400,
        time,
        stale: false,
      },
    }),
  ]
}

const POLYGON = {
  type: 'FeatureCollection' as const,
  features: [
    {
      type: 'Feature' as const,
      properties: {},
      geometry: {
        type: 'Polygon' as const,
        coordinates: [
          [
            [106.8, -6.18],
            [106.82, -6.18],
            [106.82, -6.16],
            [106.8, -6.18],
          ],
        ],
      },
    },
  ],
}

export function sampleVillage(folder: string): LoadedVillage {
  writeFileSync(join(folder, 'boundary.geojson'), JSON.stringify(POLYGON))
  writeFileSync(join(folder, 'streets.geojson'), JSON.stringify({ ...POLYGON, note: 'x'.repeat(4_000) }))
  return {
    folder,
    village: {
      id: 'cideng',
      name: 'Cideng',
      timezone: 'Asia/Jakarta',
      languages: ['id', 'en'],
      center: { lat: -6.17, lon: 106.807 },
      bounds: [106.79, -6.19, 106.83, -6.15],
      boundary: 'boundary.geojson',
      basemap: ['streets.geojson'],
      gtfs: null,
      devices: 'devices.json',
      standards: { air: 'ispu' },
      simulated: false,
    },
    devices: [],
    boundary: POLYGON,
    basemap: [{ file: 'streets.geojson', geojson: POLYGON }],
    gtfsPath: null,
    notes: [],
  }
}

/** The spots that the server fills, as the built page has them. */
const SPOTS = ['header', 'place', 'fresh', 'answers', 'start']
  .map((name) => `<div id="${name}"><!-- slot: ${name} --><!-- /slot --></div>`)
  .join('')

function writeWeb(folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true })
  const page = (name: string): string =>
    `<!doctype html><html lang="id"><head><title>${name}</title><script>document.documentElement.dataset.theme='light'</script></head><body>${name === 'index' ? SPOTS : ''}</body></html>`
  for (const name of ['index', 'sign-in', 'infrastructure', 'environment', 'system']) {
    writeFileSync(join(folder, `${name}.html`), page(name))
  }
  writeFileSync(join(folder, 'assets', 'index-a1b2c3d4.js'), `// ${'x'.repeat(3_000)}\n`)
}

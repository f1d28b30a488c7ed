// What those who keep the village running are told before it is too late: a disk that fills up, parts that are slow.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SystemAnswer } from '../../contract/api-staff.ts'
import type { IngestHealth } from '../../contract/feed.ts'
import { noteTorn, tornPaths } from '../../runtime/torn-store.ts'
import { startVillage, type Village } from './harness/village.ts'

const MIB = 1_048_576
const fine = { ok: true, detail: 'fine' }
const health: IngestHealth = {
  broker: fine,
  ingest: fine,
  store: fine,
  storeName: 'duckdb',
  storeBytes: 1,
  logBytes: 1,
  logSegments: 1,
  lagMs: 0,
  messagesPerS: 0,
  readingsPerS: 0,
  vitals: {
    broker: { residentBytes: 80 * MIB, loopP99Ms: 1.5, loopMaxMs: 20 },
    ingest: { residentBytes: 200 * MIB, loopP99Ms: 4, loopMaxMs: 3_012.5 },
  },
}

const freeMib = 300
let village: Village
beforeAll(async () => {
  village = await startVillage({ askDisk: () => ({ bavail: freeMib, blocks: 8_192, bsize: MIB }) })
  village.feed.handlers.health = () => ({ ok: true, value: health })
  village.feed.handlers.counters = () => ({ ok: false, code: 'failed', message: 'none' })
})
afterAll(async () => {
  await village.stop()
})

describe('a disk that fills up', () => {
  it('is warned of while the village is still ready', async () => {
    const answer = await fetch(`${village.url}/readyz`)
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        ready: true,
        parts: { broker: fine, ingest: fine, store: fine },
        warnings: [
          '300 MiB (4 %) are free for the data folder; make room, or shorten PANTAU_RETENTION: below 256 MiB nothing is acknowledged',
        ],
      },
    ])
  })

  it('is a figure among the metrics', async () => {
    const text = await (await fetch(`${village.url}/metrics`)).text()
    expect(text).toMatch(/^pantau_disk_free_bytes 314572800$/m)
  })
})

describe('a store whose write-ahead log was torn', () => {
  it('is warned of until the copy of it is removed', async () => {
    const warnings = async () => {
      const { warnings } = (await (await fetch(`${village.url}/readyz`)).json()) as { warnings: string[] }
      return warnings.filter((warning) => warning.includes('write-ahead log'))
    }
    const file = join(village.dataFolder, 'store', 'pantau.duckdb')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(tornPaths(file).copy, 'x')
    noteTorn(file, 1_234)
    await expect.poll(warnings, { timeout: 10_000 }).toHaveLength(1)
    expect((await warnings())[0]).toMatch(
      /the last 1234 bytes .* cut off at 20.*Z; .* nothing acknowledged is lost/,
    )
    rmSync(tornPaths(file).copy)
    await expect.poll(warnings, { timeout: 10_000 }).toEqual([])
  })
})

describe('a part that is slow', () => {
  it('is told by how late its event loop was, each part by its own', async () => {
    const text = await (await fetch(`${village.url}/metrics`)).text()
    expect(text).toMatch(/^pantau_event_loop_delay_seconds\{part="broker",of="p99"\} 0.0015$/m)
    expect(text).toMatch(/^pantau_event_loop_delay_seconds\{part="ingest",of="max"\} 3.0125$/m)
    expect(text).toMatch(/^pantau_event_loop_delay_seconds\{part="dashboard",of="max"\} [\d.]+$/m)
    expect(text).toMatch(/^pantau_memory_bytes\{part="ingest"\} 209715200$/m)
  })
})

describe('sizes and rates while ingest is away', () => {
  it('are not known, which is not nothing', async () => {
    const alone = await startVillage()
    try {
      const authorization = `Bearer ${alone.tokens.infrastructure}`
      await alone.feed.stop()
      const ask = async () =>
        (
          await fetch(`${alone.url}/api/v1/system`, { headers: { authorization } })
        ).json() as Promise<SystemAnswer>
      await expect.poll(async () => (await ask()).parts.ingest.ok).toBe(false)
      expect(await ask()).toMatchObject({
        store: { bytes: null },
        log: { bytes: null, segments: null, lag_ms: null },
        rates: { messages_per_s: null, readings_per_s: null },
      })
    } finally {
      await alone.stop()
    }
  })
})

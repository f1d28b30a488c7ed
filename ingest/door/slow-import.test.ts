// Node ends a request whose body takes longer than five minutes. Here it has the patience of a moment, unless the door says otherwise.

import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener, ServerOptions } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { TransferRow } from '../../contract/feed.ts'
import { openFeed } from '../../runtime/feed-client.ts'
import { openLogger } from '../../runtime/logger.ts'
import type { Calls } from './calls.ts'
import { openDoor } from './door.ts'

/** Read by what stands for `node:http`, which is there before the rest of this file. */
const { PATIENCE_MS } = vi.hoisted(() => ({ PATIENCE_MS: 50 }))

vi.mock('node:http', async (original) => {
  const http = await original<typeof import('node:http')>()
  return {
    ...http,
    createServer: (options: ServerOptions, listener: RequestListener) =>
      http.createServer(
        { requestTimeout: PATIENCE_MS, connectionsCheckingInterval: PATIENCE_MS / 5, ...options },
        listener,
      ),
  }
})

let folder = ''
let door: { close(): Promise<void> }

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-slow-import-'))
  const logger = openLogger('ingest', { PANTAU_LOG_LEVEL: 'error', PANTAU_LOG: 'json' })
  logger.level = 'silent'
  door = await openDoor({
    dataFolder: folder,
    calls: {} as Calls,
    feed: { join: () => () => undefined, stop: () => undefined },
    logger,
    transfer: {
      async importText(pieces) {
        let rows = 0
        for await (const piece of pieces) rows += String(piece).split('\n').length - 1
        return { rows, stored: rows, duplicates: 0, conflicts: 0, refused: [] }
      },
      exportText: () => {
        throw new Error('nothing is taken out here')
      },
    },
  })
})

afterEach(async () => {
  await door.close()
  rmSync(folder, { recursive: true })
})

it('an import may take longer than a request to a web server', async () => {
  async function* slowly(): AsyncGenerator<TransferRow> {
    for (let time = 0; time < 4_000; time += 1) {
      // As many as go in one piece; then nothing comes for a while.
      if (time % 2_000 === 0) await sleep(6 * PATIENCE_MS)
      yield { kind: 'sensor', device: 's-1', time, values: { pm2_5: 12 } }
    }
  }
  expect(await openFeed(folder).importRows(slowly())).toMatchObject({ rows: 4_000, refused: [] })
})

// The dashboard as a process: HTTP, socket.io and MQTT over WebSocket on one port, from ingest's live state and history.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PantauError } from '../contract/errors.ts'
import { runPart } from '../runtime/part.ts'
import { VERSION } from '../runtime/version.ts'
import { loadVillage } from '../runtime/village.ts'
import { startDashboard } from './server/server.ts'

await runPart('dashboard', async ({ settings, dataFolder, logger, clock }) => {
  const loaded = loadVillage(settings.PANTAU_VILLAGE)
  if (!loaded.ok) throw new PantauError('bad_village', loaded.faults.join('\n'))
  for (const note of loaded.village.notes) logger.warn(note)
  const webFolder = fileURLToPath(new URL('../dist/web/', import.meta.url))
  if (!existsSync(join(webFolder, 'index.html'))) {
    logger.warn(`the pages are not built: ${webFolder} has no index.html; run npm run build`)
  }
  const dashboard = await startDashboard({
    settings,
    dataFolder,
    village: loaded.village,
    webFolder,
    version: VERSION,
    clock,
    logger,
  })
  return { ports: { http: dashboard.port }, stop: dashboard.stop }
})

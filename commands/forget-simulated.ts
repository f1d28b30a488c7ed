// `npm run forget-simulated`: removes the simulated devices and their readings from a running village, so that what it holds is
// real. Simulators that still run are shut out at once, since their credentials are gone.

import { setTimeout as sleep } from 'node:timers/promises'
import { PantauError } from '../contract/errors.ts'
import { openDataFolder } from '../runtime/data-folder.ts'
import { openFeed } from '../runtime/feed-client.ts'
import { changeRegistry, readRegistry } from '../runtime/registry.ts'
import { loadSettings } from '../runtime/settings.ts'
import { audited } from './audited.ts'

/** What the broker had let in before is in the store by then. */
const SETTLED_MS = 3_000
const CHUNK_IDS = 500

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length > 0)
    throw new PantauError('bad_command', `${argv[0]} is one word too many; npm run forget-simulated`)
  const { settings } = loadSettings([], process.env)
  const dataFolder = openDataFolder(settings.PANTAU_DATA)
  const feed = openFeed(dataFolder)
  // The store is ingest's: without a running village nothing is touched.
  await feed.call('health', {})
  const ids = readRegistry(dataFolder)
    .devices.filter((device) => device.simulated)
    .map((device) => device.id)
  if (ids.length > 0) {
    await audited(
      dataFolder,
      { what: 'device.forget', on: 'simulated', detail: `${ids.length} devices` },
      () => forget(dataFolder, feed, ids),
    )
  }
  process.stdout.write(`${ids.length} simulated devices and their readings are gone\n`)
  return 0
}

async function forget(
  dataFolder: string,
  feed: ReturnType<typeof openFeed>,
  ids: readonly string[],
): Promise<void> {
  await changeRegistry(dataFolder, (registry) => ({
    ...registry,
    devices: registry.devices.filter((device) => !device.simulated),
  }))
  await feed.call('registryChanged', {})
  await sleep(SETTLED_MS)
  for (let from = 0; from < ids.length; from += CHUNK_IDS) {
    await feed.call('forget', { devices: ids.slice(from, from + CHUNK_IDS) })
  }
}

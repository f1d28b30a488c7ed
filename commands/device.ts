// `npm run device -- add ID --kind KIND …`, `list`, `rotate ID`, `remove ID`: devices and their credentials, against the data
// folder, while the village runs or not.

import { PantauError } from '../contract/errors.ts'
import { systemClock } from '../contract/time.ts'
import { isKind, KINDS } from '../contract/topics.ts'
import { openDataFolder } from '../runtime/data-folder.ts'
import { addDevice, removeDevice, rotateDevice } from '../runtime/devices.ts'
import { readRegistry } from '../runtime/registry.ts'
import { loadSettings } from '../runtime/settings.ts'
import { villageId } from '../runtime/village-id.ts'
import { audited } from './audited.ts'
import { type CommandLine, numberFlag, readCommandLine } from './command-line.ts'

const USAGE =
  'npm run device -- add ID --kind hotspot|sensor|vehicle [--lat F --lon F --name TEXT --public true|false] | list | rotate ID | remove ID'

export async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv, ['kind', 'lat', 'lon', 'name', 'public'], USAGE)
  const { settings } = loadSettings([], process.env)
  const dataFolder = openDataFolder(settings.PANTAU_DATA)
  const [verb, id, ...rest] = line.words
  if (rest.length > 0) throw usageError(`${rest[0]} is one word too many`)
  if (verb === 'list' && id === undefined) {
    for (const device of readRegistry(dataFolder).devices) print(listed(device))
    return 0
  }
  if (id === undefined) throw usageError('an id is missing')
  const village = villageId(settings.PANTAU_VILLAGE)
  if (verb === 'add') print(await add(dataFolder, village, id, line))
  else if (verb === 'rotate') {
    print(
      await audited(dataFolder, { what: 'device.rotate', on: id.slice(0, 64) }, () =>
        rotateDevice(dataFolder, village, id, systemClock.now()),
      ),
    )
  } else if (verb === 'remove') {
    await audited(dataFolder, { what: 'device.remove', on: id.slice(0, 64) }, () =>
      removeDevice(dataFolder, id),
    )
  } else throw usageError(`${verb} is no verb of this command`)
  return 0
}

async function add(dataFolder: string, village: string, id: string, line: CommandLine): Promise<unknown> {
  const kind = line.flags['kind']
  if (kind === undefined || !isKind(kind))
    throw usageError(`--kind is ${kind ?? 'absent'}; one of ${KINDS.join(', ')} is taken`)
  const lat = numberFlag(line, 'lat')
  const lon = numberFlag(line, 'lon')
  const name = line.flags['name']
  const device = {
    id,
    kind,
    ...(name === undefined ? {} : { name }),
    ...(lat === undefined ? {} : { lat }),
    ...(lon === undefined ? {} : { lon }),
    ...(isPublic(line) ? {} : { public: false }),
  }
  return audited(dataFolder, { what: 'device.add', on: id.slice(0, 64), detail: kind }, () =>
    addDevice(dataFolder, village, device, systemClock.now()),
  )
}

/** A device on private ground is shown to staff alone. */
function isPublic(line: CommandLine): boolean {
  const text = line.flags['public'] ?? 'true'
  if (text !== 'true' && text !== 'false') throw usageError(`--public is ${text}; true or false is taken`)
  return text === 'true'
}

function listed(device: ReturnType<typeof readRegistry>['devices'][number]): unknown {
  const { id, kind, name, lat, lon, simulated, public: shown = true } = device
  return { id, kind, name, lat, lon, simulated, public: shown }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function usageError(fault: string): PantauError {
  return new PantauError('bad_command', `${fault}; ${USAGE}`)
}

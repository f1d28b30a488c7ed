// `npm run village -- check | set-gtfs | cut-gtfs | basemap`: makes and checks village folders. The files of `villages/cideng`
// were made by it; `villages/cideng/DATA.md` has the lines.

import path from 'node:path'
import { PantauError } from '../contract/errors.ts'
import type { Village, VillageDevice } from '../contract/village.ts'
import { feedFaults } from '../runtime/gtfs-faults.ts'
import { columnOf, type Feed, rowsOf, writeFeed } from '../runtime/gtfs-feed.ts'
import { type CommandLine, numberFlag, readCommandLine } from './command-line.ts'
import { areasOf, lettersOf, waterwaysOf } from './village-basemap.ts'
import { type CutArea, cutFeed } from './village-cut.ts'
import { fleetOf } from './village-fleet.ts'
import {
  checkFolder,
  mapBox,
  pathInside,
  readDevicesFile,
  readFeedFile,
  readGeojsonFile,
  readStreetNames,
  readVillageFile,
  refused,
  writeDevicesFile,
  writeGeojson,
  writeVillageFile,
  writeWhole,
} from './village-folder.ts'
import { streetsOf } from './village-streets.ts'

const USAGE = [
  'npm run village -- check [FOLDER]',
  'set-gtfs FILE [--village FOLDER --center LAT,LON --radius M --vehicles N --attribution TEXT]',
  'cut-gtfs --feed FILE --center LAT,LON --radius M --out FILE',
  'basemap --kelurahan FILE --code CODE [--kemendagri FILE --waterways FILE --village FOLDER]',
].join(' | ')

const FLAGS: Readonly<Record<string, readonly string[]>> = {
  check: [],
  'set-gtfs': ['village', 'center', 'radius', 'vehicles', 'attribution'],
  'cut-gtfs': ['feed', 'center', 'radius', 'out'],
  basemap: ['kelurahan', 'code', 'kemendagri', 'waterways', 'village'],
}
const DEFAULT_FOLDER = 'villages/cideng'
const DEFAULT_RADIUS_M = 2_500

export async function main(argv: readonly string[]): Promise<number> {
  const [verb = '', ...rest] = argv
  const flags = Object.hasOwn(FLAGS, verb) ? FLAGS[verb] : undefined
  if (flags === undefined)
    throw usageError(verb === '' ? 'a verb is missing' : `${verb} is no verb of this command`)
  const line = readCommandLine(rest, flags, USAGE)
  const words = verb === 'check' || verb === 'set-gtfs' ? 1 : 0
  if (line.words.length > words) throw usageError(`${line.words[words]} is one word too many`)
  if (verb === 'check') return checkFolder(line.words[0] ?? DEFAULT_FOLDER)
  if (verb === 'set-gtfs') return setGtfs(line)
  if (verb === 'cut-gtfs') return cutGtfs(line)
  return basemap(line)
}

/** The feed of an operator, cut to the surroundings of a place, into a file. */
function cutGtfs(line: CommandLine): number {
  const area = areaOf(line, null)
  const out = required(line, 'out')
  const cut = cutWhole(required(line, 'feed'), area)
  const bytes = writeFeed(cut)
  writeWhole(out, bytes)
  say(`${out}: ${countsOf(cut)}, ${bytes.length} bytes`)
  return 0
}

/**
 * Replaces a village's feed by the user's own: cut, checked, written; then what follows from it: the streets of the base map,
 * the source that the map names, and the simulated vehicles when one of them has lost its route.
 */
function setGtfs(line: CommandLine): number {
  const [file] = line.words
  if (file === undefined) throw usageError('the GTFS archive is missing')
  const folder = line.flags['village'] ?? DEFAULT_FOLDER
  const village = readVillageFile(folder)
  if (village.gtfs === null) {
    throw new PantauError(
      'bad_village',
      'village.json: gtfs is null; write the path that the feed shall have, then again',
    )
  }
  const area = areaOf(line, village)
  const cut = cutWhole(file, area)
  const devices = devicesFor(
    cut,
    area,
    readDevicesFile(folder, village),
    village,
    numberFlag(line, 'vehicles'),
  )
  const bytes = writeFeed(cut)
  writeWhole(pathInside(folder, village.gtfs), bytes)
  say(`${village.gtfs}: ${countsOf(cut)}, ${bytes.length} bytes`)
  const streets = village.basemap.find((entry) => path.posix.basename(entry) === 'streets.geojson')
  if (streets !== undefined) {
    const collection = streetsOf(cut, mapBox(village.bounds), readStreetNames(folder))
    const size = writeGeojson(pathInside(folder, streets), collection)
    say(`${streets}: ${collection.features.length} streets, ${size} bytes`)
  }
  writeDevicesFile(folder, village, devices)
  const files = [village.gtfs, ...(streets === undefined ? [] : [streets])]
  writeVillageFile(folder, withAttribution(village, files, line.flags['attribution'] ?? creditOf(cut)))
  say(`${folder}: write the feed's source and licence into its DATA.md`)
  return checkFolder(folder)
}

/** Boundary, neighbours and waterways out of public files. */
function basemap(line: CommandLine): number {
  const folder = line.flags['village'] ?? DEFAULT_FOLDER
  const village = readVillageFile(folder)
  const source = required(line, 'kelurahan')
  const code = required(line, 'code')
  const areas = areasOf(readGeojsonFile(source), code, kemendagriCodes(line.flags['kemendagri']))
  if (areas === null)
    throw new PantauError('input_refused', `${source} has no feature of village_code ${code}`)
  const write = (name: string, collection: ReturnType<typeof waterwaysOf>): void => {
    const target = [village.boundary, ...village.basemap].find((entry) => path.posix.basename(entry) === name)
    if (target === undefined) {
      say(`village.json names no ${name}; it is not written`)
      return
    }
    const size = writeGeojson(pathInside(folder, target), collection)
    say(`${target}: ${collection.features.length} features, ${size} bytes`)
  }
  write(path.posix.basename(village.boundary), areas.boundary)
  write('kelurahan.geojson', areas.neighbours)
  const waterways = line.flags['waterways']
  if (waterways !== undefined) {
    write('waterways.geojson', waterwaysOf(readGeojsonFile(waterways), mapBox(village.bounds)))
  }
  return 0
}

/** Cut and held together, or `input_refused` with every fault of what was cut. */
function cutWhole(file: string, area: CutArea): Feed {
  const cut = cutFeed(readFeedFile(file), area)
  const faults = feedFaults(cut)
  if (rowsOf(cut, 'trips.txt').length === 0) {
    throw new PantauError(
      'input_refused',
      `${file} has no trip with a stop within ${area.radiusM} m of ${area.lat},${area.lon}; give --center or a larger --radius`,
    )
  }
  if (faults.length > 0) throw refused(file, faults)
  return cut
}

function devicesFor(
  feed: Feed,
  area: CutArea,
  devices: readonly VillageDevice[],
  village: Village,
  wanted: number | undefined,
): VillageDevice[] {
  const routes = new Set(rowsOf(feed, 'routes.txt').map(columnOf(feed, 'routes.txt', 'route_id')))
  const vehicles = devices.filter((device) => device.kind === 'vehicle')
  const lost = vehicles.filter((device) => device.route !== undefined && !routes.has(device.route))
  if (lost.length === 0 && wanted === undefined) return [...devices]
  if (!village.simulated) {
    const names = lost.map((device) => `${device.id} (${device.route})`).join(', ')
    throw new PantauError(
      'input_refused',
      `the feed lacks the routes of ${names || 'no vehicle'}; vehicles of a real village are not made up`,
    )
  }
  const count = wanted ?? vehicles.length
  if (!Number.isInteger(count) || count < 0 || count > 5_000) {
    throw new PantauError('bad_command', `--vehicles is ${count}; a whole number from 0 to 5000 is taken`)
  }
  say(`vehicles made anew: ${count}${lost.length > 0 ? `, since ${lost.length} had lost their route` : ''}`)
  return [...devices.filter((device) => device.kind !== 'vehicle'), ...fleetOf(feed, area, count)]
}

/** The village with `text` as the one source named for `files`. */
function withAttribution(village: Village, files: readonly string[], text: string): Village {
  const others = (village.attributions ?? [])
    .map((entry) => ({ ...entry, files: entry.files.filter((file) => !files.includes(file)) }))
    .filter((entry) => entry.files.length > 0)
  return { ...village, attributions: [...others, { text, files: [...files] }] }
}

function creditOf(feed: Feed): string {
  const names = rowsOf(feed, 'agency.txt').map(columnOf(feed, 'agency.txt', 'agency_name'))
  return `© ${names.join(', ')}`.slice(0, 200)
}

/** Codes by name out of the file of the Ministry of Home Affairs (`kode`, `nama`). */
function kemendagriCodes(file: string | undefined): Map<string, string> {
  if (file === undefined) return new Map()
  return new Map(
    readGeojsonFile(file).features.map(({ properties }) => [
      lettersOf(String(properties?.['nama'] ?? '')),
      String(properties?.['kode'] ?? ''),
    ]),
  )
}

function areaOf(line: CommandLine, village: Village | null): CutArea {
  const radiusM = numberFlag(line, 'radius') ?? DEFAULT_RADIUS_M
  if (radiusM <= 0) throw new PantauError('bad_command', `--radius is ${radiusM}; metres above 0 are taken`)
  const text = line.flags['center']
  if (text === undefined && village !== null) return { ...village.center, radiusM }
  const [lat, lon, ...rest] = (text ?? '')
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const isPlace = Math.abs(lat ?? Number.NaN) <= 90 && Math.abs(lon ?? Number.NaN) <= 180
  if (lat === undefined || lon === undefined || rest.length > 0 || !isPlace) {
    throw new PantauError(
      'bad_command',
      `--center is ${text ?? 'absent'}; LAT,LON in degrees is taken; ${USAGE}`,
    )
  }
  return { lat, lon, radiusM }
}

function required(line: CommandLine, name: string): string {
  const value = line.flags[name]
  if (value === undefined) throw usageError(`--${name} is absent`)
  return value
}

function countsOf(feed: Feed): string {
  const count = (file: string): number => rowsOf(feed, file).length
  return `${count('routes.txt')} routes, ${count('trips.txt')} trips, ${count('stops.txt')} stops`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function usageError(fault: string): PantauError {
  return new PantauError('bad_command', `${fault}; ${USAGE}`)
}

// Writes into a village folder: files that people read and keep in git, so laid out a line each, readable by all, and replaced
// whole. The folder is checked afterwards by its own loader, never before: mending a broken one is what these are for.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { FeatureCollection } from 'geojson'
import { PantauError } from '../contract/errors.ts'
import { type Village, type VillageDevice, VillageSchema } from '../contract/village.ts'
import { type Feed, readFeed } from '../runtime/gtfs-feed.ts'
import { schemaFaults } from '../runtime/schema-faults.ts'
import { loadVillage } from '../runtime/village.ts'
import { codeOf, fileInside, readJson } from '../runtime/village-files.ts'
import type { Box } from './village-geometry.ts'
import type { StreetName } from './village-streets.ts'

/** village.json by itself; throws `bad_village` when it is not well-formed. */
export function readVillageFile(folder: string): Village {
  const value = readJsonOf(path.join(folder, 'village.json'), 'bad_village')
  const faults = schemaFaults(VillageSchema, value, 'village.json')
  if (faults.length > 0)
    throw new PantauError('bad_village', faults.map((fault) => `village.json: ${fault}`).join('\n'))
  return value as Village // fits its schema
}

/** What devices.json holds, not checked: the loader does that once all is written. */
export function readDevicesFile(folder: string, village: Village): VillageDevice[] {
  const value = readJsonOf(pathInside(folder, village.devices), 'bad_village')
  if (!Array.isArray(value)) throw new PantauError('bad_village', `${village.devices}: devices are a list`)
  return value as VillageDevice[] // only `kind` and `route` are read, and written back as they are
}

/** The feed in an archive; throws `input_refused` with every fault. */
export function readFeedFile(file: string): Feed {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new PantauError('unknown_name', `${file} cannot be read (${codeOf(error)}); name a GTFS archive`)
  }
  const read = readFeed(bytes)
  if (!read.ok) throw refused(file, read.faults)
  if (read.unread.length > 0)
    process.stdout.write(`left out, Pantau does not read it: ${read.unread.join(', ')}\n`)
  return read.feed
}

export function refused(file: string, faults: readonly string[]): PantauError {
  return new PantauError('input_refused', faults.map((fault) => `${file}: ${fault}`).join('\n'))
}

/** GeoJSON of a source file, as far as its reader looks. */
export function readGeojsonFile(file: string): FeatureCollection {
  const value = readJsonOf(file, 'input_refused')
  if (
    typeof value !== 'object' ||
    value === null ||
    !('features' in value) ||
    !Array.isArray(value.features)
  ) {
    throw new PantauError('input_refused', `${file} is no GeoJSON FeatureCollection`)
  }
  return value as FeatureCollection // the parts that are read are looked at where they are read
}

/** Names for streets, which a village may keep in `street-names.json`. */
export function readStreetNames(folder: string): StreetName[] {
  const file = fileInside(folder, 'street-names.json')
  return file.ok ? (readJsonOf(file.value, 'bad_village') as StreetName[]) : []
}

/** The area of the base map: three times the first view in each direction. */
export function mapBox([west, south, east, north]: Village['bounds']): Box {
  const [width, height] = [east - west, north - south]
  return [west - width, south - height, east + width, north + height]
}

export function writeVillageFile(folder: string, village: Village): void {
  const lines = Object.entries(village).map(([name, value]) => `  ${JSON.stringify(name)}: ${spaced(value)}`)
  writeWhole(path.join(folder, 'village.json'), `{\n${lines.join(',\n')}\n}\n`)
}

export function writeDevicesFile(folder: string, village: Village, devices: readonly VillageDevice[]): void {
  writeWhole(
    pathInside(folder, village.devices),
    `[\n${devices.map((device) => `  ${spaced(device)}`).join(',\n')}\n]\n`,
  )
}

/** A feature a line. Returns the bytes written. */
export function writeGeojson(file: string, collection: FeatureCollection): number {
  const lines = collection.features.map((feature) => JSON.stringify(feature)).join(',\n')
  const text = `{"type":"FeatureCollection","features":[\n${lines}\n]}\n`
  writeWhole(file, text)
  return Buffer.byteLength(text)
}

/** Replaces `file` whole: the text is written beside and renamed. Throws `output_failed`. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, content)
    renameSync(`${file}.new`, file)
  } catch (error) {
    throw new PantauError('output_failed', `${file} cannot be written (${codeOf(error)})`, { cause: error })
  }
}

/** Prints every fault and note of the folder; the exit code of the command. */
export function checkFolder(folder: string): number {
  const result = loadVillage(folder)
  if (!result.ok) {
    for (const fault of result.faults) process.stderr.write(`${fault}\n`)
    process.stderr.write(`${folder} has ${result.faults.length} faults; mend them and check again\n`)
    return 1
  }
  const { village, devices, basemap, notes } = result.village
  for (const note of notes) process.stdout.write(`note: ${note}\n`)
  const features = basemap.reduce((sum, { geojson }) => sum + geojson.features.length, 0)
  process.stdout.write(
    `ok: ${village.name}, ${devices.length} devices, ${features} features of the base map\n`,
  )
  return 0
}

/** Where a member of village.json is written: a path inside the folder, the file itself may be new. */
export function pathInside(folder: string, relative: string): string {
  const absolute = path.resolve(folder, relative)
  if (!absolute.startsWith(`${path.resolve(folder)}${path.sep}`)) {
    throw new PantauError('bad_village', `village.json: ${relative} leads out of the village folder`)
  }
  return absolute
}

function readJsonOf(file: string, code: 'bad_village' | 'input_refused'): unknown {
  const json = readJson(file)
  if (!json.ok) throw new PantauError(code, `${file}: ${json.detail}`)
  return json.value
}

/** One line of JSON with a space after each comma and colon outside text. */
function spaced(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replaceAll(/\n\s*/g, ' ')
    .replaceAll(/([{[]) /g, '$1')
    .replaceAll(/ ([}\]])/g, '$1')
}

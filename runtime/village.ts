// Reads a village folder (contract section 6, design D13) and tells everything that is wrong with it, so that whoever makes
// a village mends it in one round. Nothing half-right is ever given back.

import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { FeatureCollection } from 'geojson'
import type { TSchema } from 'typebox'
import { nearest } from '../contract/settings.ts'
import { type Village, type VillageDevice, VillageDeviceSchema, VillageSchema } from '../contract/village.ts'
import { geojsonFaults, geometryTypes } from './geojson-faults.ts'
import { feedFaults } from './gtfs-faults.ts'
import { columnOf, readFeed, rowsOf } from './gtfs-feed.ts'
import { schemaFaults, shown } from './schema-faults.ts'
import { deviceFaults } from './village-devices.ts'
import { codeOf, type FileResult, fileInside, readJson } from './village-files.ts'

export interface LoadedVillage {
  /** Absolute. */
  readonly folder: string
  readonly village: Village
  readonly devices: readonly VillageDevice[]
  readonly boundary: FeatureCollection
  /** In the order of `village.json`, the lowest first. `file` is the path as written there. */
  readonly basemap: readonly { readonly file: string; readonly geojson: FeatureCollection }[]
  /** Absolute path of the GTFS archive, which has been read and holds together; null without public transport. */
  readonly gtfsPath: string | null
  /** What is odd and no fault: members that Pantau does not know. */
  readonly notes: readonly string[]
}

export type VillageResult =
  | { readonly ok: true; readonly village: LoadedVillage }
  | { readonly ok: false; readonly faults: readonly string[] }

/** The village in `folder`, or every fault of it, each as `file: place is value; rule`. Reads files, writes nothing. */
export function loadVillage(folder: string): VillageResult {
  const absolute = path.resolve(folder)
  if (!isFolder(absolute)) return { ok: false, faults: [`${folder}: there is no such folder`] }
  const faults: string[] = []
  const collect = (file: string, details: readonly string[]): void => {
    faults.push(...details.map((detail) => `${file}: ${detail}`))
  }
  const raw = readInside(absolute, 'village.json')
  if (!raw.ok) return { ok: false, faults: [`village.json: ${raw.detail}`] }
  const draft = isObject(raw.value) ? raw.value : {}
  collect('village.json', [
    ...schemaFaults(VillageSchema, raw.value, 'village.json'),
    ...villageFaults(draft),
  ])

  const boundary = loadMember(absolute, draft, 'boundary', collect, boundaryFaults)
  const paths = Array.isArray(draft['basemap']) ? draft['basemap'] : []
  const basemap = paths.map((file: unknown, index) =>
    loadFile(absolute, `basemap[${index}]`, file, collect, geojsonFaults),
  )
  const feed = loadFeed(absolute, draft['gtfs'], collect)
  const bounds =
    schemaFaults(VillageSchema.properties.bounds, draft['bounds'], '').length === 0 ? draft['bounds'] : null
  const devices = loadMember(
    absolute,
    draft,
    'devices',
    collect,
    (value) => devicesFaults(value, bounds as Village['bounds'] | null, feed.routes), // fits its schema, as just seen
  )
  if (faults.length > 0) return { ok: false, faults }
  // Without faults each value fits its schema, or the rules of GeoJSON.
  const village = raw.value as Village
  return {
    ok: true,
    village: {
      folder: absolute,
      village,
      devices: devices as readonly VillageDevice[],
      boundary: boundary as FeatureCollection,
      basemap: village.basemap.map((file, index) => ({ file, geojson: basemap[index] as FeatureCollection })),
      gtfsPath: feed.path,
      notes: [
        ...unknownMembers(VillageSchema, village, 'village.json: '),
        ...(devices as readonly VillageDevice[]).flatMap((device, index) =>
          unknownMembers(VillageDeviceSchema, device, `${village.devices}: [${index}].`),
        ),
      ],
    },
  }
}

type Draft = Readonly<Record<string, unknown>>
type Collect = (file: string, details: readonly string[]) => void

/** Rules across members of village.json; each looks only at what is well-formed. */
function villageFaults(draft: Draft): string[] {
  const faults: string[] = []
  const { timezone, bounds, center } = draft
  if (typeof timezone === 'string' && timezone !== '' && !isTimeZone(timezone)) {
    faults.push(`timezone is ${shown(timezone)}; a time zone is an IANA name such as Asia/Jakarta`)
  }
  if (schemaFaults(VillageSchema.properties.bounds, bounds, '').length > 0) return faults
  const [west, south, east, north] = bounds as Village['bounds'] // fits its schema, as just seen
  if (west >= east) faults.push(`bounds is ${shown(bounds)}; west (${west}) is less than east (${east})`)
  if (south >= north)
    faults.push(`bounds is ${shown(bounds)}; south (${south}) is less than north (${north})`)
  if (schemaFaults(VillageSchema.properties.center, center, '').length > 0) return faults
  const { lat, lon } = center as Village['center'] // as above
  if (west < east && south < north && !(lon >= west && lon <= east && lat >= south && lat <= north)) {
    faults.push(`center is ${shown(center)}; it lies inside bounds ${shown(bounds)}`)
  }
  return faults
}

function isTimeZone(name: string): boolean {
  try {
    return (
      new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' &&
      /^[A-Za-z]/.test(name)
    )
  } catch {
    return false // a RangeError: the zone is not known
  }
}

function boundaryFaults(value: unknown): string[] {
  const faults = geojsonFaults(value)
  if (faults.length > 0) return faults
  const types = geometryTypes(value as FeatureCollection) // no faults: it is one
  return types.has('Polygon') || types.has('MultiPolygon')
    ? []
    : ['features hold no Polygon; a boundary has one or more']
}

function devicesFaults(
  value: unknown,
  bounds: Village['bounds'] | null,
  routes: ReadonlySet<string> | null,
): string[] {
  if (!Array.isArray(value)) return [`the file is ${shown(value)}; devices are a list`]
  const formed = value.flatMap((device: unknown, index) =>
    schemaFaults(VillageDeviceSchema, device, '').map(
      (fault) => `[${index}]${/^ /.test(fault) ? '' : '.'}${fault}`,
    ),
  )
  return [...formed, ...deviceFaults(value, bounds, routes)]
}

function loadMember(
  folder: string,
  draft: Draft,
  member: string,
  collect: Collect,
  faultsOf: (value: unknown) => string[],
): unknown {
  return loadFile(folder, member, draft[member], collect, faultsOf)
}

/** The JSON in the file that `member` of village.json names; undefined after a fault, which has been collected. */
function loadFile(
  folder: string,
  member: string,
  file: unknown,
  collect: Collect,
  faultsOf: (value: unknown) => string[],
): unknown {
  if (typeof file !== 'string' || file === '') return undefined // the schema's fault
  const absolute = fileInside(folder, file)
  if (!absolute.ok) {
    collect('village.json', [`${member} is ${shown(file)}; ${absolute.detail}`])
    return undefined
  }
  const json = readJson(absolute.value)
  collect(file, json.ok ? faultsOf(json.value) : [json.detail])
  return json.ok ? json.value : undefined
}

interface FeedReference {
  readonly path: string | null
  /** Null when it cannot be told, so that a faulty feed does not make each vehicle a fault too. */
  readonly routes: ReadonlySet<string> | null
}

function loadFeed(folder: string, file: unknown, collect: Collect): FeedReference {
  if (file === null) return { path: null, routes: new Set() }
  const unknown: FeedReference = { path: null, routes: null }
  if (typeof file !== 'string' || file === '') return unknown
  const absolute = fileInside(folder, file)
  if (!absolute.ok) {
    collect('village.json', [`gtfs is ${shown(file)}; ${absolute.detail}`])
    return unknown
  }
  let bytes: Uint8Array
  try {
    bytes = readFileSync(absolute.value)
  } catch (error) {
    collect(file, [`the file cannot be read (${codeOf(error)})`])
    return unknown
  }
  const read = readFeed(bytes)
  if (!read.ok) {
    collect(file, read.faults)
    return unknown
  }
  collect(file, feedFaults(read.feed))
  const routes = new Set(rowsOf(read.feed, 'routes.txt').map(columnOf(read.feed, 'routes.txt', 'route_id')))
  return { path: absolute.value, routes }
}

function readInside(folder: string, file: string): FileResult<unknown> {
  const absolute = fileInside(folder, file)
  return absolute.ok ? readJson(absolute.value) : absolute
}

function unknownMembers(schema: TSchema & { properties: object }, value: object, place: string): string[] {
  const known = Object.keys(schema.properties)
  return Object.keys(value)
    .filter((member) => !known.includes(member))
    .map(
      (member) =>
        `${place}${member} is not a member that Pantau knows; did you mean ${nearest(member, known)}?`,
    )
}

function isFolder(absolute: string): boolean {
  return statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true
}

function isObject(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

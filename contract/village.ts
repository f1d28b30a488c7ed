// A village is a folder (design D13): `village.json` (contract section 6) and the files that it names. The schemas say
// what a well-formed file is; each rule stands in the schema's `description`, which is what a fault message quotes.

import Type from 'typebox'
import { DEVICE_ID, DEVICE_ID_RULE, KINDS } from './topics.ts'

export const LANGUAGES = ['id', 'en'] as const
export const AIR_STANDARDS = ['ispu', 'us-aqi', 'eaqi'] as const
/** Areas of the noise limits of Kep-48/MENLH/11/1996 (domain A11). */
export const NOISE_ZONES = [
  'housing',
  'trade',
  'office',
  'green',
  'industry',
  'government',
  'recreation',
  'quiet',
] as const

const oneOf = <const T extends string[]>(names: readonly [...T], rule: string) =>
  Type.Enum<T>(names, { description: rule })
const latitude = Type.Number({
  minimum: -90,
  maximum: 90,
  description: 'a latitude is a number from -90 to 90',
})
const longitude = Type.Number({
  minimum: -180,
  maximum: 180,
  description: 'a longitude is a number from -180 to 180',
})
const idRule = `an id is ${DEVICE_ID_RULE}`
const id = Type.String({ pattern: DEVICE_ID.source, description: idRule })
const name = Type.String({
  pattern: '^\\S(.{0,118}\\S)?$',
  description: 'a name is text of 1 to 120 letters',
})
const pathRule = 'a path names a file in the village folder'
const path = Type.String({ minLength: 1, description: pathRule })

export const VillageSchema = Type.Object(
  {
    id,
    name,
    timezone: Type.String({ minLength: 1, description: 'a time zone is an IANA name such as Asia/Jakarta' }),
    languages: Type.Array(oneOf(LANGUAGES, `a language is ${LANGUAGES.join(' or ')}`), {
      minItems: 1,
      uniqueItems: true,
      description: 'languages are one or more, each once; the first is the default',
    }),
    center: Type.Object({ lat: latitude, lon: longitude }, { description: 'a center is {"lat","lon"}' }),
    /** West, south, east, north. */
    bounds: Type.Tuple([longitude, latitude, longitude, latitude], {
      description: 'bounds are [west, south, east, north] in degrees',
    }),
    boundary: path,
    basemap: Type.Array(path, { uniqueItems: true, description: 'a base map is a list of paths, each once' }),
    /** Null for a village without public transport. */
    gtfs: Type.Union([path, Type.Null()], { description: `${pathRule}, or null without public transport` }),
    devices: path,
    standards: Type.Object(
      { air: oneOf(AIR_STANDARDS, `an air standard is ${AIR_STANDARDS.join(', ')}`) },
      { description: 'standards are {"air"}' },
    ),
    simulated: Type.Boolean({ description: 'simulated is true or false' }),
    /** Where vehicles stand overnight: the public is not shown them there (beyond the contract). */
    depots: Type.Optional(
      Type.Array(
        Type.Object(
          {
            lat: latitude,
            lon: longitude,
            radius_m: Type.Optional(
              Type.Number({
                exclusiveMinimum: 0,
                maximum: 2000,
                description: 'a radius of a depot is above 0 and at most 2000 m; 200 without it',
              }),
            ),
          },
          { description: 'a depot is {"lat","lon","radius_m"?}' },
        ),
        { description: 'depots are a list' },
      ),
    ),
    /** Sources that the map must name, always visible (beyond the contract). */
    attributions: Type.Optional(
      Type.Array(
        Type.Object(
          {
            text: Type.String({
              minLength: 1,
              maxLength: 200,
              description: 'an attribution is text of 1 to 200 letters',
            }),
            url: Type.Optional(
              Type.String({ pattern: '^https?://', description: 'a url begins with http:// or https://' }),
            ),
            /** What it is for: paths as in `boundary`, `basemap` and `gtfs`. */
            files: Type.Array(path, { description: 'files is a list of paths' }),
          },
          { description: 'an attribution is {"text","url"?,"files"}' },
        ),
        { description: 'attributions are a list' },
      ),
    ),
  },
  { description: 'a village is a JSON object' },
)
export type Village = Type.Static<typeof VillageSchema>

const centimetres = Type.Number({
  minimum: -100,
  maximum: 2000,
  description: 'a threshold is -100 to 2000 cm',
})

export const VillageDeviceSchema = Type.Object(
  {
    id,
    kind: oneOf(KINDS, `a kind is ${KINDS.join(', ')}`),
    name,
    /** Of a vehicle: where it begins. */
    lat: latitude,
    lon: longitude,
    /** Metres above ground. */
    height_m: Type.Optional(
      Type.Number({ minimum: -50, maximum: 1000, description: 'a height is -50 to 1000 m above ground' }),
    ),
    expect: Type.Object(
      {
        every_s: Type.Number({
          exclusiveMinimum: 0,
          maximum: 86_400,
          description: 'every_s is above 0 and at most 86400 seconds',
        }),
      },
      { description: 'expect is {"every_s"}' },
    ),
    /** The device upstream whose fall takes this one down. */
    parent: Type.Optional(Type.String({ pattern: DEVICE_ID.source, description: idRule })),
    /** Reach of a hotspot. */
    radius_m: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 5000,
        description: 'a radius is above 0 and at most 5000 m',
      }),
    ),
    /** `route_id` of the village's GTFS, of a vehicle. */
    route: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: 'a route is a route_id of the feed' }),
    ),
    /** What a sensor measures, names of contract section 3 (beyond the contract; the simulators follow it). */
    measures: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^[a-z][a-z0-9_]{0,40}$',
          description: 'a metric is 1 to 41 of a-z, 0-9 and _',
        }),
        {
          minItems: 1,
          uniqueItems: true,
          description: 'measures are one or more metrics, each once',
        },
      ),
    ),
    /** Thresholds of a water-level post on its own gauge (domain A12; beyond the contract). */
    siaga_cm: Type.Optional(
      Type.Object(
        { siaga3: centimetres, siaga2: centimetres, siaga1: centimetres },
        { description: 'siaga_cm is {"siaga3","siaga2","siaga1"} in cm' },
      ),
    ),
    /** Area whose noise limit holds (domain A11; beyond the contract). */
    noise_zone: Type.Optional(oneOf(NOISE_ZONES, `a noise zone is ${NOISE_ZONES.join(', ')}`)),
  },
  { description: 'a device is a JSON object' },
)
export type VillageDevice = Type.Static<typeof VillageDeviceSchema>

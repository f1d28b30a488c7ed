import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadVillage } from './village.ts'
import { readZip, writeZip } from './zip.ts'

const FEED = {
  'agency.txt': 'agency_id,agency_name,agency_timezone\na,Angkot,Asia/Jakarta\n',
  'stops.txt': 'stop_id,stop_name,stop_lat,stop_lon\ns1,Satu,-6.1,106.8\ns2,Dua,-6.11,106.81\n',
  'routes.txt': 'route_id,route_type\nR1,3\n',
  'trips.txt': 'route_id,service_id,trip_id,shape_id\nR1,W,T1,S\n',
  'stop_times.txt':
    'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,05:00:00,05:00:10,s1,0\nT1,05:10:00,05:10:10,s2,1\n',
  'calendar.txt':
    'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nW,1,1,1,1,1,1,1,20240101,20271231\n',
  'shapes.txt': 'shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nS,-6.1,106.8,0\nS,-6.11,106.81,1\n',
  'frequencies.txt': 'trip_id,start_time,end_time,headway_secs\nT1,05:00:00,22:00:00,600\n',
}
const SQUARE = [
  [106.79, -6.12],
  [106.82, -6.12],
  [106.82, -6.09],
  [106.79, -6.09],
  [106.79, -6.12],
]
const collection = (...geometries: unknown[]) => ({
  type: 'FeatureCollection',
  features: geometries.map((geometry) => ({ type: 'Feature', properties: {}, geometry })),
})
const goodVillage = () => ({
  id: 'desa',
  name: 'Desa',
  timezone: 'Asia/Jakarta',
  languages: ['id', 'en'],
  center: { lat: -6.1, lon: 106.8 },
  bounds: [106.78, -6.13, 106.83, -6.08],
  boundary: 'boundary.geojson',
  basemap: ['streets.geojson'],
  gtfs: 'gtfs.zip',
  devices: 'devices.json',
  standards: { air: 'ispu' },
  simulated: true,
})
const hotspot = (id: string, more: object = {}) => ({
  id,
  kind: 'hotspot',
  name: `Titik ${id}`,
  lat: -6.1,
  lon: 106.8,
  expect: { every_s: 60 },
  ...more,
})

interface Folder {
  village: Record<string, unknown>
  devices: unknown
  boundary: unknown
  streets: unknown
  feed: Record<string, string>
}

const goodFolder = (): Folder => ({
  village: goodVillage(),
  devices: [
    hotspot('hs-1'),
    hotspot('hs-2', { parent: 'hs-1', radius_m: 40, height_m: 4 }),
    {
      ...hotspot('env-1', { measures: ['water_level_cm'], siaga_cm: { siaga3: 1, siaga2: 2, siaga1: 3 } }),
      kind: 'sensor',
    },
    { ...hotspot('bus-1', { route: 'R1' }), kind: 'vehicle', expect: { every_s: 10 } },
  ],
  boundary: collection({ type: 'Polygon', coordinates: [SQUARE] }),
  streets: collection({
    type: 'LineString',
    coordinates: [
      [106.8, -6.1],
      [106.81, -6.11],
    ],
  }),
  feed: { ...FEED },
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'village-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(content: Folder): void {
  const encoder = new TextEncoder()
  const zip = writeZip(
    new Map(Object.entries(content.feed).map(([name, text]) => [name, encoder.encode(text)])),
  )
  writeFileSync(path.join(folder, 'village.json'), JSON.stringify(content.village))
  writeFileSync(path.join(folder, 'devices.json'), JSON.stringify(content.devices))
  writeFileSync(path.join(folder, 'boundary.geojson'), JSON.stringify(content.boundary))
  writeFileSync(path.join(folder, 'streets.geojson'), JSON.stringify(content.streets))
  writeFileSync(path.join(folder, 'gtfs.zip'), zip)
}

/** Faults after `change`; the rules are those of contract section 6 and of the schemas' descriptions. */
function faultsAfter(change: (content: Folder) => void): readonly string[] {
  const content = goodFolder()
  change(content)
  write(content)
  const result = loadVillage(folder)
  return result.ok ? [] : result.faults
}

const setVillage = (more: object) => (content: Folder) => {
  content.village = { ...content.village, ...more }
}
const setDevices =
  (...devices: unknown[]) =>
  (content: Folder) => {
    content.devices = devices
  }
const setFeed = (more: Record<string, string | null>) => (content: Folder) => {
  for (const [name, text] of Object.entries(more)) {
    if (text === null) delete content.feed[name]
    else content.feed[name] = text
  }
}

const LAT_RULE = 'a latitude is a number from -90 to 90'
const LON_RULE = 'a longitude is a number from -180 to 180'
const ID_RULE = 'an id is 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit'

const BAD: [what: string, change: (content: Folder) => void, faults: string[]][] = [
  ['an id in capitals', setVillage({ id: 'Cideng' }), [`village.json: id is "Cideng"; ${ID_RULE}`]],
  [
    'a member that is absent',
    setVillage({ name: undefined }),
    ['village.json: name is absent; a name is text of 1 to 120 letters'],
  ],
  [
    'a village that is a list',
    (content) => {
      content.village = [] as never
    },
    ['village.json: village.json is []; a village is a JSON object'],
  ],
  [
    'an unknown time zone',
    setVillage({ timezone: 'Asia/Cideng' }),
    ['village.json: timezone is "Asia/Cideng"; a time zone is an IANA name such as Asia/Jakarta'],
  ],
  [
    'an offset as time zone',
    setVillage({ timezone: '+07:00' }),
    ['village.json: timezone is "+07:00"; a time zone is an IANA name such as Asia/Jakarta'],
  ],
  [
    'an unknown language',
    setVillage({ languages: ['id', 'jv'] }),
    ['village.json: languages[1] is "jv"; a language is id or en'],
  ],
  [
    'no language',
    setVillage({ languages: [] }),
    ['village.json: languages is []; languages are one or more, each once; the first is the default'],
  ],
  [
    'a language twice',
    setVillage({ languages: ['id', 'id'] }),
    [
      'village.json: languages is ["id","id"]; languages are one or more, each once; the first is the default',
    ],
  ],
  [
    'a center of text',
    setVillage({ center: { lat: '-6.1', lon: 106.8 } }),
    [`village.json: center.lat is "-6.1"; ${LAT_RULE}`],
  ],
  [
    'a center outside the bounds',
    setVillage({ center: { lat: -6.3, lon: 106.8 } }),
    ['village.json: center is {"lat":-6.3,"lon":106.8}; it lies inside bounds [106.78,-6.13,106.83,-6.08]'],
  ],
  [
    'bounds from east to west',
    setVillage({ bounds: [106.83, -6.13, 106.78, -6.08] }),
    ['village.json: bounds is [106.83,-6.13,106.78,-6.08]; west (106.83) is less than east (106.78)'],
  ],
  [
    'bounds from north to south',
    setVillage({ bounds: [106.78, -6.08, 106.83, -6.13] }),
    ['village.json: bounds is [106.78,-6.08,106.83,-6.13]; south (-6.08) is less than north (-6.13)'],
  ],
  [
    'bounds of three numbers',
    setVillage({ bounds: [1, 2, 3] }),
    ['village.json: bounds is [1,2,3]; bounds are [west, south, east, north] in degrees'],
  ],
  [
    'an unknown air standard',
    setVillage({ standards: { air: 'aqi' } }),
    ['village.json: standards.air is "aqi"; an air standard is ispu, us-aqi, eaqi'],
  ],
  [
    'simulated as text',
    setVillage({ simulated: 'yes' }),
    ['village.json: simulated is "yes"; simulated is true or false'],
  ],
  [
    'a file that is not there',
    setVillage({ boundary: 'border.geojson' }),
    ['village.json: boundary is "border.geojson"; there is no such file'],
  ],
  [
    'a path that leads upwards',
    setVillage({ basemap: ['../streets.geojson'] }),
    ['village.json: basemap[0] is "../streets.geojson"; a path has no "..", "." or empty step'],
  ],
  [
    'an absolute path',
    setVillage({ devices: '/etc/passwd' }),
    ['village.json: devices is "/etc/passwd"; a path begins in the village folder'],
  ],
  [
    'a path with back slashes',
    setVillage({ gtfs: 'a\\b.zip' }),
    ['village.json: gtfs is "a\\\\b.zip"; a path has forward slashes only'],
  ],
  [
    'a folder as file',
    (content) => {
      mkdirSync(path.join(folder, 'sub'))
      content.village['basemap'] = ['sub']
    },
    ['village.json: basemap[0] is "sub"; it is no file'],
  ],
  [
    'a link that leads out',
    (content) => {
      symlinkSync(fileURLToPath(import.meta.url), path.join(folder, 'out.geojson'))
      content.village['basemap'] = ['out.geojson']
    },
    ['village.json: basemap[0] is "out.geojson"; it is a link that leads out of the village folder'],
  ],
  [
    'a boundary without an area',
    (content) => {
      content.boundary = collection({ type: 'Point', coordinates: [106.8, -6.1] })
    },
    ['boundary.geojson: features hold no Polygon; a boundary has one or more'],
  ],
  [
    'a boundary with its degrees swapped',
    (content) => {
      content.boundary = collection({
        type: 'Polygon',
        coordinates: [SQUARE.map(([lon, lat]) => [lat, lon])],
      })
    },
    [
      'boundary.geojson: features[0].geometry.coordinates[0][0] is [-6.12,106.79]; a position is [longitude, latitude] in degrees (the two look swapped)',
    ],
  ],
  [
    'a ring that does not close',
    (content) => {
      content.boundary = collection({ type: 'Polygon', coordinates: [SQUARE.slice(0, 4)] })
    },
    [
      'boundary.geojson: features[0].geometry.coordinates holds a ring from [106.79,-6.12] to [106.79,-6.09] of 4 positions; a ring has four or more and ends where it begins',
    ],
  ],
  [
    'a bare geometry',
    (content) => {
      content.streets = { type: 'LineString', coordinates: [] }
    },
    ['streets.geojson: type is "LineString"; a village\'s GeoJSON file is a FeatureCollection'],
  ],
  [
    'an unknown geometry',
    (content) => {
      content.streets = collection({ type: 'Circle', coordinates: [] })
    },
    [
      'streets.geojson: features[0].geometry.type is "Circle"; a geometry is Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon',
    ],
  ],
  [
    'a line of one position',
    (content) => {
      content.streets = collection({ type: 'LineString', coordinates: [[106.8, -6.1]] })
    },
    [
      'streets.geojson: features[0].geometry.coordinates holds a line of one position; a line has two or more',
    ],
  ],
  [
    'devices that are no list',
    (content) => {
      content.devices = { a: 1 }
    },
    ['devices.json: the file is {"a":1}; devices are a list'],
  ],
  ['a device that is text', setDevices('hs-1'), ['devices.json: [0] is "hs-1"; a device is a JSON object']],
  [
    'an id twice',
    setDevices(hotspot('hs-1'), hotspot('hs-1')),
    ['devices.json: [1].id is "hs-1", as is [0].id; an id is unique in the village'],
  ],
  [
    'an unknown kind',
    setDevices({ ...hotspot('x'), kind: 'camera' }),
    ['devices.json: [0].kind is "camera"; a kind is hotspot, sensor, vehicle'],
  ],
  [
    'an unknown parent',
    setDevices(hotspot('hs-1', { parent: 'hs-9' })),
    ['devices.json: [0].parent is "hs-9"; a parent is the id of a device of the village'],
  ],
  [
    'a device as its own parent',
    setDevices(hotspot('hs-1', { parent: 'hs-1' })),
    ['devices.json: [0].parent is "hs-1"; parents go round: hs-1 -> hs-1'],
  ],
  [
    'parents that go round',
    setDevices(
      hotspot('a', { parent: 'b' }),
      hotspot('b', { parent: 'c' }),
      hotspot('c', { parent: 'a' }),
      hotspot('d', { parent: 'a' }),
    ),
    [
      'devices.json: [0].parent is "b"; parents go round: a -> b -> c -> a',
      'devices.json: [1].parent is "c"; parents go round: b -> c -> a -> b',
      'devices.json: [2].parent is "a"; parents go round: c -> a -> b -> c',
    ],
  ],
  [
    'a latitude and a longitude swapped',
    setDevices(hotspot('a', { lat: 106.8, lon: -6.1 })),
    [
      `devices.json: [0].lat is 106.8; ${LAT_RULE}`,
      'devices.json: [0] is at lat 106.8, lon -6.1; the two look swapped',
    ],
  ],
  [
    'a longitude out of range',
    setDevices(hotspot('a', { lon: 206.8 })),
    [`devices.json: [0].lon is 206.8; ${LON_RULE}`],
  ],
  [
    'no expectation',
    setDevices(hotspot('a', { expect: {} })),
    ['devices.json: [0].expect.every_s is absent; every_s is above 0 and at most 86400 seconds'],
  ],
  [
    'a route that the feed has not',
    setDevices({ ...hotspot('b', { route: 'R9' }), kind: 'vehicle' }),
    ['devices.json: [0].route is "R9"; the feed has no such route_id in routes.txt'],
  ],
  [
    'a route on a hotspot',
    setDevices(hotspot('b', { route: 'R1' })),
    ['devices.json: [0].route stands on a hotspot; only a vehicle has it'],
  ],
  [
    'thresholds that fall',
    setDevices({ ...hotspot('w', { siaga_cm: { siaga3: 3, siaga2: 2, siaga1: 1 } }), kind: 'sensor' }),
    ['devices.json: [0].siaga_cm is 3, 2, 1; siaga3 is below siaga2, and siaga2 below siaga1'],
  ],
  [
    'a feed without stops',
    setFeed({ 'stops.txt': null }),
    ['gtfs.zip: stops.txt is absent; a GTFS feed has it'],
  ],
  [
    'a feed zipped with its folder',
    (content) => {
      content.feed = Object.fromEntries(
        Object.entries(FEED).map(([name, text]) => [
          name === 'calendar.txt' ? name : name === 'routes.txt' ? `feed/${name}` : name,
          text,
        ]),
      )
    },
    [
      'gtfs.zip: routes.txt is absent at the top of the archive; feed/routes.txt lies in a folder, zip the files without it',
    ],
  ],
  [
    'a feed without a calendar',
    setFeed({ 'calendar.txt': null }),
    ['gtfs.zip: calendar.txt and calendar_dates.txt are absent; a GTFS feed has one of them'],
  ],
  [
    'a column that is missing',
    setFeed({ 'frequencies.txt': 'trip_id,start_time,end_time\nT1,05:00:00,22:00:00\n' }),
    ['gtfs.zip: frequencies.txt has no column headway_secs; the reader needs it'],
  ],
  [
    'a torn row',
    setFeed({ 'routes.txt': 'route_id,route_type\nR1\n' }),
    ['gtfs.zip: routes.txt line 2 has 1 fields; the header has 2'],
  ],
  [
    'a trip without its route',
    setFeed({ 'trips.txt': 'route_id,service_id,trip_id,shape_id\nR2,W,T1,S\n' }),
    ['gtfs.zip: trips.txt refers to route_id R2; routes.txt does not have it'],
  ],
  [
    'a stop that is nowhere',
    setFeed({
      'stops.txt': 'stop_id,stop_name,stop_lat,stop_lon\ns1,Satu,106.8,-6.1\ns2,Dua,-6.11,106.81\n',
    }),
    ['gtfs.zip: stops.txt has s1 at stop_lat 106.8, stop_lon -6.1; these are degrees of WGS 84'],
  ],
  [
    'a headway of nothing',
    setFeed({ 'frequencies.txt': 'trip_id,start_time,end_time,headway_secs\nT1,05:00:00,22:00:00,0\n' }),
    ['gtfs.zip: frequencies.txt has headway_secs "0"; a headway is whole seconds above 0'],
  ],
  [
    'a time that is none',
    setFeed({
      'stop_times.txt':
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,5 o'clock,05:00:10,s1,0\nT1,05:10:00,05:10:10,s2,1\n",
    }),
    ['gtfs.zip: stop_times.txt has arrival_time "5 o\'clock" of trip T1; a time is H:MM:SS'],
  ],
  [
    'a route twice',
    setFeed({ 'routes.txt': 'route_id,route_type\nR1,3\nR1,3\n' }),
    ['gtfs.zip: routes.txt has route_id R1 twice; an id occurs once'],
  ],
]

describe('a village folder', () => {
  it('that is good is loaded whole', () => {
    write(goodFolder())
    const result = loadVillage(folder)
    expect(result.ok ? [] : result.faults).toEqual([])
    if (!result.ok) return
    expect(result.village.folder).toBe(folder)
    expect(result.village.devices.map((device) => device.id)).toEqual(['hs-1', 'hs-2', 'env-1', 'bus-1'])
    expect(result.village.basemap.map(({ file }) => file)).toEqual(['streets.geojson'])
    expect(result.village.gtfsPath).toBe(path.join(folder, 'gtfs.zip'))
    expect(result.village.notes).toEqual([])
  })

  for (const [what, change, faults] of BAD) {
    it(`with ${what} is refused`, () => expect(faultsAfter(change)).toEqual(faults))
  }

  it('that is not there is refused', () => {
    expect(loadVillage(path.join(folder, 'none'))).toEqual({
      ok: false,
      faults: [`${path.join(folder, 'none')}: there is no such folder`],
    })
  })

  it('without village.json is refused', () => {
    expect(loadVillage(folder)).toEqual({ ok: false, faults: ['village.json: there is no such file'] })
  })

  const broken: [string, string | Buffer, RegExp][] = [
    ['village.json', '{"id":', /^village\.json: the file is not JSON: /],
    ['devices.json', '[}', /^devices\.json: the file is not JSON: /],
    ['boundary.geojson', Buffer.from([0x7b, 0xff, 0x7d]), /^boundary\.geojson: the file is not UTF-8$/],
    ['gtfs.zip', 'no archive', /^gtfs\.zip: the file is no zip archive/],
  ]
  for (const [file, content, fault] of broken) {
    it(`with ${file} broken is refused`, () => {
      write(goodFolder())
      writeFileSync(path.join(folder, file), content)
      const result = loadVillage(folder)
      expect(result.ok ? [] : result.faults).toEqual([expect.stringMatching(fault)])
    })
  }

  it('with many faults is refused with every one of them', () => {
    const faults = faultsAfter((content) => {
      setVillage({
        id: 'X',
        timezone: 'Mars/Base',
        languages: ['xx'],
        bounds: [3, 2, 1, 0],
        boundary: '../b',
      })(content)
      content.streets = 7
      content.devices = Array.from({ length: 50 }, () => ({ ...hotspot('same'), kind: 'tree', lat: 'north' }))
      setFeed({ 'routes.txt': null, 'trips.txt': null })(content)
    })
    // 6 of village.json (both sides of bounds), 1 of the street file, 50 x kind, 50 x lat, 49 repeated ids, 2 of the feed.
    expect(faults).toHaveLength(6 + 1 + 50 + 50 + 49 + 2)
  })

  it('with a member that Pantau does not know is loaded with a note', () => {
    const content = goodFolder()
    content.village['attribution'] = 'x'
    content.devices = [hotspot('a', { parrent: 'b' })]
    write(content)
    const result = loadVillage(folder)
    expect(result.ok && result.village.notes).toEqual([
      'village.json: attribution is not a member that Pantau knows; did you mean attributions?',
      'devices.json: [0].parrent is not a member that Pantau knows; did you mean parent?',
    ])
  })

  it('without public transport is loaded without a feed', () => {
    const content = goodFolder()
    content.village['gtfs'] = null
    content.devices = [hotspot('a')]
    write(content)
    const result = loadVillage(folder)
    expect(result.ok && result.village.gtfsPath).toBe(null)
  })

  it('may be reached over a link to the folder itself', () => {
    write(goodFolder())
    const link = `${folder}-link`
    symlinkSync(folder, link)
    expect(loadVillage(link).ok).toBe(true)
    rmSync(link)
  })

  it('copied elsewhere loads the same', () => {
    const copy = path.join(folder, 'copy')
    cpSync(fileURLToPath(new URL('../villages/cideng', import.meta.url)), copy, { recursive: true })
    expect(loadVillage(copy).ok).toBe(true)
  })
})

describe('the village Cideng', () => {
  const loaded = loadVillage(fileURLToPath(new URL('../villages/cideng', import.meta.url)))

  it('holds together, without a fault or a note', () => {
    expect(loaded.ok ? [] : loaded.faults).toEqual([])
    expect(loaded.ok && loaded.village.notes).toEqual([])
  })

  it('has the devices that it promises', () => {
    const devices = loaded.ok ? loaded.village.devices : []
    const count = (kind: string) => devices.filter((device) => device.kind === kind).length
    expect(count('hotspot')).toBeGreaterThanOrEqual(24)
    expect(count('sensor')).toBeGreaterThanOrEqual(12)
    expect(count('vehicle')).toBe(40)
    const gateways = new Set(devices.flatMap((device) => device.parent ?? []))
    expect(gateways.size).toBeGreaterThanOrEqual(3)
  })

  it('carries the codes of both registers, each with its name in front', () => {
    const [feature] = loaded.ok ? loaded.village.boundary.features : []
    expect(feature?.properties).toMatchObject({
      code_bps: 'bps:3173080001',
      code_kemendagri: 'kemendagri:31.71.01.1002',
    })
  })

  it('names a source for each file that is not its own', () => {
    if (!loaded.ok) throw new Error('not loaded')
    const { village } = loaded.village
    const named = new Set((village.attributions ?? []).flatMap(({ files }) => files))
    const own = ['landmarks.geojson']
    const files = [village.boundary, ...village.basemap, village.gtfs].filter((file) => file !== null)
    expect(files.filter((file) => !own.includes(file) && !named.has(file))).toEqual([])
  })

  it('keeps what is not for commercial use in its own folder, with its licence', () => {
    const licence = readFileSync(new URL('../villages/cideng/noncommercial/LICENSE', import.meta.url), 'utf8')
    for (const file of ['gtfs.zip', 'streets.geojson', 'waterways.geojson']) expect(licence).toContain(file)
    const feed = readZip(readFileSync(new URL('../villages/cideng/noncommercial/gtfs.zip', import.meta.url)))
    expect(feed.ok).toBe(true)
  })
})

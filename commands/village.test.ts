import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FeatureCollection } from 'geojson'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { VillageDevice } from '../contract/village.ts'
import { feedFaults } from '../runtime/gtfs-faults.ts'
import { columnOf, type Feed, readFeed, rowsOf, writeFeed } from '../runtime/gtfs-feed.ts'
import { loadVillage } from '../runtime/village.ts'
import { main } from './village.ts'
import { cutFeed } from './village-cut.ts'
import { lineDistanceM, partsInBox, planeAt, simplifyLine, type Xy } from './village-geometry.ts'
import { mergeRuns } from './village-merge.ts'

const CIDENG = fileURLToPath(new URL('../villages/cideng', import.meta.url))
/** The whole feed, not in the repository: tests that need it say so and skip. */
const WHOLE_FEED = '/work/shared/data/transjakarta-gtfs-2024/gtfs-tj.zip'
const AREA = { lat: -6.17, lon: 106.807, radiusM: 2_500 }

let folder = ''
let said = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'village-'))
  said = ''
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text)
      return true
    })
  }
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

function feedIn(file: string): Feed {
  const read = readFeed(readFileSync(file))
  if (!read.ok) throw new Error(read.faults.join('\n'))
  return read.feed
}

const ids = (feed: Feed, file: string, column: string): string[] =>
  rowsOf(feed, file)
    .map(columnOf(feed, file, column))
    .sort()

/** A feed of two lines: `IN` stops at the origin, `OUT` stays 11 km away. */
function smallFeed(): Feed {
  const table = (text: string) => {
    const [header = '', ...rows] = text.trim().split('\n')
    return { header: header.split(','), rows: rows.map((row) => row.split(',')) }
  }
  return new Map(
    Object.entries({
      'agency.txt':
        'agency_id,agency_name,agency_timezone\na,Desa Trans,Asia/Jakarta\nb,Kota Trans,Asia/Jakarta',
      'stops.txt':
        'stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\np1,A,-6.17,106.807,0,st\nst,Station,-6.17,106.807,1,\ne1,Entrance,-6.1701,106.807,2,st\nfar,B,-6.27,106.807,0,\nout1,C,-6.28,106.807,0,\nout2,D,-6.29,106.807,0,',
      'routes.txt':
        'route_id,agency_id,route_short_name,route_desc,route_type\nIN,a,IN,BRT,3\nOUT,b,OUT,BRT,3',
      'trips.txt': 'route_id,service_id,trip_id,shape_id\nIN,W,t-in,s-in\nOUT,W2,t-out,s-out',
      'stop_times.txt':
        'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt-in,05:00:00,05:00:00,p1,1\nt-in,06:00:00,06:00:00,far,2\nt-out,05:00:00,05:00:00,out1,1\nt-out,06:00:00,06:00:00,out2,2',
      'calendar.txt':
        'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nW,1,1,1,1,1,1,1,20240101,20271231\nW2,1,1,1,1,1,1,1,20240101,20271231',
      'shapes.txt':
        'shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\ns-in,-6.17,106.807,0\ns-in,-6.27,106.807,1\ns-out,-6.28,106.807,0\ns-out,-6.29,106.807,1',
    }).map(([name, text]) => [name, table(text)] as const),
  )
}

describe('cutting a feed', () => {
  it('keeps each trip that stops within the radius, whole, and nothing of the others', () => {
    const cut = cutFeed(smallFeed(), AREA)
    expect(ids(cut, 'routes.txt', 'route_id')).toEqual(['IN'])
    expect(ids(cut, 'trips.txt', 'trip_id')).toEqual(['t-in'])
    expect(ids(cut, 'stop_times.txt', 'stop_id')).toEqual(['far', 'p1'])
    expect(ids(cut, 'shapes.txt', 'shape_id')).toEqual(['s-in', 's-in'])
    expect(ids(cut, 'calendar.txt', 'service_id')).toEqual(['W'])
    expect(ids(cut, 'agency.txt', 'agency_id')).toEqual(['a'])
  })

  it('keeps the station and the entrances of a stop', () => {
    expect(ids(cutFeed(smallFeed(), AREA), 'stops.txt', 'stop_id')).toEqual(['e1', 'far', 'p1', 'st'])
  })

  it('leaves a feed that holds together, and cutting it again changes nothing', () => {
    const cut = cutFeed(smallFeed(), AREA)
    expect(feedFaults(cut)).toEqual([])
    expect(Buffer.from(writeFeed(cutFeed(cut, AREA))).equals(Buffer.from(writeFeed(cut)))).toBe(true)
  })

  it.skipIf(!existsSync(WHOLE_FEED))(
    'of TransJakarta gives the 58 routes counted by hand, and the bytes shipped',
    () => {
      // 58 routes within 2.5 km: counted with another program when the data were collected.
      const cut = cutFeed(feedIn(WHOLE_FEED), AREA)
      expect(rowsOf(cut, 'routes.txt')).toHaveLength(58)
      expect(
        Buffer.from(writeFeed(cut)).equals(readFileSync(path.join(CIDENG, 'noncommercial/gtfs.zip'))),
      ).toBe(true)
    },
  )
})

describe('the geometry of a base map', () => {
  it('a simplified line stays within its tolerance of every point and keeps its ends', () => {
    const line = Array.from({ length: 200 }, (_, index): Xy => [index * 5, 40 * Math.sin(index / 9)])
    const kept = simplifyLine(line, 1)
    expect(kept.length).toBeLessThan(100)
    expect([kept[0], kept.at(-1)]).toEqual([line[0], line.at(-1)])
    expect(Math.max(...line.map((point) => lineDistanceM(point, kept)))).toBeLessThanOrEqual(1)
  })

  it('the plane is that of the domain: 694.81 m between the two places of its example C5', () => {
    const [x, y] = planeAt(-6.1702, 106.8071).toXy([106.811, -6.1751])
    expect(Math.hypot(x, y)).toBeCloseTo(694.81, 1)
  })

  it('a line that leaves a box and comes back is two parts, each to the first point outside', () => {
    const line = [
      [0, 0],
      [5, 0],
      [12, 0],
      [20, 0],
      [12, 1],
      [5, 1],
    ] as const
    expect(partsInBox(line, [-1, -1, 10, 10])).toEqual([
      [
        [0, 0],
        [5, 0],
        [12, 0],
      ],
      [
        [12, 1],
        [5, 1],
      ],
    ])
  })

  it('two lines 8 m apart become one between them, two 60 m apart stay two', () => {
    const along = (y: number): Xy[] => Array.from({ length: 51 }, (_, index) => [index * 10, y])
    const run = (y: number, route: string) => ({ routes: [route], isTrunk: false, line: along(y) })
    const bundle = mergeRuns([run(0, 'a'), run(8, 'b')], new Set())
    expect(bundle).toHaveLength(1)
    expect([...(bundle[0]?.routes ?? [])].sort()).toEqual(['a', 'b'])
    for (const [, y] of bundle[0]?.line ?? []) expect(Math.abs(y - 4)).toBeLessThanOrEqual(4)
    expect(mergeRuns([run(0, 'a'), run(60, 'b')], new Set())).toHaveLength(2)
  })

  it('a street that leaves another is joined to it at the junction', () => {
    const main: Xy[] = [
      [0, 0],
      [500, 0],
    ]
    const side: Xy[] = [
      [0, 0],
      [250, 0],
      [250, 300],
    ]
    const streets = mergeRuns(
      [
        { routes: ['a'], isTrunk: true, line: main },
        { routes: ['b'], isTrunk: false, line: side },
      ],
      new Set(['a']),
    )
    expect(streets).toHaveLength(3)
    const ends = streets.flatMap(({ line }) => [line[0], line.at(-1)]).map((end) => JSON.stringify(end))
    // The junction ends all three, each outer end one.
    expect([...new Set(ends)].map((end) => ends.filter((other) => other === end).length).sort()).toEqual([
      1, 1, 1, 3,
    ])
  })
})

describe('the base map of Cideng', () => {
  const area = (file: string): FeatureCollection => JSON.parse(readFileSync(path.join(CIDENG, file), 'utf8'))

  it('has no gap between the boundary and its neighbours: every corner of it is one of theirs or of no other area', () => {
    const corners = new Set(
      area('kelurahan.geojson').features.flatMap(
        (feature) => JSON.stringify(feature.geometry).match(/\[[\d.,-]+\]/g) ?? [],
      ),
    )
    const own = JSON.stringify(area('boundary.geojson').features[0]?.geometry).match(/\[[\d.,-]+\]/g) ?? []
    const shared = own.filter((corner) => corners.has(corner))
    expect(own.length).toBeGreaterThan(20)
    expect(shared.length / own.length).toBeGreaterThan(0.95)
  })

  it('weighs at most 300 KB compressed, with five decimals at most', async () => {
    const { gzipSync } = await import('node:zlib')
    const files = [
      'boundary.geojson',
      'kelurahan.geojson',
      'landmarks.geojson',
      'noncommercial/streets.geojson',
      'noncommercial/waterways.geojson',
    ]
    const text = files.map((file) => readFileSync(path.join(CIDENG, file), 'utf8')).join('')
    expect(gzipSync(text).length).toBeLessThan(300_000)
    expect(text).not.toMatch(/\d\.\d{6}/)
  })
})

describe('npm run village', () => {
  const copy = (): string => {
    const target = path.join(folder, 'cideng')
    cpSync(CIDENG, target, { recursive: true })
    return target
  }

  it('check says that Cideng is good', async () => {
    expect(await main(['check', CIDENG])).toBe(0)
    expect(said).toMatch(/^ok: Cideng, \d+ devices, \d+ features of the base map\n$/)
  })

  it('check prints each fault and how many there are', async () => {
    const target = copy()
    writeFileSync(path.join(target, 'devices.json'), '[{"id":"X"}]')
    expect(await main(['check', target])).toBe(1)
    expect(said).toContain('devices.json: [0].kind is absent; a kind is hotspot, sensor, vehicle\n')
    expect(said).toMatch(/has 6 faults; mend them and check again\n$/) // id, kind, name, lat, lon, expect
  })

  it("set-gtfs puts the user's own feed in place, and streets, vehicles and attribution follow", async () => {
    const target = copy()
    const file = path.join(folder, 'own.zip')
    writeFileSync(file, writeFeed(smallFeed()))
    expect(await main(['set-gtfs', file, '--village', target, '--vehicles', '5'])).toBe(0)
    const loaded = loadVillage(target)
    if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
    const { village, devices, gtfsPath } = loaded.village
    expect(ids(feedIn(gtfsPath ?? ''), 'routes.txt', 'route_id')).toEqual(['IN'])
    expect(devices.filter(({ kind }) => kind === 'vehicle').map(({ id, route }) => [id, route])).toEqual(
      [1, 2, 3, 4, 5].map((number) => [`bus-in-0${number}`, 'IN']),
    )
    expect(devices.filter(({ kind }) => kind === 'hotspot').length).toBeGreaterThanOrEqual(24)
    const credit = village.attributions?.find(({ files }) => files.includes('noncommercial/gtfs.zip'))
    expect(credit).toEqual({
      text: '© Desa Trans',
      files: ['noncommercial/gtfs.zip', 'noncommercial/streets.geojson'],
    })
    expect(JSON.stringify(village.attributions)).not.toContain('TransJakarta')
  })

  it('set-gtfs with the feed of the village itself changes no file', async () => {
    const target = copy()
    const credit = 'Rute, halte, dan jalan © TransJakarta, CC BY-NC 4.0'
    const file = path.join(target, 'noncommercial/gtfs.zip')
    expect(
      await main(['set-gtfs', file, '--village', target, '--vehicles', '40', '--attribution', credit]),
    ).toBe(0)
    for (const name of [
      'village.json',
      'devices.json',
      'noncommercial/gtfs.zip',
      'noncommercial/streets.geojson',
    ]) {
      expect(readFileSync(path.join(target, name)).equals(readFileSync(path.join(CIDENG, name))), name).toBe(
        true,
      )
    }
  })

  it('set-gtfs refuses a feed that is elsewhere, and leaves the folder as it was', async () => {
    const target = copy()
    const file = path.join(folder, 'own.zip')
    writeFileSync(file, writeFeed(smallFeed()))
    await expect(
      main(['set-gtfs', file, '--village', target, '--center', '1.3,103.8']),
    ).rejects.toMatchObject({
      code: 'input_refused',
      message: `${file} has no trip with a stop within 2500 m of 1.3,103.8; give --center or a larger --radius`,
    })
    expect(
      readFileSync(path.join(target, 'noncommercial/gtfs.zip')).equals(
        readFileSync(path.join(CIDENG, 'noncommercial/gtfs.zip')),
      ),
    ).toBe(true)
  })

  it('set-gtfs makes up no vehicles of a real village', async () => {
    const target = copy()
    const village = JSON.parse(readFileSync(path.join(target, 'village.json'), 'utf8'))
    const devices: VillageDevice[] = JSON.parse(readFileSync(path.join(target, 'devices.json'), 'utf8'))
    writeFileSync(path.join(target, 'village.json'), JSON.stringify({ ...village, simulated: false }))
    writeFileSync(
      path.join(target, 'devices.json'),
      JSON.stringify(devices.filter(({ id }) => id === 'bus-8m-01')),
    )
    const file = path.join(folder, 'own.zip')
    writeFileSync(file, writeFeed(smallFeed()))
    await expect(main(['set-gtfs', file, '--village', target])).rejects.toMatchObject({
      code: 'input_refused',
      message: 'the feed lacks the routes of bus-8m-01 (8M); vehicles of a real village are not made up',
    })
  })

  it('cut-gtfs writes a feed of its own', async () => {
    const [feed, out] = [path.join(folder, 'own.zip'), path.join(folder, 'cut.zip')]
    writeFileSync(feed, writeFeed(smallFeed()))
    expect(
      await main(['cut-gtfs', '--feed', feed, '--center', '-6.17,106.807', '--radius', '2500', '--out', out]),
    ).toBe(0)
    expect(feedFaults(feedIn(out))).toEqual([])
    expect(said).toMatch(/cut\.zip: 1 routes, 1 trips, 4 stops, \d+ bytes\n$/)
  })

  const wrong: [string, string[], string][] = [
    ['no verb', [], 'a verb is missing'],
    ['an unknown verb', ['make'], 'make is no verb of this command'],
    ['an unknown flag', ['check', '--all', '1'], '--all is no flag of this command'],
    ['a word too many', ['check', 'a', 'b'], 'b is one word too many'],
    ['no archive', ['set-gtfs'], 'the GTFS archive is missing'],
    [
      'no centre',
      ['cut-gtfs', '--feed', 'x', '--out', 'y'],
      '--center is absent; LAT,LON in degrees is taken',
    ],
    [
      'a centre of one number',
      ['cut-gtfs', '--feed', 'x', '--out', 'y', '--center', '-6.1'],
      '--center is -6.1; LAT,LON in degrees is taken',
    ],
    [
      'a centre the wrong way round',
      ['cut-gtfs', '--feed', 'x', '--out', 'y', '--center', '106.8,-6.1'],
      '--center is 106.8,-6.1; LAT,LON in degrees is taken',
    ],
    [
      'a radius of nothing',
      ['cut-gtfs', '--feed', 'x', '--out', 'y', '--center', '-6.1,106.8', '--radius', '0'],
      '--radius is 0; metres above 0 are taken',
    ],
    [
      'half a vehicle',
      ['set-gtfs', path.join(CIDENG, 'noncommercial/gtfs.zip'), '--village', CIDENG, '--vehicles', '1.5'],
      '--vehicles is 1.5; a whole number from 0 to 5000 is taken',
    ],
  ]
  for (const [what, argv, message] of wrong) {
    it(`${what} is a usage error`, async () => {
      await expect(main(argv)).rejects.toMatchObject({
        code: 'bad_command',
        exitCode: 2,
        message: expect.stringContaining(message),
      })
    })
  }
})

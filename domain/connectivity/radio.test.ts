import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coverageOver, coverageShare, coveredShareOf, populationShare } from './coverage.ts'
import { freeSpaceLossDb, isFittedFor, logDistanceLossDb, P1238, P1411, siteLossDb } from './path-loss.ts'
import { dbmToMw, eirpDbm, PHONE, radiusM } from './radius.ts'
import { signalGrade, signalQualityPct } from './signal.ts'

// Expected values: examples of domain B9.
describe('path loss', () => {
  it.each([
    ['free space at 1 m, 2437 MHz', freeSpaceLossDb(1, 2_437), 40.18],
    ['free space at 1 m, 5180 MHz', freeSpaceLossDb(1, 5_180), 46.73],
    ['free space at 60 m', freeSpaceLossDb(60, 2_437), 75.75],
    ['log-distance at 60 m', logDistanceLossDb(60, 2_437, 3), 93.53],
    ['P.1411 residential at 80 m', siteLossDb(P1411.residential_nlos, 80, 2.437), 84.09],
    ['P.1238 office at 15 m', siteLossDb(P1238.office_nlos, 15, 2.4), 67.51],
  ])('in %s is that of the rule', (_, loss, expected) => {
    expect(loss).toBeCloseTo(expected, 2)
  })

  it('at no distance is not known, but for the model that begins at a metre', () => {
    expect(freeSpaceLossDb(0, 2_437)).toBeNull()
    expect(siteLossDb(P1411.urban_los, 0, 2.4)).toBeNull()
    expect(logDistanceLossDb(0, 2_437, 3)).toBe(freeSpaceLossDb(1, 2_437))
  })

  it('of low roofs is not fitted for Wi-Fi', () => {
    expect(isFittedFor(P1411.lowrise_nlos, 100, 2.437)).toBe(false)
    expect(isFittedFor(P1411.lowrise_nlos, 100, 28)).toBe(true)
    expect(isFittedFor(P1411.residential_nlos, 171, 2.437)).toBe(false)
  })
})

// Expected values: examples of domain B10, B11.
describe('a hotspot', () => {
  it('reaches as far as a phone needs', () => {
    expect(radiusM({ ...PHONE, eirpDbm: 27, mhz: 2_437 })).toBeCloseTo(28.9, 1)
    expect(radiusM({ ...PHONE, eirpDbm: 23, mhz: 5_180 })).toBeCloseTo(12.8, 1)
  })

  it('is heard at its radius just as strong as was asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 36 }), fc.constantFrom(2_437, 5_180), (eirp, mhz) => {
        const radius = radiusM({ ...PHONE, eirpDbm: eirp, mhz }) ?? Number.NaN
        const rssi = eirp - (logDistanceLossDb(radius, mhz, PHONE.exponent) ?? Number.NaN) - PHONE.marginDb
        if (radius >= 1) expect(rssi).toBeCloseTo(PHONE.rssiMinDbm, 9)
      }),
    )
  })

  it('sends what transmitter and antenna give, less the cable', () => {
    expect(eirpDbm(20, 5, 2)).toBe(23)
    expect(dbmToMw(20)).toBeCloseTo(100, 9)
  })

  it.each([
    [-50, 'excellent', 100],
    [-67, 'good', 66],
    [-75, 'fair', 50],
    [-85, 'weak', 30],
    [-86, 'unusable', 28],
    [-110, 'unusable', 0],
    [-20, 'excellent', 100],
  ] as const)('at %i dBm is %s, %i %%', (rssi, signal, quality) => {
    expect(signalGrade(rssi)).toBe(signal)
    expect(signalQualityPct(rssi)).toBe(quality)
  })
})

const square = (side: number) => [
  [
    { x: 0, y: 0 },
    { x: side, y: 0 },
    { x: side, y: side },
    { x: 0, y: side },
  ],
]

// Expected values: areas of circles and their lenses.
describe('coverage', () => {
  it('of one disc is its area', () => {
    const share = coverageShare(square(100), [{ x: 50, y: 50, r: 25 }]) ?? Number.NaN
    expect(Math.abs(share / ((Math.PI * 25 ** 2) / 100 ** 2) - 1)).toBeLessThan(0.005)
  })

  it('counts what two discs share once', () => {
    const [r, d] = [20, 20]
    const lens = 2 * r ** 2 * Math.acos(d / (2 * r)) - (d / 2) * Math.sqrt(4 * r ** 2 - d ** 2)
    const expected = (2 * Math.PI * r ** 2 - lens) / 100 ** 2
    const share =
      coverageShare(square(100), [
        { x: 40, y: 50, r },
        { x: 60, y: 50, r },
      ]) ?? Number.NaN
    expect(Math.abs(share / expected - 1)).toBeLessThan(0.005)
  })

  it('ends at the boundary and leaves holes out', () => {
    expect(coverageShare(square(100), [{ x: 50, y: 50, r: 500 }])).toBeCloseTo(1, 9)
    const hole = [
      { x: 25, y: 25 },
      { x: 75, y: 25 },
      { x: 75, y: 75 },
      { x: 25, y: 75 },
    ]
    const share = coverageShare([...square(100), hole], [{ x: 50, y: 50, r: 24 }])
    expect(share).toBe(0)
  })

  it('of a region without area is not known', () => {
    expect(coverageShare([], [])).toBeNull()
    expect(
      coverageShare(
        [
          [
            { x: 0, y: 0 },
            { x: 9, y: 0 },
          ],
        ],
        [],
      ),
    ).toBeNull()
  })

  it('never falls with one more disc', () => {
    const disc = fc.record({
      x: fc.integer({ min: -20, max: 120 }),
      y: fc.integer({ min: -20, max: 120 }),
      r: fc.nat(60),
    })
    fc.assert(
      fc.property(fc.array(disc, { maxLength: 6 }), disc, (discs, more) => {
        const before = coverageShare(square(100), discs) ?? Number.NaN
        const after = coverageShare(square(100), [...discs, more]) ?? Number.NaN
        expect(after).toBeGreaterThanOrEqual(before - 1e-12)
        expect(after).toBeLessThanOrEqual(1 + 1e-12)
      }),
      { numRuns: 50 },
    )
  })

  it('of a boundary in degrees is measured in metres', () => {
    const boundary = {
      type: 'Polygon',
      coordinates: [
        [
          [106.8, -6.17],
          [106.81, -6.17],
          [106.81, -6.16],
          [106.8, -6.16],
          [106.8, -6.17],
        ],
      ],
    } as const
    // One hundredth of a degree is 1,111.95 m north and 1,105.5 m east here (domain C5).
    const share = coveredShareOf(boundary, [{ lat: -6.165, lon: 106.805, radiusM: 200 }]) ?? Number.NaN
    expect(Math.abs(share / ((Math.PI * 200 ** 2) / (1_111.95 * 1_105.51)) - 1)).toBeLessThan(0.005)
  })

  it('of people goes by where they live', () => {
    expect(
      populationShare([
        { population: 1_000, covered: 0.5 },
        { population: 500, covered: 1 },
      ]),
    ).toBeCloseTo(2 / 3, 9)
    expect(populationShare([{ population: 0, covered: 1 }])).toBeNull()
  })

  it('over a period is weighed by time that is known', () => {
    const stretches = [
      { seconds: 3_600, share: 0.5, knownShare: 1 },
      { seconds: 1_800, share: null, knownShare: 0 },
      { seconds: 1_200, share: 0.2, knownShare: 0.5 },
    ]
    expect(coverageOver(stretches)).toEqual({
      share: (3_600 * 0.5 + 1_200 * 0.2) / 4_800,
      knownShare: 4_200 / 6_600,
    })
    expect(coverageOver([])).toEqual({ share: null, knownShare: null })
  })
})

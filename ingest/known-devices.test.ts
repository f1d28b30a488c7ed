import { describe, expect, it } from 'vitest'
import type { RegisteredDevice, Registry } from '../contract/registry.ts'
import type { Village, VillageDevice } from '../contract/village.ts'
import { knownDevices } from './known-devices.ts'

const registered = (
  id: string,
  simulated: boolean,
  more: Partial<RegisteredDevice> = {},
): RegisteredDevice => ({
  id,
  kind: 'hotspot',
  name: `name of ${id}`,
  simulated,
  secretDigest: null,
  addedAt: 0,
  ...more,
})

const registry = (everReal: boolean, ...devices: RegisteredDevice[]): Registry => ({
  version: 1,
  everReal,
  devices,
  accounts: [],
})

const place: VillageDevice = {
  id: 'a',
  kind: 'hotspot',
  name: 'Balai',
  lat: -6.17,
  lon: 106.8,
  expect: { every_s: 30 },
  parent: 'top',
  radius_m: 40,
}

// Only this member of the village is looked at.
const village = (simulated: boolean): Village => ({ simulated }) as Village

describe('which devices there are', () => {
  it('are those of the registry, with what the village says of them', () => {
    const known = knownDevices(
      registry(false, registered('a', true), registered('b', true)),
      village(true),
      [place],
      'auto',
    )
    expect(known.get('a')).toEqual({
      id: 'a',
      kind: 'hotspot',
      name: 'name of a',
      lat: -6.17,
      lon: 106.8,
      simulated: true,
      everyS: 30,
      parent: 'top',
      radiusM: 40,
      route: null,
      secretSince: 0,
    })
    expect(known.get('b')).toMatchObject({ lat: null, everyS: 60, parent: null })
  })

  it('where the registry puts one counts before where the village does', () => {
    const moved = registered('a', false, { lat: -6, lon: 107 })
    expect(knownDevices(registry(true, moved), village(true), [place], 'auto').get('a')).toMatchObject({
      lat: -6,
      lon: 107,
    })
  })

  it.each([
    ['auto', false, ['sim']],
    ['auto', true, ['real']],
    ['off', true, ['real']],
    ['on', true, ['sim', 'real']],
  ] as const)('with PANTAU_SIMULATE %s, once a real one was added %s, are %j', (simulate, everReal, ids) => {
    const devices = [registered('sim', true), ...(everReal ? [registered('real', false)] : [])]
    expect([...knownDevices(registry(everReal, ...devices), village(true), [], simulate).keys()]).toEqual(ids)
  })

  it('are those that the village expects too when it is not simulated', () => {
    expect(knownDevices(registry(false), village(false), [place], 'auto').get('a')).toMatchObject({
      name: 'Balai',
      simulated: false,
    })
    expect(knownDevices(registry(false), village(true), [place], 'auto').size).toBe(0)
  })
})

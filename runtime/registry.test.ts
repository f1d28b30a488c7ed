import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Registry } from '../contract/registry.ts'
import { addDevice, registerSimulated, removeDevice, rotateDevice } from './devices.ts'
import { changeRegistry, readRegistry, registryPath, watchRegistry } from './registry.ts'
import { secretMatches } from './secrets.ts'

const NOW = Date.UTC(2026, 10, 24)
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-registry-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const digestOf = (id: string): string | null =>
  readRegistry(folder).devices.find((device) => device.id === id)?.secretDigest ?? null

describe('the registry', () => {
  it('is readable by its owner only', async () => {
    await addDevice(folder, 'cideng', { id: 'a', kind: 'sensor' }, NOW)
    expect(statSync(registryPath(folder)).mode & 0o777).toBe(0o600)
  })

  it('keeps every one of fifty changes made at once', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `d-${index}`)
    await Promise.all(ids.map((id) => addDevice(folder, 'cideng', { id, kind: 'sensor' }, NOW)))
    expect(
      readRegistry(folder)
        .devices.map((device) => device.id)
        .sort(),
    ).toEqual([...ids].sort())
  })

  it('gets over a lock that a dead process left behind', async () => {
    const lock = `${registryPath(folder)}.lock`
    writeFileSync(lock, '')
    const longAgo = new Date(NOW)
    utimesSync(lock, longAgo, longAgo)
    await expect(changeRegistry(folder, (registry) => registry)).resolves.toBeDefined()
  })

  it('lets nobody in when it is half written', () => {
    writeFileSync(registryPath(folder), '{"version":1,"devi')
    expect(() => readRegistry(folder)).toThrow(/registry\.json is damaged; restore it from a backup/)
  })

  it('tells who watches it of a change by somebody else', async () => {
    const seen: Registry[] = []
    const watching = watchRegistry(
      folder,
      (registry) => seen.push(registry),
      (fault) => expect.unreachable(fault.message),
    )
    await addDevice(folder, 'cideng', { id: 'a', kind: 'sensor' }, NOW)
    await expect.poll(() => seen.at(-1)?.devices.length, { timeout: 5_000 }).toBe(1)
    watching.close()
  })
})

describe('a device', () => {
  it('is given a secret of 128 bits, of which only the digest is kept', async () => {
    const { password, topicPrefix, username } = await addDevice(
      folder,
      'cideng',
      { id: 'a', kind: 'sensor' },
      NOW,
    )
    expect(Buffer.from(password, 'base64url')).toHaveLength(16)
    expect([topicPrefix, username]).toEqual(['pantau/cideng/sensor/a', 'a'])
    expect(JSON.stringify(readRegistry(folder))).not.toContain(password)
    expect(secretMatches(password, digestOf('a'))).toBe(true)
    expect(secretMatches('wrong', digestOf('a'))).toBe(false)
    expect(secretMatches('', null)).toBe(false)
  })

  it('has one secret: the old one is void after a rotation', async () => {
    const first = await addDevice(folder, 'cideng', { id: 'a', kind: 'sensor' }, NOW)
    const second = await rotateDevice(folder, 'cideng', 'a', NOW)
    expect(secretMatches(first.password, digestOf('a'))).toBe(false)
    expect(secretMatches(second.password, digestOf('a'))).toBe(true)
  })

  it('that is real is remembered even when it is removed', async () => {
    await addDevice(folder, 'cideng', { id: 'a', kind: 'sensor' }, NOW)
    await removeDevice(folder, 'a')
    expect(readRegistry(folder)).toMatchObject({ everReal: true, devices: [] })
  })

  it('that is simulated is none that was really added, and gives way to a real one', async () => {
    const simulated = { id: 'a', kind: 'sensor', name: 'A', lat: -6.17, lon: 106.8 } as const
    await registerSimulated(folder, 'cideng', [simulated], NOW)
    expect(readRegistry(folder).everReal).toBe(false)
    await addDevice(folder, 'cideng', { id: 'a', kind: 'sensor' }, NOW)
    expect(await registerSimulated(folder, 'cideng', [simulated], NOW)).toEqual([])
    expect(readRegistry(folder).devices).toMatchObject([{ id: 'a', simulated: false }])
  })

  it.each([
    [{ id: 'A', kind: 'sensor' } as const, 'id is A; it is 1 to 63 of a-z'],
    [{ id: 'a', kind: 'sensor', lat: 1 } as const, 'lat and lon go together'],
    [{ id: 'a', kind: 'sensor', lat: 91, lon: 0 } as const, 'lat is 91; -90 to 90 is taken'],
    [{ id: 'a', kind: 'sensor', lat: 0, lon: 181 } as const, 'lon is 181; -180 to 180 is taken'],
    [{ id: 'a', kind: 'sensor', name: ' ' } as const, 'name is empty'],
  ])('of the wrong form is refused: %j', async (device, message) => {
    await expect(addDevice(folder, 'cideng', device, NOW)).rejects.toThrow(message)
  })
})

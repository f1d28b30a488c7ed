// What a stranger sees of a sensor that stands in somebody's garden: nothing, from the moment on in which staff say so.

import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR } from '../../contract/time.ts'
import { changeRegistry, withDevice } from '../../runtime/registry.ts'
import { allPublicAnswers } from './harness/public-routes.ts'
import { sampleDevice, startVillage, type Village } from './harness/village.ts'

const GARDEN = { lat: -6.1712, lon: 106.8003 }
let village: Village
let socket: Socket
const told: string[] = []

beforeAll(async () => {
  village = await startVillage({
    devices: [
      sampleDevice({ id: 'garden-1', kind: 'sensor', name: 'Garden of Siti', position: GARDEN }),
      sampleDevice({ id: 'air-1', kind: 'sensor' }),
    ],
  })
  await changeRegistry(village.dataFolder, (registry) =>
    ['garden-1', 'air-1'].reduce(
      (changed, id) =>
        withDevice(changed, {
          ...{ id, kind: 'sensor', name: id, simulated: false },
          ...{ secretDigest: null, addedAt: village.now },
        }),
      registry,
    ),
  )
  socket = io(`${village.url}/live`, { transports: ['websocket'], forceNew: true })
  socket.onAny((event, message) => told.push(`${event} ${JSON.stringify(message)}`))
  socket.emit('watch', {})
})
afterAll(async () => {
  socket.disconnect()
  await village.stop()
})

const asStaff = () => ({ authorization: `Bearer ${village.tokens.infrastructure}` })

async function setPublic(isPublic: unknown): Promise<Response> {
  return fetch(`${village.url}/api/v1/admin/devices/garden-1`, {
    method: 'PATCH',
    headers: { ...asStaff(), 'content-type': 'application/json' },
    body: JSON.stringify({ public: isPublic }),
  })
}

describe('a device on private ground', () => {
  it('is public until staff say that it is not, and again when they say so', async () => {
    expect(await allPublicAnswers(village, 'garden-1')).toContain('106.8003')
    const before = await fetch(`${village.url}/api/v1/devices`)

    expect(await (await setPublic(false)).json()).toMatchObject({ id: 'garden-1', public: false })
    const hidden = await allPublicAnswers(village, 'garden-1')
    for (const secret of ['106.8003', 'garden-1', 'Garden of Siti']) expect(hidden).not.toContain(secret)
    expect(hidden).toContain('air-1')
    const again = await fetch(`${village.url}/api/v1/devices`, {
      headers: { 'if-none-match': before.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(200)
    expect(await allPublicAnswers(village, 'garden-1', asStaff())).toContain('106.8003')

    await setPublic(true)
    expect(await allPublicAnswers(village, 'garden-1')).toContain('106.8003')
  })

  it('leaves the map of whoever has it open', async () => {
    await expect.poll(() => told.join('\n')).toContain('garden-1')
    told.length = 0
    await setPublic(false)
    await expect.poll(() => told.join('\n')).toContain('"removed":["garden-1"]')
    await setPublic(true)
  })

  it('is not named in the feeds of planned work', async () => {
    const plan = async (devices: readonly string[]) =>
      fetch(`${village.url}/api/v1/maintenance`, {
        method: 'POST',
        headers: { ...asStaff(), 'content-type': 'application/json' },
        body: JSON.stringify({
          devices,
          from: new Date(village.now + HOUR).toISOString(),
          to: new Date(village.now + 2 * HOUR).toISOString(),
          reason: 'a new filter',
        }),
      })
    await plan(['garden-1'])
    await plan(['garden-1', 'air-1'])
    await setPublic(false)
    const feed = await (await fetch(`${village.url}/feeds/maintenance.atom`)).text()
    expect(feed).not.toContain('Garden of Siti')
    expect(feed.match(/<entry>/g)).toHaveLength(1)
    expect(feed).toContain('Device air-1')
  })

  it('needs a plain yes or no', async () => {
    const answer = await setPublic('no')
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('public')
  })
})

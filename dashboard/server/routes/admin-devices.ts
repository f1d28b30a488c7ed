// Devices and their credentials, as `npm run device` changes them (contract section 4).

import Type from 'typebox'
import {
  type AdminDevice,
  AdminDevice as AdminDeviceSchema,
  AdminDevicesAnswer,
  DeviceChange,
  DeviceCredentials,
  NewDevice,
} from '../../../contract/api-staff.ts'
import type { RegisteredDevice } from '../../../contract/registry.ts'
import { formatTime } from '../../../contract/time.ts'
import { addDevice, removeDevice, rotateDevice } from '../../../runtime/devices.ts'
import { changeRegistry, withDevice } from '../../../runtime/registry.ts'
import { ABOUT_ADMIN_DEVICES } from '../about-numbers.ts'
import { sendNothing } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { pageOf } from '../cursor.ts'
import { cursorParameter, DEFAULT_LIMIT, limitParameter } from '../parameters.ts'
import { timeOrNull } from '../public-view.ts'
import { Refusal, wrongParameter } from '../refusal.ts'
import { changeAs, tellIngest } from '../registry-changes.ts'
import { IdParams } from './devices.ts'

const access = ['infrastructure'] as const

export function registerAdminDeviceRoutes(app: App, context: Context): void {
  const { dataFolder, clock } = context
  const village = context.village.village.id

  app.route({
    method: 'GET',
    url: '/api/v1/admin/devices',
    config: { access },
    schema: {
      summary: 'Devices that are known',
      querystring: Type.Object({ limit: limitParameter, cursor: cursorParameter }),
      response: { 200: AdminDevicesAnswer },
    },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { limit = DEFAULT_LIMIT, cursor } = request.query
      const devices = [...context.registry().devices].sort((a, b) => (a.id < b.id ? -1 : 1))
      const { rows, next } = pageOf(context.key, 'admin devices', devices, limit, cursor, ({ id }) => id)
      return {
        time: formatTime(clock.now()),
        ...ABOUT_ADMIN_DEVICES,
        devices: rows.map((device) => adminDevice(context, device)),
        ...(next === undefined ? {} : { next }),
      }
    },
  })

  app.route({
    method: 'POST',
    url: '/api/v1/admin/devices',
    config: { access },
    schema: {
      summary: 'Add a device; its password is shown this once',
      body: NewDevice,
      response: { 201: DeviceCredentials },
    },
    handler: async (request, reply) => {
      const { body } = request
      const name = { what: 'device.add', on: body.id, detail: body.kind }
      const made = await changeAs(context, request, name, () =>
        addDevice(dataFolder, village, body, clock.now()),
      )
      await tellIngest(context)
      reply.code(201).header('cache-control', 'no-store').header('location', `/api/v1/devices/${made.id}`)
      return made
    },
  })

  app.route({
    method: 'PATCH',
    url: '/api/v1/admin/devices/:id',
    config: { access },
    schema: {
      summary: 'Change name or place of a device, or who is shown it',
      params: IdParams,
      body: DeviceChange,
      response: { 200: AdminDeviceSchema },
    },
    handler: async (request) => {
      const { id } = request.params
      const name = {
        what: 'device.change',
        on: id.slice(0, 64),
        detail: Object.keys(request.body).join(', '),
      }
      await changeAs(context, request, name, async () => {
        await changeRegistry(dataFolder, (registry) => {
          const device = registry.devices.find((other) => other.id === id)
          if (device === undefined) throw unknownDevice()
          return withDevice(registry, changed(device, request.body))
        })
      })
      await tellIngest(context)
      const device = context.registry().devices.find((other) => other.id === id)
      if (device === undefined) throw unknownDevice()
      return adminDevice(context, device)
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/v1/admin/devices/:id',
    config: { access },
    schema: { summary: 'Remove a device; its readings stay', params: IdParams },
    handler: async (request, reply) => {
      const { id } = request.params
      await changeAs(context, request, { what: 'device.remove', on: id.slice(0, 64) }, () =>
        removeDevice(dataFolder, id),
      )
      await tellIngest(context)
      return sendNothing(reply)
    },
  })

  app.route({
    method: 'POST',
    url: '/api/v1/admin/devices/:id/rotate',
    config: { access },
    schema: {
      summary: 'Give a device a new password; the old one is void at once',
      params: IdParams,
      response: { 200: DeviceCredentials },
    },
    handler: async (request, reply) => {
      const { id } = request.params
      reply.header('cache-control', 'no-store')
      return changeAs(context, request, { what: 'device.rotate', on: id.slice(0, 64) }, () =>
        rotateDevice(dataFolder, village, id, clock.now()),
      )
    },
  })
}

function unknownDevice(): Refusal {
  return new Refusal(404, 'there is no device of that id')
}

function changed(device: RegisteredDevice, change: DeviceChange): RegisteredDevice {
  const next = { ...device, ...change }
  if ((next.lat === undefined) !== (next.lon === undefined)) {
    throw wrongParameter(next.lat === undefined ? 'lat' : 'lon', 'lat and lon go together; give both')
  }
  return next
}

function adminDevice(context: Context, device: RegisteredDevice): AdminDevice {
  const live = context.mirror.device(device.id)
  const { lat, lon } = device
  return {
    id: device.id,
    kind: device.kind,
    name: device.name,
    position: lat === undefined || lon === undefined ? null : { lat, lon },
    public: device.public !== false,
    simulated: device.simulated,
    hasSecret: device.secretDigest !== null,
    addedAt: formatTime(device.addedAt),
    ...(device.rotatedAt === undefined ? {} : { rotatedAt: formatTime(device.rotatedAt) }),
    state: live?.state ?? null,
    lastSeen: timeOrNull(live?.lastSeen ?? null),
    clockOffset_ms: live?.clockOffsetMs ?? null,
  }
}

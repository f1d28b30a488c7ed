// Windows of maintenance: announced, listed, ended, taken back (contract section 4; to end one is an addition).

import Type from 'typebox'
import { MaintenanceAnswer, MaintenanceWindow, NewMaintenance } from '../../../contract/api-staff.ts'
import { formatTime, parseTime, type TimeMs } from '../../../contract/time.ts'
import { sendNothing } from '../answers.ts'
import type { App, Context } from '../context.ts'
import type { Window } from '../maintenance.ts'
import { Refusal, wrongParameter } from '../refusal.ts'
import { changeAs } from '../registry-changes.ts'
import { signedIn } from './session.ts'

const access = ['infrastructure'] as const

export function registerMaintenanceRoutes(app: App, context: Context): void {
  const { maintenance } = context

  app.route({
    method: 'GET',
    url: '/api/v1/maintenance',
    config: { access },
    schema: { summary: 'Windows of maintenance', response: { 200: MaintenanceAnswer } },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { windows: maintenance.windows().map(windowAnswer) }
    },
  })

  app.route({
    method: 'POST',
    url: '/api/v1/maintenance',
    config: { access },
    schema: {
      summary: 'Announce maintenance of devices, or of all',
      body: NewMaintenance,
      response: { 201: MaintenanceWindow },
    },
    handler: async (request, reply) => {
      const { devices, reason } = request.body
      const from = timeOf('from', request.body.from)
      const to = timeOf('to', request.body.to)
      if (from >= to) throw wrongParameter('to', 'to is not after from')
      const unknown = devices === 'all' ? undefined : devices.find((id) => !isKnown(context, id))
      if (unknown !== undefined) throw wrongParameter('devices', `there is no device ${unknown}`)
      const by = signedIn(request.viewer).account.name
      const on = devices === 'all' ? 'all' : devices.join(',').slice(0, 200)
      const window = await changeAs(
        context,
        request,
        { what: 'maintenance.add', on, detail: reason },
        async () => maintenance.add({ devices, from, to, reason, by }),
      )
      reply.code(201)
      return windowAnswer(window)
    },
  })

  app.route({
    method: 'POST',
    url: '/api/v1/maintenance/:id/end',
    config: { access },
    schema: {
      summary: 'End a window that is on; what lies behind stays maintenance',
      params: Type.Object({ id: Type.String() }),
      response: { 200: MaintenanceWindow },
    },
    handler: async (request) => {
      const { id } = request.params
      return changeAs(context, request, { what: 'maintenance.end', on: id.slice(0, 64) }, async () => {
        const ended = maintenance.end(id, context.clock.now())
        if (ended === null) throw new Refusal(404, 'there is no window of that id that is on')
        return windowAnswer(ended)
      })
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/v1/maintenance/:id',
    config: { access },
    schema: { summary: 'Take a window back', params: Type.Object({ id: Type.String() }) },
    handler: async (request, reply) => {
      const { id } = request.params
      await changeAs(context, request, { what: 'maintenance.remove', on: id.slice(0, 64) }, async () => {
        if (!maintenance.remove(id)) throw new Refusal(404, 'there is no window of that id')
      })
      return sendNothing(reply)
    },
  })
}

/** Registered devices count too: ingest may not have heard of a new one yet. */
function isKnown({ mirror, registry }: Context, id: string): boolean {
  return mirror.device(id) !== undefined || registry().devices.some((device) => device.id === id)
}

function timeOf(member: string, text: string): TimeMs {
  const parsed = parseTime(text)
  if (!parsed.ok) throw wrongParameter(member, `${member}: ${parsed.detail}`)
  return parsed.time
}

function windowAnswer({ id, devices, from, to, reason, by }: Window): MaintenanceWindow {
  return {
    id,
    devices: devices === 'all' ? devices : [...devices],
    from: formatTime(from),
    to: formatTime(to),
    reason,
    by,
  }
}

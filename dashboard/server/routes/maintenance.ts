// Windows of maintenance: announced, listed, taken back (contract section 4).

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

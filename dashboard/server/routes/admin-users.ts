// Staff accounts, as `npm run user` changes them (contract section 4). PATCH and DELETE name the account in the address or
// in the body.

import Type from 'typebox'
import { NewUser, PersonName, UserAnswer, UserChange, UsersAnswer } from '../../../contract/api-staff.ts'
import type { Role } from '../../../contract/device-state.ts'
import type { Registry } from '../../../contract/registry.ts'
import { formatTime, type TimeMs } from '../../../contract/time.ts'
import { addAccount, removeAccount, resetPassword } from '../../../runtime/accounts.ts'
import { changeRegistry, withAccount } from '../../../runtime/registry.ts'
import { sendNothing } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { Refusal, wrongParameter } from '../refusal.ts'
import { changeAs } from '../registry-changes.ts'

const access = ['admin'] as const
const NameParams = Type.Object({ name: Type.Optional(Type.String()) })

export function registerAdminUserRoutes(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/api/v1/admin/users',
    config: { access },
    schema: { summary: 'Staff accounts', response: { 200: UsersAnswer } },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      const users = context.registry().accounts.map(({ name, role, createdAt, tokens, secondFactor }) => ({
        name,
        role,
        createdAt: formatTime(createdAt),
        tokens: tokens.length,
        secondFactor: secondFactor !== undefined,
      }))
      return { time: formatTime(context.clock.now()), users }
    },
  })

  app.route({
    method: 'POST',
    url: '/api/v1/admin/users',
    config: { access },
    schema: {
      summary: 'Add an account; its password is shown this once',
      body: NewUser,
      response: { 201: UserAnswer },
    },
    handler: async (request, reply) => {
      const { name, role } = request.body
      const made = await changeAs(
        context,
        request,
        { what: 'user.add', on: name, detail: `role ${role}` },
        () => addAccount(context.dataFolder, name, role, context.clock.now()),
      )
      reply.code(201).header('cache-control', 'no-store')
      return made
    },
  })

  for (const url of ['/api/v1/admin/users', '/api/v1/admin/users/:name']) {
    registerChange(app, context, url)
    registerRemoval(app, context, url)
  }
}

function registerChange(app: App, context: Context, url: string): void {
  app.route({
    method: 'PATCH',
    url,
    config: { access },
    schema: {
      summary: 'Change the role of an account, or give it a new password',
      ...(url.endsWith(':name') ? { params: NameParams } : {}),
      body: UserChange,
      response: { 200: UserAnswer },
    },
    handler: async (request, reply) => {
      const { role, reset } = request.body
      const name = nameOf(request.params as { name?: string }, request.body)
      if (role === undefined && reset !== true) throw wrongParameter('role', 'give a role, or reset: true')
      reply.header('cache-control', 'no-store')
      const detail = [role === undefined ? '' : `role ${role}`, reset === true ? 'reset' : '']
        .join(' ')
        .trim()
      return changeAs(context, request, { what: 'user.change', on: name, detail }, async () => {
        const now = context.clock.now()
        const kept = await changeRole(context.dataFolder, name, role, now)
        return reset === true ? resetPassword(context.dataFolder, name, now) : { name, role: kept }
      })
    },
  })
}

function registerRemoval(app: App, context: Context, url: string): void {
  app.route({
    method: 'DELETE',
    url,
    config: { access },
    schema: {
      summary: 'Remove an account with its tokens and sessions',
      ...(url.endsWith(':name')
        ? { params: NameParams }
        : { body: Type.Object({ name: PersonName }, { additionalProperties: false }) }),
    },
    handler: async (request, reply) => {
      const name = nameOf(request.params as { name?: string }, request.body as { name?: string } | undefined)
      await changeAs(context, request, { what: 'user.remove', on: name }, () =>
        removeAccount(context.dataFolder, name),
      )
      context.sessions.endAllOf(name)
      return sendNothing(reply)
    },
  })
}

function nameOf(params: { name?: string }, body: { name?: string } | undefined): string {
  const name = params.name ?? body?.name
  if (name === undefined) throw wrongParameter('name', 'name is missing')
  if (params.name !== undefined && body?.name !== undefined && body.name !== params.name) {
    throw wrongParameter('name', 'name differs from the one in the address; a name stays')
  }
  return name.slice(0, 64)
}

/** Its role then. With another role the account's sessions end; the last admin stays one. */
async function changeRole(
  dataFolder: string,
  name: string,
  role: Role | undefined,
  now: TimeMs,
): Promise<Role> {
  const changed = await changeRegistry(dataFolder, (registry: Registry) => {
    const account = registry.accounts.find((other) => other.name === name)
    if (account === undefined) throw new Refusal(404, 'there is no account of that name')
    if (role === undefined || role === account.role) return registry
    const others = registry.accounts.filter((other) => other.role === 'admin' && other.name !== name)
    if (account.role === 'admin' && others.length === 0) {
      throw new Refusal(409, `${name} is the last admin; add another one first`)
    }
    return withAccount(registry, { ...account, role, validFrom: now })
  })
  return changed.accounts.find((other) => other.name === name)?.role ?? 'environment'
}

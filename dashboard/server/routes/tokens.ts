// Tokens for programs: random, shown once, kept as digest, with a role that is at most their owner's; they end with it.

import { randomBytes } from 'node:crypto'
import Type from 'typebox'
import { NewToken, TokenMade, TokensAnswer } from '../../../contract/api-staff.ts'
import { mayAct } from '../../../contract/device-state.ts'
import type { Account, StaffToken } from '../../../contract/registry.ts'
import { formatTime } from '../../../contract/time.ts'
import { changeRegistry, withAccount } from '../../../runtime/registry.ts'
import { newToken, secretDigest } from '../../../runtime/secrets.ts'
import { sendNothing } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { changeAs } from '../registry-changes.ts'
import { signedIn } from './session.ts'

const MOST_TOKENS = 50

export function registerTokenRoutes(app: App, context: Context): void {
  app.route({
    method: 'POST',
    url: '/api/v1/tokens',
    config: { access: 'any' },
    schema: {
      summary: 'Make a token, which is shown this once',
      body: NewToken,
      response: { 201: TokenMade },
    },
    handler: async (request, reply) => {
      const { name, role } = request.body
      const viewer = signedIn(request.viewer)
      if (!mayAct(viewer.role, role)) {
        throw new Refusal(403, `a token of role ${role} needs that role; yours is ${viewer.role}`)
      }
      const secret = newToken()
      const token: StaffToken = {
        id: randomBytes(6).toString('hex'),
        name,
        role,
        digest: secretDigest(secret),
        createdAt: context.clock.now(),
      }
      await changeAs(
        context,
        request,
        { what: 'token.make', on: token.id, detail: `role ${role}` },
        async () => {
          await changeTokens(context, viewer.account.name, (tokens) => {
            if (tokens.length >= MOST_TOKENS) {
              throw new Refusal(409, `you have ${MOST_TOKENS} tokens; remove one first`)
            }
            return [...tokens, token]
          })
        },
      )
      reply.code(201).header('cache-control', 'no-store')
      return { ...tokenAnswer(token), token: secret }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/tokens',
    config: { access: 'any' },
    schema: { summary: 'Your tokens', response: { 200: TokensAnswer } },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return { tokens: signedIn(request.viewer).account.tokens.map(tokenAnswer) }
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/v1/tokens/:id',
    config: { access: 'any' },
    schema: { summary: 'End a token of yours', params: Type.Object({ id: Type.String() }) },
    handler: async (request, reply) => {
      const { id } = request.params
      const owner = signedIn(request.viewer).account.name
      await changeAs(context, request, { what: 'token.end', on: id.slice(0, 64) }, async () => {
        await changeTokens(context, owner, (tokens) => {
          if (!tokens.some((token) => token.id === id)) throw new Refusal(404, 'you have no token of that id')
          return tokens.filter((token) => token.id !== id)
        })
      })
      return sendNothing(reply)
    },
  })
}

async function changeTokens(
  context: Context,
  owner: string,
  change: (tokens: Account['tokens']) => Account['tokens'],
): Promise<void> {
  await changeRegistry(context.dataFolder, (registry) => {
    const account = registry.accounts.find((other) => other.name === owner)
    if (account === undefined) throw new Refusal(401, 'your account is gone')
    return withAccount(registry, { ...account, tokens: change(account.tokens) })
  })
}

function tokenAnswer({ id, name, role, createdAt }: StaffToken) {
  return { id, name, role, createdAt: formatTime(createdAt) }
}

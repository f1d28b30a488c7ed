// The OpenAPI 3.1 document, made from the routes' own schemas, and a page to read it that we render ourselves.

import swagger from '@fastify/swagger'
import Type from 'typebox'
import { Problem } from '../../contract/api.ts'
import type { Access } from './access.ts'
import type { App } from './context.ts'
import { renderDocsPage } from './docs-page.ts'

export async function registerOpenApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Pantau',
        version,
        description:
          'A smart village on one map. JSON, UTF-8; times RFC 3339 UTC; coordinates WGS 84; errors RFC 9457.',
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'pantau_session' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({
      schema: {
        ...schema,
        ...securityOf(route.config?.access),
        response: { ...(schema?.response as object | undefined), default: PROBLEM },
      },
      url,
    }),
  })
  const document = (): object => app.swagger()
  let page: string | null = null
  app.route({
    method: 'GET',
    url: '/api/openapi.json',
    config: { access: 'public' },
    schema: { hide: true },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-cache')
      return document()
    },
  })
  app.route({
    method: 'GET',
    url: '/api/docs',
    config: { access: 'public', produces: ['text/html'] },
    schema: { hide: true },
    handler: async (_request, reply) => {
      page ??= renderDocsPage(document())
      return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page)
    },
  })
}

const PROBLEM = {
  description: 'A refusal (RFC 9457)',
  content: { 'application/problem+json': { schema: Type.Object(Problem.properties) } },
}

function securityOf(access: Access | undefined): object {
  if (access === undefined || access === 'page' || access === 'public')
    return { description: 'For everybody.' }
  const who =
    access === 'any'
      ? 'For whoever is signed in.'
      : access === 'own'
        ? 'For this machine, or the role admin.'
        : `For the role ${access.join(' or ')}, and admin.`
  return { description: who, security: [{ session: [] }, { token: [] }] }
}

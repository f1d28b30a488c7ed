// A request that accepts nothing that the route has gets 406 with what there is (RFC 9110 section 15.5.7); a long answer
// goes out compressed to those who take it.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { Refusal } from './refusal.ts'
import { acceptsEncoding } from './static-files.ts'

const JSON_TYPES = ['application/json', 'application/problem+json', 'application/geo+json'] as const

/** True when `Accept` takes the media type; without the header everything is taken. */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === '') return true
  const [main = ''] = type.split('/')
  return header.split(',').some((part) => {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const refused = parameters.some((text) => /^q=0(\.0*)?$/.test(text))
    return !refused && (range === '*/*' || range === `${main}/*` || range === type)
  })
}

/** True when the type is named, not merely covered by a wildcard. */
export function prefers(header: string | undefined, type: string): boolean {
  return (header ?? '').split(',').some((part) => part.split(';')[0]?.trim().toLowerCase() === type)
}

const deflate = promisify(gzip)
const SMALLEST_COMPRESSED = 2_048

export function negotiate(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const { access, produces = JSON_TYPES } = request.routeOptions.config
    if (access === undefined || access === 'page') return
    const { accept } = request.headers
    if (!produces.some((type) => accepts(accept, type))) {
      throw new Refusal(
        406,
        `there is ${produces[0] ?? ''}${produces.length > 1 ? ` or ${produces[1] ?? ''}` : ''}`,
      )
    }
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const isLong = typeof payload === 'string' && payload.length >= SMALLEST_COMPRESSED
    if (!isLong || !acceptsEncoding(request.headers['accept-encoding'], 'gzip')) return payload
    // Secrets are never compressed with what a stranger may choose.
    if (reply.getHeader('cache-control') === 'no-store') return payload
    reply.header('content-encoding', 'gzip')
    reply.removeHeader('content-length')
    const vary = reply.getHeader('vary')
    reply.header('vary', typeof vary === 'string' ? `${vary}, accept-encoding` : 'accept-encoding')
    return deflate(payload, { level: 4 })
  })
}

// Who may use a route, declared with the route and checked before anything else is done. Closed by default: a route
// without a declaration stops the start (reliability 6.1, broken access control).

import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { mayAct, type Role } from '../../contract/device-state.ts'
import type { Account, Registry } from '../../contract/registry.ts'
import { isLoopback } from '../../contract/settings.ts'
import { secretDigest } from '../../runtime/secrets.ts'
import { formatCookie, isOwnSite, readCookie } from './cookies.ts'
import type { RateLimit } from './rate-limit.ts'
import { Refusal, sendProblem, tooMany } from './refusal.ts'
import { SESSION_COOKIE, type Sessions } from './sessions.ts'

/**
 * `page`: a file of the interface; `public`: the API for everybody; `own`: this machine or an admin; `any`: whoever is
 * signed in; roles: one of them, and `admin` always.
 */
export type Access = 'page' | 'public' | 'own' | 'any' | readonly Role[]

/** Who asks. */
export interface Viewer {
  readonly account: Account
  /** Of the token when one was used: at most the account's. */
  readonly role: Role
  readonly by: 'session' | 'token'
  readonly sessionDigest: string | null
  readonly until: number | null
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Media types it can answer in; JSON without it. */
    produces?: readonly string[]
  }
  interface FastifyRequest {
    viewer: Viewer | null
  }
}

interface Guard {
  readonly sessions: Sessions
  readonly registry: () => Registry
  readonly rateLimit: RateLimit
  readonly secure: boolean
  /** Somebody who is known was refused for their role. */
  readonly onDenied: (viewer: Viewer, request: FastifyRequest) => Promise<void>
}

/** Declares the guard on `app`; every route added after it is under it. */
export function guardRoutes(app: FastifyInstance, guard: Guard): void {
  app.decorateRequest('viewer', null)
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) {
      throw new Error(`route ${String(route.method)} ${route.url} declares no access`)
    }
  })
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access
    if (request.url.startsWith('/api/')) limitRate(guard, request)
    if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS') {
      if (!isOwnSite(request)) throw new Refusal(403, 'the request comes from a page of another site')
    }
    if (access === 'public' && (request.method === 'GET' || request.method === 'HEAD'))
      openToAllOrigins(reply)
    if (access === undefined || access === 'page') return
    request.viewer = viewerOf(guard, request.headers)
    await checkAccess(guard, access, request, reply)
  })
}

function limitRate(guard: Guard, request: FastifyRequest): void {
  const waitMs = guard.rateLimit.take(request.ip)
  if (waitMs !== null) throw tooMany('600 requests a minute are taken from one address', waitMs)
}

function openToAllOrigins(reply: FastifyReply): void {
  reply
    .header('access-control-allow-origin', '*')
    .header('access-control-expose-headers', 'etag, retry-after')
}

/** Whoever the cookie or the token of these headers names; null for nobody. */
export function viewerOf(
  guard: Pick<Guard, 'sessions' | 'registry'>,
  headers: { readonly authorization?: string | undefined; readonly cookie?: string | undefined },
): Viewer | null {
  const token = /^Bearer ([A-Za-z0-9_-]{16,256})$/.exec(headers.authorization ?? '')?.[1]
  if (token !== undefined) return bearerOf(guard.registry(), token)
  const id = readCookie(headers.cookie, SESSION_COOKIE)
  const signed = id === null ? null : guard.sessions.find(id)
  if (signed === null) return null
  const { account, digest, until } = signed
  return { account, role: account.role, by: 'session', sessionDigest: digest, until }
}

/** Tokens are 256 random bits, so looking up their digest tells a guesser nothing. */
function bearerOf(registry: Registry, token: string): Viewer | null {
  const digest = secretDigest(token)
  for (const account of registry.accounts) {
    const kept = account.tokens.find((other) => other.digest === digest)
    // An account that lost a role takes it from its tokens too.
    if (kept === undefined || !mayAct(account.role, kept.role)) continue
    return { account, role: kept.role, by: 'token', sessionDigest: null, until: null }
  }
  return null
}

async function checkAccess(
  guard: Guard,
  access: Exclude<Access, 'page'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { viewer } = request
  const triedToken = request.headers.authorization !== undefined
  if (viewer === null && triedToken) throw new Refusal(401, 'the token is not known', unauthorized)
  if (access === 'public') return
  if (access === 'own' && isOwnMachine(request)) return
  if (viewer === null) {
    if (readCookie(request.headers.cookie, SESSION_COOKIE) !== null) {
      reply.header('set-cookie', clearedSession(guard.secure))
    }
    throw new Refusal(401, 'sign in, or send a token', unauthorized)
  }
  if (access === 'any') return
  const needed: readonly Role[] = access === 'own' ? ['admin'] : access
  if (!needed.some((role) => mayAct(viewer.role, role))) {
    await guard.onDenied(viewer, request)
    throw new Refusal(403, `this needs the role ${needed.join(' or ')}; yours is ${viewer.role}`)
  }
}

const unauthorized = { headers: { 'www-authenticate': 'Bearer' } }

export function clearedSession(secure: boolean): string {
  return formatCookie(SESSION_COOKIE, '', { maxAgeS: 0, secure, httpOnly: true })
}

/**
 * A proxy on this machine speaks for others: what it forwards is not this machine's. Neither is what a page asks under a name
 * that its owner points at this machine (DNS rebinding): that name stands in `Host`.
 */
function isOwnMachine(request: FastifyRequest): boolean {
  const { headers, ip } = request
  const forwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
  const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return !forwarded && isLoopback(ip.replace(/^::ffff:/i, '')) && isLoopback(host)
}

export interface RouteTable {
  /** Methods that some route takes at `path`, for `Allow`; none when there is no such path. */
  methodsAt(path: string): readonly string[]
  /** True when everybody, from any origin, may GET the path. */
  isOpen(path: string): boolean
}

export function watchRoutes(app: FastifyInstance): RouteTable {
  const routes: {
    readonly pattern: RegExp
    readonly methods: readonly string[]
    readonly access: Access | undefined
  }[] = []
  app.addHook('onRoute', (route) => {
    const methods = (Array.isArray(route.method) ? route.method : [route.method]) as HTTPMethods[]
    routes.push({
      pattern: patternOf(route.url),
      methods: methods.map(String),
      access: route.config?.access,
    })
  })
  const at = (path: string) => routes.filter(({ pattern }) => pattern.test(path))
  return {
    methodsAt: (path) => [...new Set(at(path).flatMap(({ methods }) => methods))],
    isOpen: (path) => at(path).some(({ methods, access }) => access === 'public' && methods.includes('GET')),
  }
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/:[A-Za-z]+/g, '[^/]+').replace(/\*/g, '.*')}$`)
}

/** Answers what no route took: 404, 405 with `Allow`, or a browser's question before a request from another origin. */
export function refuseUnknownRoute(
  table: RouteTable,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = request.url.split('?')[0] ?? '/'
  const allow = table.methodsAt(path).join(', ')
  if (allow === '') return sendProblem(reply, new Refusal(404, 'there is no such address'))
  if (request.method !== 'OPTIONS') {
    return sendProblem(reply, new Refusal(405, `${allow} are taken here`, { headers: { allow } }))
  }
  if (table.isOpen(path)) {
    reply.headers({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'accept, if-none-match',
      'access-control-max-age': '86400',
    })
  }
  return reply.code(204).header('allow', allow).send()
}

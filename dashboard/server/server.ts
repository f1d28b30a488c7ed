// Puts the dashboard together: Fastify with its guards and routes, socket.io, the MQTT relay, and the copy of the live
// state. Deny by default: guards are declared before the first route.

import { randomBytes } from 'node:crypto'
import { statfsSync } from 'node:fs'
import type { Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import { PantauError } from '../../contract/errors.ts'
import type { Settings } from '../../contract/settings.ts'
import { type Clock, SECOND } from '../../contract/time.ts'
import { systemCode } from '../../runtime/files.ts'
import type { AskDisk } from '../../runtime/free-space.ts'
import type { Logger } from '../../runtime/logger.ts'
import { watchRegistry } from '../../runtime/registry.ts'
import { socketPath } from '../../runtime/sockets.ts'
import type { LoadedVillage } from '../../runtime/village.ts'
import { watchVitals } from '../../runtime/vitals.ts'
import { guardRoutes, refuseUnknownRoute, viewerOf, watchRoutes } from './access.ts'
import { openAcknowledgements } from './acknowledgements.ts'
import type { App, Context } from './context.ts'
import { openFeed } from './feed.ts'
import { openLastingAudit } from './lasting-audit.ts'
import { type LiveDoor, openLiveDoor } from './live-door.ts'
import { createLiveMirror, type LiveMirror } from './live-mirror.ts'
import { openMaintenance } from './maintenance.ts'
import { type MqttRelay, openMqttRelay, refuseUpgrade } from './mqtt-relay.ts'
import { negotiate } from './negotiation.ts'
import { registerOpenApi } from './openapi.ts'
import { readWebBuild, registerPages, registerVillageFiles } from './pages.ts'
import { followParkedVehicles } from './parked-vehicles.ts'
import { registerPublicPages } from './public-pages/index.ts'
import { isReadByPerson, sendRefusedPage } from './public-pages/refused-page.ts'
import { createRateLimit, REQUESTS_PER_MINUTE } from './rate-limit.ts'
import { handleError, PROBLEM_TYPE, problemOf, Refusal, refusalOf, reportFault } from './refusal.ts'
import { registerRoutes } from './routes/index.ts'
import { contentSecurityPolicy, securityHeaders, tilesOrigin } from './security-headers.ts'
import { BODY_BYTES, MOST_SOCKETS, PATIENCE, type Patience, serverOptions } from './server-limits.ts'
import { openSessions } from './sessions.ts'
import { isShown, shownVersion } from './shown-devices.ts'
import { openSigningKey } from './signing-key.ts'
import { readTransitPlan } from './transit-plan.ts'
import { compileValidator, type TypeBoxProvider } from './validation.ts'
import { followVehicleRuns } from './vehicle-runs.ts'

export interface DashboardOptions {
  readonly settings: Settings
  readonly dataFolder: string
  readonly village: LoadedVillage
  /** Where the built pages lie. */
  readonly webFolder: string
  readonly version: string
  readonly clock: Clock
  readonly logger: Logger
  /** For tests: 600 a minute without it. */
  readonly requestsPerMinute?: number
  /** For tests. */
  readonly patience?: Patience
  /** For tests. */
  readonly askDisk?: AskDisk
}

export interface Dashboard {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { settings, dataFolder, clock, logger } = options
  const secure = settings.PANTAU_TLS_CERT !== null
  checkTiles(settings)
  const maintenance = openMaintenance(dataFolder)
  const mirror = createLiveMirror(clock, (device, now) =>
    followed.withDelay(maintenance.overlay(device, now)),
  )
  const transit = readTransitPlan(options.village)
  const feed = openFeed(socketPath(dataFolder, 'ingest'))
  let door: LiveDoor | null = null
  let shown = ''
  const reviewIfOthersAreShown = (): void => {
    const before = shown
    shown = shownVersion(context)
    if (shown !== before) door?.reviewAll()
  }
  const registry = watchRegistry(dataFolder, reviewIfOthersAreShown, (fault) =>
    logger.error({ code: fault.code }, fault.message),
  )
  const followed = followVehicleRuns(mirror, transit.feed, feed.call, clock)
  const sessions = openSessions(dataFolder, clock, registry.current)
  const context: Context = {
    settings,
    dataFolder,
    clock,
    village: options.village,
    version: options.version,
    instance: randomBytes(6).toString('base64url'),
    feed,
    mirror,
    registry: registry.current,
    refreshRegistry: registry.refresh,
    sessions,
    audit: openLastingAudit(dataFolder, clock, logger),
    key: openSigningKey(dataFolder),
    transit,
    get runs() {
      return followed.runs
    },
    parked: followParkedVehicles(mirror, clock, options.village.village.depots ?? []),
    maintenance,
    acknowledgements: openAcknowledgements(dataFolder),
    secure,
    browsers: () => door?.browsers() ?? 0,
    vitals: watchVitals(),
    askDisk: options.askDisk ?? statfsSync,
  }
  shown = shownVersion(context)

  const app = await buildApp(options, context)
  door = openLiveDoor(app.server, {
    mirror,
    clock,
    isShown: (device, audience) => isShown(context, device, audience),
    viewerOf: ({ headers }, token) =>
      viewerOf(context, token === null ? headers : { authorization: `Bearer ${token}` }),
    sessionStands: sessions.stands,
  })
  const relay = openMqttRelay(socketPath(dataFolder, 'mqtt'))
  routeUpgrades(app.server, relay)
  const unfollow = feed.follow(mirror.take, mirror.away)
  const ticking = setInterval(() => {
    mirror.tick()
    reviewIfOthersAreShown()
  }, SECOND)
  await firstState(mirror)
  const port = await listen(app, settings)
  const url = `${secure ? 'https' : 'http'}://${hostInUrl(settings.PANTAU_HOST)}:${port}`
  return {
    url,
    port,
    stop: async () => {
      clearInterval(ticking)
      context.vitals.stop()
      unfollow()
      await stopDoors(app, door, relay)
      feed.close()
      registry.close()
      sessions.flush()
    },
  }
}

/** Who is told that we are ready wants answers; but an ingest that stays away is no reason to serve nobody. */
const FIRST_STATE_MS = 5 * SECOND

async function firstState(mirror: LiveMirror): Promise<void> {
  if (mirror.isFresh()) return
  await new Promise<void>((done) => {
    const timer = setTimeout(done, FIRST_STATE_MS)
    mirror.onFreshness(() => {
      clearTimeout(timer)
      done()
    })
  })
}

/** The application without its doors: what `app.inject` of a test speaks to as well. */
async function buildApp(options: DashboardOptions, context: Context): Promise<App> {
  const { settings, clock, logger, requestsPerMinute = REQUESTS_PER_MINUTE, patience = PATIENCE } = options
  const build = readWebBuild(options.webFolder)
  const policy = contentSecurityPolicy({ tilesOrigin: tilesOrigin(settings.PANTAU_TILES), ...build })
  const headers = securityHeaders(policy, context.secure)
  const app = Fastify({
    ...serverOptions(settings, patience),
    // The types of pino and of Fastify's logger differ in what a child may be given, not in what is called.
    loggerInstance: logger as unknown as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES,
    requestTimeout: patience.requestMs,
    connectionTimeout: patience.idleMs,
    keepAliveTimeout: 30 * SECOND,
    forceCloseConnections: true,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply.headers(headers)),
    clientErrorHandler: refuseBrokenRequest,
  }).withTypeProvider<TypeBoxProvider>() as unknown as App
  app.server.maxConnections = MOST_SOCKETS
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, request, reply) => {
    if (!isReadByPerson(request)) return handleError(error, request, reply)
    const refusal = refusalOf(error) ?? reportFault(error, request)
    return sendRefusedPage(context, build.plainStyle, request, reply.headers(refusal.headers), refusal.status)
  })
  const table = watchRoutes(app)
  app.setNotFoundHandler((request, reply) =>
    isReadByPerson(request)
      ? sendRefusedPage(context, build.plainStyle, request, reply, 404)
      : refuseUnknownRoute(table, request, reply),
  )
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers)
  })
  guardRoutes(app, {
    sessions: context.sessions,
    registry: context.registry,
    rateLimit: createRateLimit(clock, requestsPerMinute),
    secure: context.secure,
    onDenied: async ({ account }, request) => {
      const what = `${request.method} ${request.routeOptions.url ?? ''}`
      await context.audit.append({ who: account.name, from: request.ip, what, on: null, result: 'refused' })
    },
  })
  negotiate(app)
  await registerOpenApi(app, context.version)
  registerRoutes(app, context)
  registerPages(app, build)
  registerPublicPages(app, context, build)
  registerVillageFiles(app, context)
  await app.ready()
  return app
}

function checkTiles({ PANTAU_TILES: template }: Settings): void {
  if (template === null || tilesOrigin(template) !== null) return
  throw new PantauError(
    'bad_setting',
    `PANTAU_TILES is ${template}; a tile URL template such as https://host/{z}/{x}/{y}.png is taken`,
  )
}

/** What never became a request: answered as problem document where the socket still takes it. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const problem = problemOf(new Refusal(status, 'this is not HTTP as it should be'))
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${status} ${problem.title}\r\nconnection: close\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** `/mqtt` is ours, `/socket.io/` is engine.io's; nothing else is a WebSocket. */
function routeUpgrades(server: HttpServer, relay: MqttRelay): void {
  server.on('upgrade', (request, socket, head) => {
    const path = (request.url ?? '').split('?')[0]
    if (path === '/mqtt') relay.upgrade(request, socket, head)
    else if (path?.startsWith('/socket.io/') !== true) {
      refuseUpgrade(socket, 404, 'Not Found', 'there is no WebSocket here')
    }
  })
}

async function listen(app: App, settings: Settings): Promise<number> {
  try {
    await app.listen({ host: settings.PANTAU_HOST, port: settings.PANTAU_HTTP_PORT })
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw error
    throw new PantauError(
      'port_taken',
      `PANTAU_HTTP_PORT is ${settings.PANTAU_HTTP_PORT}, which another program has; give another port, or 0`,
      { cause: error },
    )
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : settings.PANTAU_HTTP_PORT
}

async function stopDoors(app: App, door: LiveDoor, relay: MqttRelay): Promise<void> {
  relay.close()
  door.close()
  await app.close()
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

// The pages that the server writes itself, for everybody: each is fresh for whoever asks and is read without script.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App, Context } from '../context.ts'
import { formatCookie } from '../cookies.ts'
import type { WebBuild } from '../pages.ts'
import { Refusal } from '../refusal.ts'
import { embedPage, kioskPage, type ScreenBuild, stopKioskPage } from './kiosk-page.ts'
import { LIGHT_PATH, lightPage } from './light-page.ts'
import { atomFeed, icalFeed } from './maintenance-feeds.ts'
import { manifestOf } from './manifest.ts'
import { mapSpots, readTemplate } from './map-document.ts'
import { methodsPage } from './methods-page.ts'
import { posterPage } from './poster-page.ts'
import { privacyPage } from './privacy-page.ts'
import { sharePage } from './share-page.ts'
import { type Situation, situationOf } from './situation.ts'
import { LANGUAGE_COOKIE, languageOf, PLACE_COOKIE, placeOfId, queryOf, wordsOf } from './visitor.ts'

const YEAR_S = 31_536_000
const HTML = 'text/html; charset=utf-8'

export function registerPublicPages(app: App, context: Context, build: WebBuild): void {
  const style = build.plainStyle
  const screen: ScreenBuild = { style, script: kioskScript(build) }
  const page = (
    url: string,
    write: (situation: Situation, request: FastifyRequest, reply: FastifyReply) => string,
    { isKept = false } = {},
  ): void =>
    get(app, url, HTML, (request, reply) => {
      if (isKept) for (const cookie of chosen(context, request)) reply.header('set-cookie', cookie)
      return write(situationOf(context, request), request, reply)
    })

  const map = build.files.get('index.html')?.body.toString('utf8')
  if (map !== undefined) {
    const templates = { id: readTemplate(map, 'id'), en: readTemplate(map, 'en') }
    page('/', (situation) => templates[situation.language].fill(mapSpots(situation)), { isKept: true })
  }
  page(LIGHT_PATH, (situation, request) => lightPage(situation, queryOf(request).get('q'), style), {
    isKept: true,
  })
  page('/bagikan', (situation, request) => sharePage(situation, originOf(request), style), { isKept: true })
  page('/privasi', (situation) => privacyPage(situation, style), { isKept: true })
  page('/cara-hitung', (situation) => methodsPage(situation, style), { isKept: true })
  page('/poster', (situation, request) => posterPage(situation, originOf(request), style))
  page('/kiosk', (situation, request) => {
    const id = queryOf(request).get('stop')
    if (id === null) return kioskPage(situation, screen)
    const stop = context.transit.stops.find((one) => one.id === id)
    if (stop === undefined) throw new Refusal(404, 'there is no stop of that id')
    return stopKioskPage(situation, stop, screen)
  })
  page('/embed', (situation, _request, reply) => {
    letFrame(reply)
    return embedPage(situation, screen)
  })
  registerFeeds(app, context)
}

/** What programs read: the manifest of the map, and planned work. */
function registerFeeds(app: App, context: Context): void {
  const options = (request: FastifyRequest) => {
    const language = languageOf(request, context.village.village.languages)
    return { context, language, words: wordsOf(context, language), origin: originOf(request) }
  }
  get(app, '/manifest.webmanifest', 'application/manifest+json; charset=utf-8', (request) => {
    const { words, language } = options(request)
    return JSON.stringify(manifestOf(words, language, context.village.village.name))
  })
  get(app, '/feeds/maintenance.atom', 'application/atom+xml; charset=utf-8', (request) =>
    atomFeed(options(request)),
  )
  get(app, '/feeds/maintenance.ics', 'text/calendar; charset=utf-8', (request) => icalFeed(options(request)))
}

function get(
  app: App,
  url: string,
  type: string,
  write: (request: FastifyRequest, reply: FastifyReply) => string,
): void {
  app.route({
    method: 'GET',
    url,
    config: { access: 'page' },
    schema: { hide: true },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-cache').header('vary', 'cookie, accept-language').type(type)
      // The types of a reply differ in the schema of the route, which this one has none of.
      return reply.send(write(request, reply as unknown as FastifyReply))
    },
  })
}

/** Cookies for what is chosen by the address; the page's script may read and change them. */
function chosen(context: Context, request: FastifyRequest): readonly string[] {
  const query = queryOf(request)
  const [language, place] = [query.get('lang'), query.get('place')]
  const cookie = (name: string, value: string): string =>
    formatCookie(name, encodeURIComponent(value), {
      maxAgeS: value === '' ? 0 : YEAR_S,
      secure: context.secure,
      httpOnly: false,
    })
  return [
    ...(language === 'id' || language === 'en' ? [cookie(LANGUAGE_COOKIE, language)] : []),
    ...(place !== null && (place === '' || placeOfId(context, place) !== null)
      ? [cookie(PLACE_COOKIE, place)]
      : []),
  ]
}

/** The one page that stands in other sites' pages: it shows what is public, and nothing in it changes anything. */
function letFrame(reply: FastifyReply): void {
  const policy = String(reply.getHeader('content-security-policy') ?? '')
  reply
    .header('content-security-policy', policy.replace("frame-ancestors 'none'", 'frame-ancestors *'))
    .removeHeader('x-frame-options')
}

/** As the asker reached us; what is no name of a host becomes none. */
function originOf(request: FastifyRequest): string {
  return /^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(request.host)
    ? `${request.protocol}://${request.host}`
    : ''
}

/** As Vite names the build of `web/kiosk.ts`. */
function kioskScript({ files }: WebBuild): string | null {
  const path = [...files.keys()].find((name) => /^assets\/kiosk-[\w-]{8}\.js$/.test(name))
  return path === undefined ? null : `/${path}`
}

// The pages that the server writes itself, for everybody: each is fresh for whoever asks, and none holds a script of its own.

import type { FastifyRequest } from 'fastify'
import type { App, Context } from '../context.ts'
import { formatCookie } from '../cookies.ts'
import type { WebBuild } from '../pages.ts'
import { LIGHT_PATH, lightPage } from './light-page.ts'
import { manifestOf } from './manifest.ts'
import { mapSpots, readTemplate } from './map-document.ts'
import { situationOf } from './situation.ts'
import { LANGUAGE_COOKIE, languageOf, PLACE_COOKIE, placeOfId, queryOf, wordsOf } from './visitor.ts'

const YEAR_S = 31_536_000

export function registerPublicPages(app: App, context: Context, build: WebBuild): void {
  const map = build.files.get('index.html')?.body.toString('utf8')
  if (map !== undefined) {
    const templates = { id: readTemplate(map, 'id'), en: readTemplate(map, 'en') }
    page(app, context, '/', (request) => {
      const situation = situationOf(context, request)
      return templates[situation.language].fill(mapSpots(situation))
    })
  }
  registerManifest(app, context)
  page(app, context, LIGHT_PATH, (request) =>
    lightPage(situationOf(context, request), queryOf(request).get('q'), build.plainStyle),
  )
}

function registerManifest(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/manifest.webmanifest',
    config: { access: 'page' },
    schema: { hide: true },
    handler: async (request, reply) => {
      const { village } = context.village
      const language = languageOf(request, village.languages)
      return reply
        .header('cache-control', 'no-cache')
        .header('vary', 'cookie, accept-language')
        .type('application/manifest+json; charset=utf-8')
        .send(JSON.stringify(manifestOf(wordsOf(context, language), language, village.name)))
    },
  })
}

/** A page by GET; what the address chooses (language, place) is kept for the next one. */
function page(app: App, context: Context, url: string, write: (request: FastifyRequest) => string): void {
  app.route({
    method: 'GET',
    url,
    config: { access: 'page' },
    schema: { hide: true },
    handler: async (request, reply) => {
      for (const cookie of chosen(context, request)) reply.header('set-cookie', cookie)
      return reply
        .header('cache-control', 'no-cache')
        .header('vary', 'cookie, accept-language')
        .type('text/html; charset=utf-8')
        .send(write(request))
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

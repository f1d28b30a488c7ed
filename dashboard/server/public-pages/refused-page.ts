// What a reader's browser gets where a program gets a problem document (RFC 9457): the same status, in words, with the ways back.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { prefers } from '../negotiation.ts'
import { html } from './html.ts'
import { pageDocument, pageLinks } from './page-parts.ts'
import { pageText } from './page-texts.ts'
import { languageOf, wordsOf } from './visitor.ts'

/** True for a page that a browser was sent to: never for the API, nor for what a page or a program asks for by itself. */
export function isReadByPerson({ method, url, headers, routeOptions }: FastifyRequest): boolean {
  const { access } = routeOptions.config
  return (
    (method === 'GET' || method === 'HEAD') &&
    (access === undefined || access === 'page') &&
    !url.startsWith('/api/') &&
    prefers(headers.accept, 'text/html')
  )
}

/** Answers with a page that says that there is none of this address (404), or that it cannot be had now. */
export function sendRefusedPage(
  context: Context,
  style: string,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
): FastifyReply {
  const { village } = context.village
  const language = languageOf(request, village.languages)
  const words = wordsOf(context, language)
  const what = status === 404 ? 'gone' : 'fault'
  const title = pageText(language, `${what}.title`)
  const page = pageDocument({
    words,
    language,
    title,
    style,
    path: null,
    villageName: village.name,
    isSimulated: false,
    isBare: true,
    main: [
      html('h1', {}, title),
      html('p', {}, pageText(language, `${what}.text`)),
      html(
        'ul',
        {},
        pageLinks(words).map(({ href, text }) => html('li', {}, html('a', { href }, text))),
      ),
    ],
  })
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('vary', 'cookie, accept, accept-language')
    .type('text/html; charset=utf-8')
    .serializer((body) => String(body))
    .send(page)
}

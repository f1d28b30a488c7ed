// Every refusal is a problem document (RFC 9457): what is wrong, by which rule, and what to do. A handler throws a
// `Refusal`; what Fastify itself refuses is turned into one here; a fault of ours says nothing of its inside.

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../../contract/api.ts'
import { type ErrorCode, PantauError } from '../../contract/errors.ts'
import { BusyError } from '../../runtime/secrets.ts'

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not well-formed',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'There is nothing here',
  405: 'The method is not taken here',
  406: 'No such format',
  408: 'The request took too long',
  409: 'It exists already',
  413: 'The body is too large',
  414: 'The address is too long',
  415: 'The media type is not taken',
  429: 'Too many requests',
  431: 'The headers are too large',
  500: 'A fault of the server',
  503: 'Not available now',
}

interface RefusalOptions {
  /** The parameter or body member that is wrong. */
  readonly parameter?: string
  readonly headers?: Readonly<Record<string, string>>
}

export class Refusal extends Error {
  readonly status: number
  readonly parameter: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, detail: string, options: RefusalOptions = {}) {
    super(detail)
    this.name = 'Refusal'
    this.status = status
    this.parameter = options.parameter
    this.headers = options.headers ?? {}
  }
}

/** 400 that names the parameter. */
export function wrongParameter(parameter: string, detail: string): Refusal {
  return new Refusal(400, detail, { parameter })
}

/** 429 with `Retry-After`, whole seconds, at least one. */
export function tooMany(detail: string, waitMs: number): Refusal {
  return new Refusal(429, detail, {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) },
  })
}

export function problemOf(refusal: Refusal): Problem {
  return {
    type: 'about:blank',
    title: TITLES[refusal.status] ?? 'Refused',
    status: refusal.status,
    detail: refusal.message,
    ...(refusal.parameter === undefined ? {} : { parameter: refusal.parameter }),
  }
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

export function sendProblem(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return reply
    .code(refusal.status)
    .headers(refusal.headers)
    .header('cache-control', 'no-store')
    .type(PROBLEM_TYPE)
    .serializer((body) => JSON.stringify(body))
    .send(problemOf(refusal))
}

/** What to answer to whatever a handler or Fastify threw; null for a fault of ours. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error
  if (error instanceof PantauError) return pantauRefusal(error)
  if (error instanceof BusyError) return tooMany('too much at once; try again', 2_000)
  if (!isFastifyError(error)) return null
  const status = error.statusCode ?? 500
  if (status >= 500) return null
  return new Refusal(status, FASTIFY_DETAILS[error.code] ?? error.message)
}

/** What the commands would end with, as an answer; null for what is not the asker's doing. */
function pantauRefusal(error: PantauError): Refusal | null {
  const status = PANTAU_STATUS[error.code]
  return status === undefined ? null : new Refusal(status, error.message)
}

const PANTAU_STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  name_taken: 409,
  unknown_name: 404,
  bad_command: 400,
}

const FASTIFY_DETAILS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is larger than 1 MiB; send less at once',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the content type is not application/json; send JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty; leave the content type out, or send JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as Content-Length says',
  FST_ERR_BAD_URL: 'the address is not well-formed',
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'statusCode' in error
}

/** The last resort of every request: a refusal as problem document, a fault of ours logged and answered by 500. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error)
  if (refusal !== null) return sendProblem(reply, refusal)
  return sendProblem(reply, reportFault(error, request))
}

/** A fault of ours goes to the log whole; who asked is told that it is one. */
export function reportFault(error: unknown, request: FastifyRequest): Refusal {
  request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed')
  return new Refusal(500, 'it is not your doing; the log of the dashboard says more')
}

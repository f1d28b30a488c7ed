// Asks the HTTP API (contract section 4). What can go wrong is an answer too: a problem with its title, or no answer.

import type { Problem } from '../../contract/api.ts'

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault }

export interface Fault {
  /** 0 when nothing came back. */
  readonly status: number
  readonly title: string
  readonly detail: string
  /** What of the request is wrong or missing; null when it is not one part. */
  readonly parameter: string | null
  /** Of 429. */
  readonly retryAfterS: number | null
}

const TIMEOUT_MS = 15_000

export function getJson<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  return ask<T>(path, signal === undefined ? {} : { signal })
}

/** POST, PATCH or DELETE; `value` is undefined when the answer has no body. */
export function sendJson<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
  return ask<T>(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
}

async function ask<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const signal = init.signal == null ? timeout : AbortSignal.any([init.signal, timeout])
  try {
    const response = await fetch(path, { ...init, signal, credentials: 'same-origin' })
    if (!response.ok) return { ok: false, fault: await faultOf(response) }
    const isJson = response.headers.get('content-type')?.includes('json') === true
    const value = isJson ? ((await response.json()) as T) : (undefined as T)
    return { ok: true, value }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { ok: false, fault: { status: 0, title: '', detail, parameter: null, retryAfterS: null } }
  }
}

async function faultOf(response: Response): Promise<Fault> {
  const body = (await response.json().catch(() => null)) as unknown
  return faultFrom(response.status, body, response.headers.get('retry-after'))
}

function faultFrom(status: number, body: unknown, retryAfter: string | null): Fault {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>
  return {
    status,
    title: problem.title ?? '',
    detail: problem.detail ?? '',
    parameter: problem.parameter ?? null,
    retryAfterS: retryAfter === null ? null : Number(retryAfter),
  }
}

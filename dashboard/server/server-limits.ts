// What a client may cost the server: time, sockets, bytes; and the certificate that it is shown.

import { readFileSync } from 'node:fs'
import { PantauError } from '../../contract/errors.ts'
import type { Settings } from '../../contract/settings.ts'
import { SECOND } from '../../contract/time.ts'
import { systemCode } from '../../runtime/files.ts'

/** How long is waited, ms. */
export interface Patience {
  /** For the headers, from the first letter. */
  readonly headersMs: number
  /** For the whole request. */
  readonly requestMs: number
  /** For anything to come or to go out. */
  readonly idleMs: number
  /** So often the first two are looked at. */
  readonly lookEveryMs: number
}

/** Who sends a request a letter at a time, or none, holds a socket no longer than this. */
export const PATIENCE: Patience = {
  headersMs: 10 * SECOND,
  requestMs: 30 * SECOND,
  idleMs: 60 * SECOND,
  lookEveryMs: 5 * SECOND,
}
export const MOST_SOCKETS = 20_000
export const BODY_BYTES = 1_048_576

/** What Node's own server is made with; Fastify takes it under the name of the protocol. */
export function serverOptions(settings: Settings, { headersMs, lookEveryMs }: Patience) {
  const slow = { headersTimeout: headersMs, connectionsCheckingInterval: lookEveryMs }
  const { PANTAU_TLS_CERT: cert, PANTAU_TLS_KEY: key } = settings
  if (cert === null || key === null) return { http: slow }
  const pem = { cert: readPem('PANTAU_TLS_CERT', cert), key: readPem('PANTAU_TLS_KEY', key) }
  return { https: { ...pem, minVersion: 'TLSv1.2' as const, ...slow } }
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = systemCode(error) ?? String(error)
    throw new PantauError(
      'bad_setting',
      `${name} is ${path}, which cannot be read (${code}); give a PEM file`,
    )
  }
}

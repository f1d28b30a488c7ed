// MQTT over TLS. Certificate, key and the clients' CA are read again when their files change, so that they are renewed, and clients
// revoked, while the broker runs. The CA file may hold revocation lists beside its certificates (PEM blocks `X509 CRL`).

import { readFileSync, statSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { PantauError } from '../contract/errors.ts'
import type { Settings } from '../contract/settings.ts'
import { systemCode } from '../runtime/files.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Origin } from './sign-in.ts'

export interface TlsDoor {
  readonly server: Server
  stopWatching(): void
}

export interface TlsPlan {
  readonly admit: (socket: Socket, origin: Origin) => void
  /** Other clients than before may be let in, or fewer. */
  readonly onOtherClients: () => void
  readonly logger: Logger
}

const HANDSHAKE_MS = 10_000
const LOOK_MS = 1_000

/** Throws `bad_setting` when a file cannot be used. */
export function openTls(settings: Settings, plan: TlsPlan): TlsDoor {
  const paths = [settings.PANTAU_TLS_CERT, settings.PANTAU_TLS_KEY, settings.PANTAU_TLS_CLIENT_CA]
  const isMutual = settings.PANTAU_TLS_CLIENT_CA !== null
  const onConnection = (socket: TLSSocket): void => {
    const address = socket.remoteAddress ?? ''
    plan.admit(socket, isMutual ? { address, certificateNames: certificateNames(socket) } : { address })
  }
  const server = usable(settings, () =>
    createServer(
      {
        ...readContext(settings),
        minVersion: 'TLSv1.2',
        handshakeTimeout: HANDSHAKE_MS,
        ...(isMutual ? { requestCert: true, rejectUnauthorized: true } : {}),
      },
      onConnection,
    ),
  )
  let versions = paths.map(versionOf)
  const timer = setInterval(() => {
    const now = paths.map(versionOf)
    if (now.every((version, index) => version === versions[index])) return
    const hasOtherClients = now[2] !== versions[2]
    versions = now
    try {
      usable(settings, () => server.setSecureContext({ ...readContext(settings), minVersion: 'TLSv1.2' }))
    } catch (error) {
      if (!(error instanceof PantauError)) throw error
      // Half a renewal, most likely: the rest of it is a change as well.
      plan.logger.error(`${error.message}; what was read before stands`)
      return
    }
    plan.logger.info('certificates were read again')
    if (hasOtherClients) plan.onOtherClients()
  }, LOOK_MS)
  return { server, stopWatching: () => clearInterval(timer) }
}

function readContext(settings: Settings): SecureContextOptions {
  const { PANTAU_TLS_CERT, PANTAU_TLS_KEY, PANTAU_TLS_CLIENT_CA } = settings
  const own = {
    cert: readPem(PANTAU_TLS_CERT ?? '', 'PANTAU_TLS_CERT'),
    key: readPem(PANTAU_TLS_KEY ?? '', 'PANTAU_TLS_KEY'),
  }
  if (PANTAU_TLS_CLIENT_CA === null) return own
  const ca = readPem(PANTAU_TLS_CLIENT_CA, 'PANTAU_TLS_CLIENT_CA')
  // OpenSSL asks for a list of every CA on the way once there is one at all.
  const lists = ca.match(/-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g)
  return { ...own, ca, ...(lists === null ? {} : { crl: [...lists] }) }
}

/** What OpenSSL says of certificates that it cannot take, in our words. */
function usable<T>(settings: Settings, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof PantauError) throw error
    throw new PantauError(
      'bad_setting',
      `PANTAU_TLS_CERT is ${settings.PANTAU_TLS_CERT} and PANTAU_TLS_KEY is ${settings.PANTAU_TLS_KEY}, which do not go together; give a certificate and its key (PEM)`,
      { cause: error },
    )
  }
}

function versionOf(path: string | null): string {
  const status = path === null ? undefined : statSync(path, { throwIfNoEntry: false })
  return status === undefined ? '' : `${status.ino} ${status.size} ${status.mtimeMs}`
}

/** Whom a client's certificate is for: its common name and its DNS names. */
function certificateNames(socket: TLSSocket): string[] {
  const { subject, subjectaltname } = socket.getPeerCertificate()
  const common = subject?.CN
  const others = (subjectaltname ?? '').split(', ').filter((name) => name.startsWith('DNS:'))
  return [
    ...(common === undefined ? [] : [common].flat()),
    ...others.map((name) => name.slice('DNS:'.length)),
  ]
}

function readPem(path: string, setting: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new PantauError(
      'bad_setting',
      `${setting} is ${path}, which cannot be read (${systemCode(error)}); give a PEM file`,
      { cause: error },
    )
  }
  if (!text.includes('-----BEGIN ')) {
    throw new PantauError('bad_setting', `${setting} is ${path}, which holds no PEM text; give a PEM file`)
  }
  return text
}

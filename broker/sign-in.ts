// Who may come in: the rules for a CONNECT, in the order in which a stranger is told of them, least first (contract section 3).

import type { ConnectPacket } from 'aedes'
import { type Identities, type Identity, mayPublish, nameOf } from './identities.ts'

/** Where a connection came from and, over TLS with client certificates, for whom the certificate it showed is. */
export interface Origin {
  readonly address: string
  /** Common name and DNS names; undefined when no certificate is asked for. */
  readonly certificateNames?: readonly string[]
}

export interface SignInRules {
  readonly village: string
  /** Devices come in without credentials. */
  readonly anonymous: boolean
  readonly limitPayload: number
}

export type SignedIn =
  | { readonly ok: true; readonly identity: Identity }
  /** `code` is CONNACK's [MQTT 3.1.1, table 3.1]. */
  | { readonly ok: false; readonly code: 2 | 4 | 5; readonly reason: string; readonly detail: string }

const KEEPALIVE_MOST_S = 1_200

/** What makes a CONNECT be closed without an answer; null when it is to be answered. */
export function connectFault({ keepalive, username, password }: ConnectPacket): {
  readonly reason: string
  readonly detail: string
} | null {
  // Aedes would answer by a code that MQTT 3.1.1 does not know [MQTT-3.2.2-6].
  if (keepalive === undefined || keepalive < 1 || keepalive > KEEPALIVE_MOST_S) {
    return {
      reason: 'keepalive',
      detail: `keep-alive is ${keepalive ?? 0} s; 1 to ${KEEPALIVE_MOST_S} is taken`,
    }
  }
  // [MQTT-3.1.2-22], which the parser lets pass.
  if (username === undefined && password !== undefined) {
    return { reason: 'protocol', detail: 'a password without a user name' }
  }
  return null
}

/** Checks credentials, then the client id, then the will. */
export function signIn(
  packet: ConnectPacket,
  origin: Origin,
  identities: Identities,
  rules: SignInRules,
): SignedIn {
  const identity = identityOf(packet, identities, rules.anonymous)
  if (identity === null || !isHolderOf(origin, nameOf(identity))) {
    return { ok: false, code: 4, reason: 'credentials', detail: 'wrong name or secret' }
  }
  if (!isClientIdOf(nameOf(identity), packet.clientId)) {
    const detail = `client id is ${packet.clientId}; it is the user name, or the user name, a colon and a suffix`
    return { ok: false, code: 2, reason: 'client_id', detail }
  }
  const { will } = packet
  if (will !== undefined && !mayPublish(identity, rules.village, will.topic)) {
    return { ok: false, code: 5, reason: 'acl', detail: `a will for ${will.topic}` }
  }
  if (will !== undefined && will.payload.length > rules.limitPayload) {
    const detail = `a will of ${will.payload.length} bytes; ${rules.limitPayload} are taken`
    return { ok: false, code: 5, reason: 'too_large', detail }
  }
  return { ok: true, identity }
}

function identityOf(packet: ConnectPacket, identities: Identities, anonymous: boolean): Identity | null {
  const { username, password, clientId } = packet
  // Credentials that are given have to be right, also where none are needed.
  if (password !== undefined) return username ? identities.signIn(username, password) : null
  if (!anonymous) return null
  return identities.anonymous(username ?? clientId.split(':')[0] ?? '')
}

/** With client certificates the secret alone is not enough: the certificate is for that name. */
function isHolderOf({ certificateNames }: Origin, name: string): boolean {
  return certificateNames === undefined || certificateNames.includes(name)
}

/** A suffix is printable, so that no log line and no page is garbled by it [MQTT-1.5.3-2]. */
const SUFFIX = /^:[\x20-\x7e]*$/

function isClientIdOf(name: string, clientId: string): boolean {
  return clientId === name || (clientId.startsWith(name) && SUFFIX.test(clientId.slice(name.length)))
}

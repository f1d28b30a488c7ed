// Who a client is and what it may do: devices under their own prefix, staff reading under the village, nobody else anything.
// Rights are exact comparisons of levels; no pattern is ever matched against what a stranger sends.

import type { Role } from '../contract/device-state.ts'
import type { Registry } from '../contract/registry.ts'
import { isDeviceId, isFromDevice, isKind, isToDevice, type Kind, parseTopic } from '../contract/topics.ts'
import { secretDigest, secretMatches } from '../runtime/secrets.ts'

export type Identity =
  | {
      readonly type: 'device'
      readonly id: string
      /** Null for a device that was let in without credentials: its first topic says its kind. */
      readonly kind: Kind | null
      /** Of the secret it signed in with: another one in the registry ends the connection. */
      readonly digest: string | null
    }
  | { readonly type: 'staff'; readonly name: string; readonly role: Role; readonly digest: string }

/** Looks names up in the registry as it is now. */
export class Identities {
  #devices = new Map<string, { kind: Kind; digest: string | null }>()
  #tokens = new Map<string, { name: string; role: Role }>()

  constructor(registry: Registry) {
    this.update(registry)
  }

  /** Takes another registry; the ids of devices that are gone or have another secret now. */
  update(registry: Registry): string[] {
    const before = this.#devices
    this.#devices = new Map(
      registry.devices.map((device) => [device.id, { kind: device.kind, digest: device.secretDigest }]),
    )
    this.#tokens = new Map(
      registry.accounts.flatMap((account) =>
        account.tokens.map((token) => [
          `${account.name} ${token.digest}`,
          { name: account.name, role: token.role },
        ]),
      ),
    )
    return [...before]
      .filter(([id, { digest }]) => this.#devices.get(id)?.digest !== digest)
      .map(([id]) => id)
  }

  has(device: string): boolean {
    return this.#devices.has(device)
  }

  /** Null for a device that is not known. */
  kindOf(device: string): Kind | null {
    return this.#devices.get(device)?.kind ?? null
  }

  /** Null when name or secret is wrong; it takes as long for a name that is not known. */
  signIn(name: string, secret: Uint8Array): Identity | null {
    const device = this.#devices.get(name)
    const isDevice = secretMatches(secret, device?.digest ?? null)
    if (device !== undefined && isDevice) {
      return { type: 'device', id: name, kind: device.kind, digest: device.digest }
    }
    // A token's digest is looked up whole: what a stranger could time is a hash of what they sent.
    const digest = secretDigest(secret)
    const token = this.#tokens.get(`${name} ${digest}`)
    return token === undefined ? null : { type: 'staff', ...token, digest }
  }

  /** A device without credentials (PANTAU_MQTT_ANONYMOUS): whatever id it gives, held to that id's topics. */
  anonymous(id: string): Identity | null {
    if (!isDeviceId(id)) return null
    const device = this.#devices.get(id)
    return { type: 'device', id, kind: device?.kind ?? null, digest: device?.digest ?? null }
  }

  /** False once the secret was rotated, the name removed, or the token's role changed. */
  stillHolds(identity: Identity): boolean {
    if (identity.type === 'staff') {
      return this.#tokens.get(`${identity.name} ${identity.digest}`)?.role === identity.role
    }
    const device = this.#devices.get(identity.id)
    // One that the registry never knew came in without credentials.
    if (device === undefined) return identity.kind === null
    return device.digest === identity.digest && (identity.kind === null || device.kind === identity.kind)
  }
}

export function nameOf(identity: Identity): string {
  return identity.type === 'device' ? identity.id : identity.name
}

/** A device may publish under its own prefix on the channels from it; staff publish nothing. */
export function mayPublish(identity: Identity, village: string, topic: string): boolean {
  if (identity.type !== 'device') return false
  const parsed = parseTopic(topic)
  return (
    parsed !== null &&
    parsed.village === village &&
    parsed.device === identity.id &&
    (identity.kind === null || parsed.kind === identity.kind) &&
    isFromDevice(parsed.channel)
  )
}

/** A device may subscribe to its own channels to it, without wildcards; staff to all under the village; `$SYS` is for admins. */
export function maySubscribe(identity: Identity, village: string, filter: string): boolean {
  return identity.type === 'device'
    ? isOwnChannel(identity, village, filter)
    : isStaffFilter(identity.role, village, filter)
}

function isOwnChannel(
  { id, kind }: Extract<Identity, { type: 'device' }>,
  village: string,
  filter: string,
): boolean {
  const parsed = parseTopic(filter)
  return (
    parsed !== null &&
    parsed.village === village &&
    parsed.device === id &&
    (kind === null || parsed.kind === kind) &&
    isToDevice(parsed.channel)
  )
}

function isStaffFilter(role: Role, village: string, filter: string): boolean {
  const levels = filter.split('/')
  if (levels[0] === '$SYS') return role === 'admin' && levels.every(isFilterLevel)
  if (levels[0] !== 'pantau' || levels[1] !== village) return false
  const rest = levels.slice(2)
  if (rest.length === 0 || rest.length > 3) return false
  const end = rest.indexOf('#')
  if (end >= 0 && end !== rest.length - 1) return false
  const [kind = '#', device = '#', channel = '#'] = rest
  const isAny = (level: string): boolean => level === '+' || level === '#'
  return (
    (isAny(kind) || isKind(kind)) &&
    (isAny(device) || isDeviceId(device)) &&
    (isAny(channel) || isFromDevice(channel) || isToDevice(channel))
  )
}

const isFilterLevel = (level: string, index: number, all: readonly string[]): boolean =>
  level === '+' || (level === '#' && index === all.length - 1) || /^[A-Za-z0-9$_-]{1,64}$/.test(level)

// The registry: which devices and staff accounts exist, with the digests of their secrets. It lies in the data folder
// (`registry.json`, 0600); the commands, the dashboard and the broker read it, the first two write it.

import type { Role } from './device-state.ts'
import type { TimeMs } from './time.ts'
import type { Kind } from './topics.ts'

export interface RegisteredDevice {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly lat?: number
  readonly lon?: number
  /** False: on private ground, shown to staff alone. Absent: shown to everybody. */
  readonly public?: boolean
  /** True for the village's simulated devices. */
  readonly simulated: boolean
  /** SHA-256 of the secret, hex; null until one was made. */
  readonly secretDigest: string | null
  readonly addedAt: TimeMs
  readonly rotatedAt?: TimeMs
}

export interface StaffToken {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** SHA-256 of the token, hex. */
  readonly digest: string
  readonly createdAt: TimeMs
}

export interface Account {
  readonly name: string
  readonly role: Role
  /** `scrypt$N$r$p$salt$hash`, base64url. */
  readonly passwordHash: string
  readonly createdAt: TimeMs
  /** Sessions begun before it are void: it moves on with the password and the role. */
  readonly validFrom: TimeMs
  /** What the account's authenticator app shares with us, base32; absent when the password is enough. */
  readonly secondFactor?: string
  readonly tokens: readonly StaffToken[]
}

export interface Registry {
  readonly version: 1
  /** Once true it stays true: simulated devices leave reports and public pages (contract section 2). */
  readonly everReal: boolean
  readonly devices: readonly RegisteredDevice[]
  readonly accounts: readonly Account[]
}

// Staff accounts: made with a random password that is shown once. The first start makes `admin` and leaves the password in
// `first-login.json` until it is changed.

import { unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Role } from '../contract/device-state.ts'
import { PantauError } from '../contract/errors.ts'
import type { Account } from '../contract/registry.ts'
import type { TimeMs } from '../contract/time.ts'
import { isMissing, readIfPresent, writeFileAtomic } from './files.ts'
import { changeRegistry, readRegistry, withAccount, withoutAccount } from './registry.ts'
import { enrolmentUri, newFactorSecret } from './second-factor.ts'
import { hashPassword, newPassword } from './secrets.ts'

export const ACCOUNT_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
export const ACCOUNT_NAME_RULE = '1 to 63 of a-z, 0-9, dot, _ and -, beginning with a letter or digit'

export interface NewAccount {
  readonly name: string
  readonly role: Role
  readonly password: string
}

/** Adds an account with a random password. Throws `bad_command` for the name's form, `name_taken`. */
export async function addAccount(
  dataFolder: string,
  name: string,
  role: Role,
  now: TimeMs,
): Promise<NewAccount> {
  if (!ACCOUNT_NAME.test(name))
    throw new PantauError('bad_command', `name is ${name}; it is ${ACCOUNT_NAME_RULE}`)
  const password = newPassword()
  const passwordHash = await hashPassword(password)
  await changeRegistry(dataFolder, (registry) => {
    const taken = [...registry.accounts, ...registry.devices.map((device) => ({ name: device.id }))]
    if (taken.some((other) => other.name === name)) {
      throw new PantauError(
        'name_taken',
        `an account or device ${name} exists; choose another name or reset it`,
      )
    }
    return withAccount(registry, { name, role, passwordHash, createdAt: now, validFrom: now, tokens: [] })
  })
  return { name, role, password }
}

/** Gives the account a new password: a random one unless `password` is given. Its sessions end. Throws `unknown_name`. */
export async function resetPassword(
  dataFolder: string,
  name: string,
  now: TimeMs,
  password = newPassword(),
): Promise<NewAccount> {
  accountOf(dataFolder, name)
  const passwordHash = await hashPassword(password)
  const changed = await changeAccount(dataFolder, name, (account) => ({
    ...account,
    passwordHash,
    validFrom: now,
  }))
  forgetFirstLogin(dataFolder, name)
  return { name, role: changed.role, password }
}

/** What an authenticator app is given; shown this once. */
export interface Enrolment {
  readonly name: string
  readonly secret: string
  /** The secret as authenticator apps read it. */
  readonly uri: string
}

/** From now on the account signs in with a code of an authenticator app as well. Its sessions end. Throws `unknown_name`. */
export async function requireSecondFactor(
  dataFolder: string,
  village: string,
  name: string,
  now: TimeMs,
): Promise<Enrolment> {
  const secret = newFactorSecret()
  await changeAccount(dataFolder, name, (account) => ({ ...account, secondFactor: secret, validFrom: now }))
  return { name, secret, uri: enrolmentUri(village, name, secret) }
}

/** From now on the account's password is enough. Throws `unknown_name`. */
export async function dropSecondFactor(dataFolder: string, name: string): Promise<void> {
  await changeAccount(dataFolder, name, ({ secondFactor: _dropped, ...account }) => account)
}

/** Removes the account with its tokens; the last admin stays. Throws `unknown_name`, `bad_command`. */
export async function removeAccount(dataFolder: string, name: string): Promise<void> {
  await changeRegistry(dataFolder, (registry) => {
    const account = registry.accounts.find((other) => other.name === name)
    if (account === undefined) throw unknownAccount(name)
    const isLastAdmin =
      account.role === 'admin' && registry.accounts.filter((other) => other.role === 'admin').length === 1
    if (isLastAdmin) throw new PantauError('bad_command', `${name} is the last admin; add another one first`)
    return withoutAccount(registry, name)
  })
  forgetFirstLogin(dataFolder, name)
}

/** Changes one account; returns it as it is kept. Throws `unknown_name`. */
async function changeAccount(
  dataFolder: string,
  name: string,
  change: (account: Account) => Account,
): Promise<Account> {
  const { accounts } = await changeRegistry(dataFolder, (registry) => {
    const account = registry.accounts.find((other) => other.name === name)
    if (account === undefined) throw unknownAccount(name)
    return withAccount(registry, change(account))
  })
  const changed = accounts.find((account) => account.name === name)
  if (changed === undefined) throw new Error('the account that was changed is gone')
  return changed
}

function accountOf(dataFolder: string, name: string): Account {
  const account = readRegistry(dataFolder).accounts.find((other) => other.name === name)
  if (account === undefined) throw unknownAccount(name)
  return account
}

function unknownAccount(name: string): PantauError {
  return new PantauError('unknown_name', `there is no account ${name}; npm run user -- list shows them`)
}

export function firstLoginPath(dataFolder: string): string {
  return join(dataFolder, 'first-login.json')
}

/** Makes `admin` when there is no account yet; returns the path of the file with its password, or null. */
export async function ensureFirstAccount(dataFolder: string, now: TimeMs): Promise<string | null> {
  if (readRegistry(dataFolder).accounts.length > 0) return null
  const { name, password } = await addAccount(dataFolder, 'admin', 'admin', now)
  writeFileAtomic(firstLoginPath(dataFolder), `${JSON.stringify({ name, password })}\n`)
  return firstLoginPath(dataFolder)
}

/** Deletes `first-login.json` once the password in it holds no more. */
export function forgetFirstLogin(dataFolder: string, name: string): void {
  const text = readIfPresent(firstLoginPath(dataFolder))
  if (text === null || (JSON.parse(text) as { name: string }).name !== name) return
  try {
    unlinkSync(firstLoginPath(dataFolder))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

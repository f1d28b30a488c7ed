// `npm run user -- add NAME --role ROLE`, `list`, `reset NAME`, `remove NAME`, `second-factor NAME`, `no-second-factor NAME`: staff
// accounts, against the data folder.

import { ROLES, type Role } from '../contract/device-state.ts'
import { PantauError } from '../contract/errors.ts'
import { systemClock } from '../contract/time.ts'
import {
  addAccount,
  dropSecondFactor,
  removeAccount,
  requireSecondFactor,
  resetPassword,
} from '../runtime/accounts.ts'
import { openDataFolder } from '../runtime/data-folder.ts'
import { readRegistry } from '../runtime/registry.ts'
import { loadSettings } from '../runtime/settings.ts'
import { villageId } from '../runtime/village-id.ts'
import { audited } from './audited.ts'
import { readCommandLine } from './command-line.ts'

const USAGE = `npm run user -- add NAME --role ${ROLES.join('|')} | list | reset NAME | remove NAME | second-factor NAME | no-second-factor NAME`

export async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv, ['role'], USAGE)
  const { settings } = loadSettings([], process.env)
  const dataFolder = openDataFolder(settings.PANTAU_DATA)
  const [verb, name, ...rest] = line.words
  if (rest.length > 0) throw usageError(`${rest[0]} is one word too many`)
  if (verb === 'list' && name === undefined) {
    for (const { name, role, secondFactor } of readRegistry(dataFolder).accounts) {
      print({ name, role, ...(secondFactor === undefined ? {} : { secondFactor: true }) })
    }
    return 0
  }
  if (name === undefined) throw usageError('a name is missing')
  const on = name.slice(0, 64)
  const now = systemClock.now()
  if (verb === 'add') {
    const role = roleOf(line.flags['role'])
    print(
      await audited(dataFolder, { what: 'user.add', on, detail: `role ${role}` }, () =>
        addAccount(dataFolder, name, role, now),
      ),
    )
  } else if (verb === 'reset') {
    print(
      await audited(dataFolder, { what: 'user.change', on, detail: 'reset' }, () =>
        resetPassword(dataFolder, name, now),
      ),
    )
  } else if (verb === 'remove') {
    await audited(dataFolder, { what: 'user.remove', on }, () => removeAccount(dataFolder, name))
  } else if (verb === 'second-factor') {
    const village = villageId(settings.PANTAU_VILLAGE)
    print(
      await audited(dataFolder, { what: 'user.change', on, detail: 'second factor' }, () =>
        requireSecondFactor(dataFolder, village, name, now),
      ),
    )
  } else if (verb === 'no-second-factor') {
    await audited(dataFolder, { what: 'user.change', on, detail: 'no second factor' }, () =>
      dropSecondFactor(dataFolder, name),
    )
  } else throw usageError(`${verb} is no verb of this command`)
  return 0
}

function roleOf(text: string | undefined): Role {
  const role = ROLES.find((known) => known === text)
  if (role === undefined)
    throw usageError(`--role is ${text ?? 'absent'}; one of ${ROLES.join(', ')} is taken`)
  return role
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function usageError(fault: string): PantauError {
  return new PantauError('bad_command', `${fault}; ${USAGE}`)
}

// Flags of a benchmark: `npm run bench -- NAME --flag N`. Numbers only, each with its bounds and what it is when it is not given.

import { PantauError } from '../contract/errors.ts'

export interface FlagRule {
  readonly least: number
  readonly most: number
  readonly usual: number
}

/** Throws `bad_command` naming every flag that is wrong and its rule. */
export function benchFlags<Name extends string>(
  argv: readonly string[],
  rules: Readonly<Record<Name, FlagRule>>,
): Readonly<Record<Name, number>> {
  const given = new Map<string, string>()
  const faults: string[] = []
  for (let index = 0; index < argv.length; index += 2) {
    const flag = argv[index] ?? ''
    const value = argv[index + 1]
    if (!flag.startsWith('--') || !Object.hasOwn(rules, flag.slice(2))) {
      faults.push(`${flag} is no flag of this benchmark`)
    } else if (value === undefined) faults.push(`${flag} has no value`)
    else given.set(flag.slice(2), value)
  }
  const names = Object.keys(rules) as Name[] // the record's own names
  const values = names.map((name): [Name, number] => {
    const { least, most, usual } = rules[name]
    const text = given.get(name)
    const value = text === undefined ? usual : Number(text)
    if (!(value >= least && value <= most)) {
      faults.push(`--${name} is ${text}; a number from ${least} to ${most} is taken`)
    }
    return [name, value]
  })
  if (faults.length > 0) throw new PantauError('bad_command', faults.join('\n'))
  return Object.fromEntries(values) as Readonly<Record<Name, number>> // one value a name, as just made
}

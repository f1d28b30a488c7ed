// Reads a command's arguments: words and `--name value` flags, against a list of what the command takes.

import { PantauError } from '../contract/errors.ts'

export interface CommandLine {
  readonly words: readonly string[]
  readonly flags: Readonly<Record<string, string>>
}

/** Throws `bad_command` with the usage line when a flag is not of the list or has no value. */
export function readCommandLine(
  argv: readonly string[],
  takes: readonly string[],
  usage: string,
): CommandLine {
  const words: string[] = []
  const flags: Record<string, string> = {}
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (!word.startsWith('--')) {
      words.push(word)
      continue
    }
    const equals = word.indexOf('=')
    const name = word.slice(2, equals < 0 ? undefined : equals)
    if (!takes.includes(name))
      throw new PantauError('bad_command', `--${name} is no flag of this command; ${usage}`)
    const value = equals < 0 ? argv[index + 1] : word.slice(equals + 1)
    if (value === undefined) throw new PantauError('bad_command', `--${name} has no value; ${usage}`)
    if (equals < 0) index += 1
    flags[name] = value
  }
  return { words, flags }
}

/** The flag's number; undefined when it is not given. Throws `bad_command` when it is no number. */
export function numberFlag(line: CommandLine, name: string): number | undefined {
  const text = line.flags[name]
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new PantauError('bad_command', `--${name} is ${text}; a number is taken`)
  }
  return value
}

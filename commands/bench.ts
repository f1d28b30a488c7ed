// `npm run bench -- [NAME…] [--flag N]`: benchmarks, each a table with ratios against the peer measured in the same run, or with targets.

import { BENCHMARKS, ON_REQUEST } from '../bench/index.ts'
import { PantauError } from '../contract/errors.ts'

export async function main(argv: readonly string[]): Promise<number> {
  const flagsBegin = argv.findIndex((argument) => argument.startsWith('--'))
  const named = flagsBegin < 0 ? argv : argv.slice(0, flagsBegin)
  const flags = flagsBegin < 0 ? [] : argv.slice(flagsBegin)
  const usual = Object.keys(BENCHMARKS).filter((name) => !ON_REQUEST.includes(name))
  const names = named.length === 0 ? usual : named
  const unknown = names.find((name) => !Object.hasOwn(BENCHMARKS, name))
  if (unknown !== undefined) {
    throw new PantauError(
      'bad_command',
      `${unknown} is no benchmark; ${Object.keys(BENCHMARKS).join(', ')} are there`,
    )
  }
  for (const name of names) await BENCHMARKS[name]?.(flags)
  return 0
}

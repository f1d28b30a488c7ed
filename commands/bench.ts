// `npm run bench -- [NAME]`: benchmarks, each a table with ratios against the peer measured in the same run.

import { BENCHMARKS } from '../bench/index.ts'
import { PantauError } from '../contract/errors.ts'

export async function main(argv: readonly string[]): Promise<number> {
  const names = argv.length === 0 ? Object.keys(BENCHMARKS) : argv
  const unknown = names.find((name) => !Object.hasOwn(BENCHMARKS, name))
  if (unknown !== undefined) {
    throw new PantauError(
      'bad_command',
      `${unknown} is no benchmark; ${Object.keys(BENCHMARKS).join(', ')} are there`,
    )
  }
  for (const name of names) await BENCHMARKS[name]?.()
  return 0
}

// `npm run recompute -- --from T --to T`: judges the readings of a period anew in a running village, after a quality rule has changed.
// Flags of the rules as they were stay in the store, out of force; means and indices follow the new ones.

import { setTimeout as sleep } from 'node:timers/promises'
import { PantauError } from '../contract/errors.ts'
import type { Derivation } from '../contract/feed.ts'
import { formatTime, parseTime, SECOND, type TimeMs } from '../contract/time.ts'
import { openFeed } from '../runtime/feed-client.ts'
import { loadSettings } from '../runtime/settings.ts'
import { audited } from './audited.ts'
import { type CommandLine, readCommandLine } from './command-line.ts'

const USAGE = 'npm run recompute -- --from T --to T'
const LOOK_MS = SECOND / 2

export async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv, ['from', 'to'], USAGE)
  const from = timeFlag(line, 'from')
  const to = timeFlag(line, 'to')
  if (line.words.length > 0)
    throw new PantauError('bad_command', `${line.words[0]} is one word too many; ${USAGE}`)
  if (from >= to) throw new PantauError('bad_command', '--from is not before --to')
  const { settings } = loadSettings([], process.env)
  const feed = openFeed(settings.PANTAU_DATA)
  const detail = `${formatTime(from)} to ${formatTime(to)}`
  const done = await audited(
    settings.PANTAU_DATA,
    { what: 'flags.recompute', on: 'all', detail },
    async () => {
      const before = await feed.call('derivation', {})
      const { hours } = await feed.call('judgeAgain', { from, to })
      let now: Derivation
      do {
        await sleep(LOOK_MS)
        now = await feed.call('derivation', {})
      } while (now.left > 0)
      return {
        hours,
        set: now.set - before.set,
        removed: now.removed - before.removed,
        retired: now.retired - before.retired,
      }
    },
  )
  process.stdout.write(
    `${done.hours} hours of sensors judged anew: ${done.set} flags set, ${done.removed} no longer given, ${done.retired} of older rules kept out of force\n`,
  )
  return 0
}

function timeFlag(line: CommandLine, name: string): TimeMs {
  const text = line.flags[name]
  if (text === undefined) throw new PantauError('bad_command', `--${name} is absent; ${USAGE}`)
  const parsed = parseTime(text)
  if (parsed.ok) return parsed.time
  throw new PantauError(
    'bad_command',
    `--${name} is ${text}: ${parsed.detail}; RFC 3339 is taken, such as 2026-11-24T00:00:00Z`,
  )
}

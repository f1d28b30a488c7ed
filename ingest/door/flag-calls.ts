// The methods of `POST /call/{method}` that are about quality flags.

import { METRIC_NAME, METRIC_NAME_RULE } from '../../contract/metrics.ts'
import { FLAGS } from '../../contract/observation.ts'
import { DAY } from '../../contract/time.ts'
import type { Quality } from '../derive/quality.ts'
import {
  BadArgument,
  type Calls,
  type FlagMethod,
  type Members,
  membersOf,
  readDevice,
  readOneOf,
  readSpan,
  readWhole,
  UnknownDevice,
} from './calls.ts'

const MOST_FLAGS = 100_000
/** A flag by hand lasts no longer. */
const LONGEST_MS = 400 * DAY
const NOTE_LETTERS = 500

export function openFlagCalls(
  quality: Quality,
  isKnown: (device: string) => boolean,
): Pick<Calls, FlagMethod> {
  return {
    async flags(json) {
      const argument = membersOf(json)
      const { device, metric, after, withRetired } = argument
      return {
        flags: await quality.flags({
          ...readSpan(argument),
          ...(device === undefined ? {} : { device: readDevice(argument) }),
          ...(metric === undefined ? {} : { metric: readMetric(argument) }),
          ...(after === undefined ? {} : { after: readPlace(after) }),
          withRetired: withRetired === true,
          limit: readWhole(argument, 'limit', 1, MOST_FLAGS),
        }),
      }
    },
    async setFlag(json) {
      const argument = membersOf(json)
      const device = readDevice(argument)
      if (!isKnown(device)) throw new UnknownDevice(`there is no device ${device}`)
      const { from, to } = readSpan(argument)
      if (from >= to) throw new BadArgument(`from ${from} is not before to ${to}`)
      if (to - from > LONGEST_MS) throw new BadArgument('a flag lasts 400 days at most')
      const note = argument['note'] === null ? null : readText(argument, 'note', NOTE_LETTERS)
      return {
        flag: await quality.setFlag({
          device,
          metric: readMetric(argument),
          from,
          to,
          flag: readOneOf(argument, 'flag', FLAGS),
          note,
          by: readText(argument, 'by', 63),
        }),
      }
    },
    unsetFlag: async (json) => quality.unsetFlag(readText(membersOf(json), 'id', 200)),
    async judgeAgain(json) {
      const { from, to } = readSpan(membersOf(json))
      return { hours: await quality.judgeAgain(from, to) }
    },
    derivation: async () => quality.progress(),
  }
}

function readMetric({ metric }: Members): string {
  if (typeof metric !== 'string' || !METRIC_NAME.test(metric))
    throw new BadArgument(`metric is ${String(metric)}; a name is ${METRIC_NAME_RULE}`)
  return metric
}

function readText(members: Members, name: string, letters: number): string {
  const text = members[name]
  if (typeof text !== 'string' || text === '' || text.length > letters)
    throw new BadArgument(`${name} is a text of 1 to ${letters} letters`)
  return text
}

function readPlace(after: unknown): { from: number; id: string } {
  const place = membersOf(after)
  const { from } = place
  if (!Number.isSafeInteger(from)) throw new BadArgument('after.from is whole milliseconds')
  return { from: from as number, id: readText(place, 'id', 200) }
}

// What an answer says of its own numbers, so that none stands without unit and rule: a table of units for members whose name does not end
// in one, and a table of the rules by which members were computed. Additions to contract section 4.

import Type, { type Static } from 'typebox'

/** By which a number was computed. */
export const Rule = Type.Object({
  name: Type.String(),
  version: Type.String(),
  source: Type.String({ description: 'standard or publication, with clause' }),
})
export type Rule = Static<typeof Rule>

/** Members of an answer. A key is a member's name, or the names of members on the way to it joined by dots, wherever in the answer they stand. */
export const about = {
  units: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description:
        'member, then its unit, where neither its name nor a `unit` beside it says so; `1` is a number without dimension, such as a share from 0 to 1',
    }),
  ),
  rules: Type.Optional(
    Type.Record(Type.String(), Rule, {
      description: 'member, then the rule by which it, or every number below it, is computed',
    }),
  ),
}

export interface About {
  readonly units: Record<string, string>
  readonly rules: Record<string, Rule>
}

/** Endings of members' names that say their unit (contract section 3: the names of metrics do the same). */
const ENDINGS: readonly (readonly [ending: RegExp, unit: string])[] = [
  [/_per_s$/, '1/s'],
  [/_ms$/, 'ms'],
  [/_s$/, 's'],
  [/_m$/, 'm'],
  [/_pct$/, '%'],
  [/(_b|B|^b)ytes$/, 'B'],
]

/** The unit that the name of a member says; null when it says none. */
export function unitInName(member: string): string | null {
  return ENDINGS.find(([ending]) => ending.test(member))?.[1] ?? null
}

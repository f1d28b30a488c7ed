// The table behind `npm run domain`: every rule of the three domains by its name at the door. A new rule is a row in the table of its
// area; the vectors and the list follow from it.

import { airRules } from './door/air.ts'
import { connectivityRules } from './door/connectivity.ts'
import { qualityRules } from './door/quality.ts'
import type { Rule } from './door/rule.ts'
import { transitRules } from './door/transit.ts'

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>(
  Object.entries({ ...airRules, ...qualityRules, ...connectivityRules, ...transitRules }),
)

/** Names of all rules, in the order of their areas. */
export const FUNCTION_NAMES: readonly string[] = [...RULES.keys()]

export type Outcome =
  | { readonly value: unknown; readonly reason?: string }
  | { readonly error: { readonly code: 'bad_input' | 'unknown_function'; readonly message: string } }

/** What the rule gives for the input; an error names the member that is not of the shape, or the function that is not known. */
export function callFunction(name: string, input: unknown): Outcome {
  const rule = RULES.get(name)
  if (rule === undefined) {
    const message = `${name} is no function of the domain; npm run --silent domain -- --list names them`
    return { error: { code: 'unknown_function', message } }
  }
  const answer = rule(input)
  if (!answer.ok) return { error: { code: 'bad_input', message: answer.message } }
  return { value: answer.value, ...(answer.reason === undefined ? {} : { reason: answer.reason }) }
}

// One rule of the domain as the door of `npm run domain` offers it: the shape of its input, and what it answers.

import type { Shape } from './shape.ts'

export type Answer =
  | { readonly ok: true; readonly value: unknown; readonly reason?: string }
  | { readonly ok: false; readonly message: string }

/** A rule by its input as it came. */
export type Rule = (input: unknown) => Answer

/** What of an input a message shows. */
const SHOWN_CHARACTERS = 60

/**
 * A rule of the domain behind the shape of its input. Where it gives null, `whyNull` stands beside as the reason; where the input is so
 * large that arithmetic overflows, the value is null as well, since an answer is never a number that is none.
 */
export function rule<Input>(
  shape: Shape<Input>,
  answer: (input: Input) => unknown,
  whyNull?: string | ((input: Input) => string),
): Rule {
  return (input) => {
    const read = shape(input, '')
    if (!read.ok) return { ok: false, message: messageOf(input, read.member, read.rule) }
    const value = answer(read.value)
    if (!isAllFinite(value)) return { ok: true, value: null, reason: 'overflow' }
    if (value !== null || whyNull === undefined) return { ok: true, value }
    return { ok: true, value, reason: typeof whyNull === 'string' ? whyNull : whyNull(read.value) }
  }
}

/** Whether all numbers in a value are finite. */
function isAllFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value !== 'object' || value === null || Object.values(value).every(isAllFinite)
}

function messageOf(input: unknown, member: string, rule: string): string {
  if (member === '') return `input is ${shown(input)}; ${rule}`
  return `${member} is ${shown(at(input, member))}; ${rule}`
}

function shown(value: unknown): string {
  if (value === undefined) return 'absent'
  // JSON has no infinity, but a number such as 1e999 is read as one.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}

function at(input: unknown, member: string): unknown {
  let value = input
  for (const step of member.split(/[.[\]]+/).filter((name) => name !== '')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}

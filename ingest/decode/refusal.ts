// What a check returns: the value, or why it was not taken in words that name field, value and rule.

import type { QuarantineReason } from '../../contract/observation.ts'

export interface Refusal {
  readonly ok: false
  readonly reason: QuarantineReason
  readonly detail: string
}

export type Taken<T> = { readonly ok: true; readonly value: T } | Refusal

export const refuse = (reason: QuarantineReason, detail: string): Refusal => ({ ok: false, reason, detail })

/** What was odd and taken all the same, counted by name. */
export type Notes = Record<string, number>

export function note(notes: Notes, name: string): void {
  notes[name] = (notes[name] ?? 0) + 1
}

export function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** A value as a fault message quotes it: short, and never walked into. */
export function shown(value: unknown): string {
  if (value === undefined) return 'absent'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  // JSON has no word for what 1e999 is parsed to.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

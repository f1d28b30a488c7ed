// Finds every number in an answer, with where it stands and what the answer says of it: the unit, the time and the rule that stand beside
// or above it (contract/about.ts). What a number needs is said in number-classes.ts.

import { type Rule, unitInName } from '../../contract/about.ts'

type Members = Readonly<Record<string, unknown>>

export interface FoundNumber {
  readonly value: number
  /** `.hotspots[3].up_s` */
  readonly path: string
  /** Name of the member that it is, or that holds the array it is in. */
  readonly member: string
  /** Names of members from the answer down to it; places in arrays are left out. */
  readonly names: readonly string[]
  /** What holds it, the nearest first; the last is the answer. */
  readonly holders: readonly Members[]
  /** Whole array that it is in, with its place; null outside of one. */
  readonly tuple: { readonly items: readonly unknown[]; readonly place: number } | null
}

/** All numbers below `answer`, the tables that explain them left out. */
export function numbersIn(answer: unknown): readonly FoundNumber[] {
  const found: FoundNumber[] = []
  visit(answer, { path: '', names: [], holders: [], tuple: null }, found)
  return found
}

type Place = Omit<FoundNumber, 'value' | 'member'>

function visit(value: unknown, at: Place, found: FoundNumber[]): void {
  if (typeof value === 'number') {
    found.push({ ...at, value, member: at.names.at(-1) ?? '' })
  } else if (Array.isArray(value)) {
    for (const [place, item] of value.entries()) {
      visit(item, { ...at, path: `${at.path}[${place}]`, tuple: { items: value, place } }, found)
    }
  } else if (isMembers(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (name === 'units' || name === 'rules') continue
      const below = { names: [...at.names, name], holders: [value, ...at.holders], tuple: null }
      visit(member, { path: `${at.path}.${name}`, ...below }, found)
    }
  }
}

/** The unit that the answer says: in its table, beside the number, or at the end of its name. Null: it says none. */
export function unitOf({ names, member, holders }: FoundNumber): string | null {
  for (const { units } of holders) {
    if (!isMembers(units)) continue
    const key = Object.keys(units).find((key) => endsWith(names, key.split('.')))
    if (key !== undefined) return String(units[key])
  }
  const beside = holders[0]?.['unit']
  return unitInName(member) ?? (typeof beside === 'string' ? beside : null)
}

/** True when the answer says of when the number is: a time or a period beside it or above it. */
export function hasTime({ holders }: FoundNumber): boolean {
  return holders.some(
    ({ time, from, to, header }) =>
      isTime(time) || (isTime(from) && isTime(to)) || (isMembers(header) && Number(header['timestamp']) > 0),
  )
}

/** The rule that the answer names: beside the number or above it, or in its table for the member or one that holds it. */
export function ruleOf({ names, holders }: FoundNumber): Rule | null {
  for (const { rule, rules } of holders) {
    if (isRule(rule)) return rule
    if (!isMembers(rules)) continue
    const key = Object.keys(rules).find((key) => contains(names, key.split('.')))
    const named = key === undefined ? null : rules[key]
    if (isRule(named)) return named
  }
  return null
}

function isRule(value: unknown): value is Rule {
  return (
    isMembers(value) && ['name', 'version', 'source'].every((name) => /\S/.test(String(value[name] ?? '')))
  )
}

/** RFC 3339, or a day. */
function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) && Number.isFinite(Date.parse(value))
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function endsWith(names: readonly string[], tail: readonly string[]): boolean {
  return tail.length <= names.length && tail.every((name, place) => names.at(place - tail.length) === name)
}

function contains(names: readonly string[], run: readonly string[]): boolean {
  return names.some((_name, from) => run.every((name, place) => names[from + place] === name))
}

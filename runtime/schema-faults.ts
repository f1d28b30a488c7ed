// What is wrong with a JSON value by a schema, said for the person who wrote it: where, what stands there, and the rule
// in the schema's own words (the `description` nearest to the place).

import type { TSchema } from 'typebox'
import Schema from 'typebox/schema'
import { Settings } from 'typebox/system'

/**
 * Every fault of `value`, one a place, as `center.lat is "x"; a latitude is …`; none when it is well-formed. `root` names
 * the value itself where the whole is wrong.
 */
export function schemaFaults(schema: TSchema, value: unknown, root: string): string[] {
  const byPath = new Map<string, string>()
  for (const error of allErrors(schema, value)) {
    const missing = error.keyword === 'required' ? error.params.requiredProperties : null
    const places =
      missing === null ? [error.instancePath] : missing.map((name) => `${error.instancePath}/${name}`)
    for (const place of places) {
      const steps = place.split('/').slice(1)
      const label = steps.length === 0 ? root : dotted(steps)
      const there = valueAt(value, steps)
      const what = there === undefined ? 'absent' : shown(there)
      if (!byPath.has(label)) byPath.set(label, `${label} is ${what}; ${ruleAt(schema, steps)}`)
    }
  }
  return [...byPath.values()]
}

/** `["3","expect","every_s"]` as `[3].expect.every_s`. */
export function dotted(steps: readonly string[]): string {
  return steps
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')
}

/** The value as JSON, cut to 60 letters. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}

// The library stops at eight errors unless its setting, which is global, says otherwise.
const MOST_ERRORS = 100_000

function allErrors(schema: TSchema, value: unknown) {
  const before = Settings.Get().maxErrors
  Settings.Set({ maxErrors: MOST_ERRORS })
  try {
    const [, errors] = Schema.Errors(schema, value)
    return errors
  } finally {
    Settings.Set({ maxErrors: before })
  }
}

function valueAt(value: unknown, steps: readonly string[]): unknown {
  let here: unknown = value
  for (const step of steps) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = (here as Record<string, unknown>)[step] // an own member, as just seen
  }
  return here
}

function ruleAt(schema: TSchema, steps: readonly string[]): string {
  let here: unknown = schema
  let rule = ruleOf(schema) ?? 'the value is not well-formed'
  for (const step of steps) {
    here = childSchema(here, step)
    rule = ruleOf(here) ?? rule
  }
  return rule
}

function childSchema(schema: unknown, step: string): unknown {
  const properties = valueAt(schema, ['properties', step])
  if (properties !== undefined) return properties
  const items = valueAt(schema, ['items'])
  return Array.isArray(items) ? (items[Number(step)] as unknown) : items
}

function ruleOf(schema: unknown): string | undefined {
  const rule = valueAt(schema, ['description'])
  return typeof rule === 'string' ? rule : undefined
}

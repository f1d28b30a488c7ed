// Checks requests against their TypeBox schemas. Text of a query becomes a number or true/false only where the schema
// says so; a body is taken as it is. The refusal names the parameter and quotes the rule in its `description`.

import type { FastifySchemaCompiler, FastifyTypeProvider } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { wrongParameter } from './refusal.ts'

/** Types handlers by their schemas. */
export interface TypeBoxProvider extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema)
  const isText = httpPart === 'querystring' || httpPart === 'params'
  return (data: unknown) => {
    // No body at all is null, which a schema may take.
    const value = isText ? convertTexts(schema, data) : (data ?? null)
    if (validator.Check(value)) return { value }
    return { error: refusalFor(schema, value, validator.Errors(value)) }
  }
}

interface Properties {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown; readonly description?: unknown }>>
}

function convertTexts(schema: Properties, data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data
  const converted: Record<string, unknown> = { ...data }
  for (const [name, text] of Object.entries(converted)) {
    const type = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name]?.type : undefined
    if (typeof text !== 'string') continue
    if (type === 'integer' && /^-?\d{1,15}$/.test(text)) converted[name] = Number(text)
    if (type === 'boolean' && (text === 'true' || text === 'false')) converted[name] = text === 'true'
  }
  return converted
}

interface Fault {
  readonly keyword: string
  readonly instancePath: string
  readonly params: unknown
  readonly message: string
}

function refusalFor(schema: TSchema, value: unknown, faults: readonly Fault[]) {
  const fault = faults[0]
  if (fault === undefined) return wrongParameter('body', 'it is not well-formed')
  const path = fault.instancePath.split('/').slice(1)
  const member = firstMember(fault.params)
  const steps = member === null ? path : [...path, member]
  const name = steps.length === 0 ? 'body' : steps.join('.')
  if (fault.keyword === 'required') return wrongParameter(name, `${name} is missing`)
  if (fault.keyword === 'additionalProperties') {
    return wrongParameter(name, `${name} is not known here; leave it out`)
  }
  const rule = ruleAt(schema, steps) ?? fault.message
  // What is secret is not said back, not even to who sent it: answers end up in logs of others.
  const there = steps.includes('password') ? 'not as it should be' : shown(valueAt(value, steps))
  return wrongParameter(name, `${name} is ${there}; ${rule}`)
}

function firstMember(params: unknown): string | null {
  const { requiredProperties, additionalProperties } = params as Record<string, unknown>
  const names = [requiredProperties, additionalProperties].find(Array.isArray) as unknown[] | undefined
  return typeof names?.[0] === 'string' ? names[0] : null
}

/** Own words of the schema nearest to the place, or the list of what is allowed. */
function ruleAt(schema: unknown, steps: readonly string[]): string | null {
  let here: unknown = schema
  for (const step of steps) here = valueAt(here, ['properties', step]) ?? valueAt(here, ['items'])
  const allowed = valueAt(here, ['enum'])
  if (Array.isArray(allowed)) return `one of ${allowed.join(', ')} is taken`
  const description = valueAt(here, ['description'])
  return typeof description === 'string' ? description : null
}

function valueAt(value: unknown, steps: readonly string[]): unknown {
  let here: unknown = value
  for (const step of steps) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = (here as Record<string, unknown>)[step]
  }
  return here
}

/** A long text is told by its length. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'missing'
  if (typeof value !== 'string') return JSON.stringify(value)?.slice(0, 60) ?? String(value)
  return value.length <= 60 ? JSON.stringify(value) : `a text of ${value.length} letters`
}

// `/api/docs`: the OpenAPI document as a page, rendered here: no script, no style of another host, so that it stands under
// the same strict policy as everything else.

import { escapeHtml } from './public-pages/html.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema
}

interface Schema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly required?: readonly string[]
}

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }
  readonly responses?: Readonly<
    Record<
      string,
      {
        readonly description?: string
        readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
      }
    >
  >
}

interface Document {
  readonly info?: { readonly title?: string; readonly version?: string; readonly description?: string }
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** A whole HTML page for an OpenAPI document. */
export function renderDocsPage(document: object): string {
  const { info = {}, paths = {} } = document as Document
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const contents = operations.map(
    ({ method, path, operation }) =>
      `<li><a href="#${anchor(method, path)}"><code>${method} ${escapeHtml(path)}</code></a> ${escapeHtml(operation.summary ?? '')}</li>`,
  )
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(info.title ?? '')} API ${escapeHtml(info.version ?? '')}</title></head><body><main>`,
    `<h1>${escapeHtml(info.title ?? '')} API, version ${escapeHtml(info.version ?? '')}</h1>`,
    `<p>${escapeHtml(info.description ?? '')} The same for programs: <a href="/api/openapi.json">openapi.json</a>.</p>`,
    `<nav aria-label="Routes"><ul>${contents.join('')}</ul></nav>`,
    ...operations.map(({ method, path, operation }) => renderOperation(method, path, operation)),
    '</main></body></html>',
  ].join('\n')
}

function renderOperation(method: string, path: string, operation: Operation): string {
  const body = schemaIn(operation.requestBody?.content)
  const answers = Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const schema = schemaIn(response.content)
    return `<dt>${escapeHtml(status)}</dt><dd>${schema === undefined ? escapeHtml(response.description ?? '') : renderSchema(schema)}</dd>`
  })
  return [
    `<section id="${anchor(method, path)}"><h2><code>${method} ${escapeHtml(path)}</code></h2>`,
    `<p>${escapeHtml(operation.summary ?? '')}. ${escapeHtml(operation.description ?? '')}</p>`,
    renderParameters(operation.parameters ?? []),
    body === undefined ? '' : `<h3>Body</h3>${renderSchema(body)}`,
    `<h3>Answers</h3><dl>${answers.join('')}</dl></section>`,
  ].join('')
}

function renderParameters(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(
    ({ name, in: where, required, description, schema }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(where)}${required === true ? ', required' : ''}</td><td>${escapeHtml(typeName(schema ?? {}))}</td><td>${escapeHtml(description ?? schema?.description ?? '')}</td></tr>`,
  )
  return `<h3>Parameters</h3><table><thead><tr><th scope="col">name</th><th scope="col">in</th><th scope="col">type</th><th scope="col">rule</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function renderSchema(schema: Schema): string {
  const note = schema.description === undefined ? '' : `: ${escapeHtml(schema.description)}`
  const inside = schema.type === 'array' ? (schema.items ?? {}) : schema
  const members = Object.entries(membersOf(inside))
  if (members.length === 0) return `<code>${escapeHtml(typeName(schema))}</code>${note}`
  const items = members.map(([name, member]) => {
    const optional = inside.properties !== undefined && inside.required?.includes(name) !== true ? '?' : ''
    return `<li><code>${escapeHtml(name)}${optional}</code> ${renderSchema(member)}</li>`
  })
  return `<code>${escapeHtml(typeName(schema))}</code>${note}<ul>${items.join('')}</ul>`
}

function membersOf(schema: Schema): Readonly<Record<string, Schema>> {
  if (schema.properties !== undefined) return schema.properties
  const [value] = Object.values(schema.patternProperties ?? {})
  if (value !== undefined) return { '(any name)': value }
  const whole = schema.anyOf?.find((member) => member.properties !== undefined)
  return whole?.properties ?? {}
}

function typeName(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.join(' | ')
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeName).join(' | ')
  if (schema.type === 'array') return `list of ${typeName(schema.items ?? {})}`
  return schema.type ?? 'any'
}

function schemaIn(
  content: Readonly<Record<string, { readonly schema?: Schema }>> | undefined,
): Schema | undefined {
  return Object.values(content ?? {})[0]?.schema
}

function anchor(method: string, path: string): string {
  return `${method}${path.replace(/[^A-Za-z0-9]+/g, '-')}`.toLowerCase()
}

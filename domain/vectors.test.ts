import { describe, expect, it } from 'vitest'
import { callFunction, FUNCTION_NAMES } from './functions.ts'
import vectors from './vectors.json' with { type: 'json' }

interface Vector {
  readonly id: string
  readonly fn: string
  readonly input: unknown
  readonly expect: unknown
  /** 0 = equal; else for every number in `expect`. */
  readonly tolerance: 0 | { readonly abs?: number; readonly rel?: number }
  /** Where the expected value comes from; "disputed" ones stand under section D of the domain's rules, which decides. */
  readonly source: string
}

const VECTORS: readonly Vector[] = vectors as unknown as readonly Vector[]

/** Where `actual` is not what `expected` says, within the tolerance; members beyond those expected are allowed. */
function differences(
  actual: unknown,
  expected: unknown,
  tolerance: Vector['tolerance'],
  at = 'value',
): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const slack = tolerance === 0 ? 0 : (tolerance.abs ?? Math.abs(expected) * (tolerance.rel ?? 0))
    return Math.abs(actual - expected) <= slack ? [] : [`${at} is ${actual}, not ${expected}`]
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return [`${at} is ${JSON.stringify(actual)}`]
    return expected.flatMap((item, index) => differences(actual[index], item, tolerance, `${at}[${index}]`))
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return [`${at} is ${JSON.stringify(actual)}`]
    return Object.entries(expected).flatMap(([name, member]) =>
      differences((actual as Record<string, unknown>)[name], member, tolerance, `${at}.${name}`),
    )
  }
  return actual === expected ? [] : [`${at} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`]
}

describe('the worked cases of the domain', () => {
  it('are all there, and reach every function', () => {
    expect(VECTORS.length).toBe(357)
    const reached = new Set(VECTORS.map(({ fn }) => fn))
    expect(FUNCTION_NAMES.filter((name) => !reached.has(name))).toEqual([])
  })

  it.each(VECTORS.map((vector) => [vector.id, vector.source, vector] as const))(
    '%s (%s)',
    (_, __, vector) => {
      const outcome = callFunction(vector.fn, vector.input)
      expect(outcome).not.toHaveProperty('error')
      const value = 'value' in outcome ? outcome.value : undefined
      expect(differences(value, vector.expect, vector.tolerance)).toEqual([])
    },
  )
})

// What the store's thread and its caller say to each other: a call by the name of an engine's method, and its answer. Errors
// keep what callers decide by: the code of a PantauError, and that the store is away.

import { ERROR_CODES, type ErrorCode, PantauError } from '../../contract/errors.ts'
import type { DuckDbEngine, EngineOptions } from './duckdb-engine.ts'
import { StoreAwayError } from './store.ts'

/** The engine as its callers see it, in this thread or in another. */
export type Engine = { [Method in keyof DuckDbEngine]: DuckDbEngine[Method] }
export type EngineMethod = keyof Engine

export const ENGINE_METHODS = [
  'position',
  'write',
  'readings',
  'buckets',
  'distributions',
  'latest',
  'states',
  'putStates',
  'unjudged',
  'judge',
  'judgeAgain',
  'markRaw',
  'flags',
  'putFlag',
  'retireFlag',
  'quarantine',
  'counters',
  'notes',
  'track',
  'planExport',
  'exportPage',
  'forget',
  'dropBefore',
  'markedHours',
  'testedHours',
  'marksOf',
  'clearMarks',
  'deviceWithFlags',
  'rawSince',
  'bytes',
  'checkpoint',
  'health',
  'close',
] as const satisfies readonly EngineMethod[]

/** Fails to compile when a method of the engine is missing in the list above. */
type Missing = Exclude<EngineMethod, (typeof ENGINE_METHODS)[number]>
export const NO_METHOD_IS_MISSING: Missing extends never ? true : never = true

/** Data of the thread at its start. */
export type ThreadStart = EngineOptions

export interface EngineCall {
  readonly id: number
  readonly method: EngineMethod
  readonly given: readonly unknown[]
}

export interface CarriedError {
  readonly message: string
  readonly stack: string | null
  readonly code: ErrorCode | null
  readonly away: boolean
}

/** `id` 0 answers the opening itself. */
export type EngineAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: CarriedError }

export function carry(error: unknown): CarriedError {
  if (!(error instanceof Error)) return { message: String(error), stack: null, code: null, away: false }
  return {
    message: error.message,
    stack: error.stack ?? null,
    code: error instanceof PantauError ? error.code : null,
    away: error instanceof StoreAwayError,
  }
}

export function uncarry({ message, stack, code, away }: CarriedError): Error {
  const error = away
    ? new StoreAwayError(message)
    : code !== null && code in ERROR_CODES
      ? new PantauError(code, message)
      : new Error(message)
  if (stack !== null) error.stack = stack
  return error
}

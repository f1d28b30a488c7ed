// What both lines of InfluxDB have in common for us: lines go in, InfluxQL comes back, what is older or unwanted is removed.
// Two doors stand behind it, since writing and removing differ (`influx1-server.ts`, `influx2-server.ts`).

import { Pool, RequestError } from 'influx/lib/src/pool.js'
import { MINUTE, SECOND } from '../../contract/time.ts'
import { StoreAwayError } from './store.ts'

export type InfluxValue = number | string | boolean | null

/** One series of an answer. */
export interface InfluxTable {
  readonly tags: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly rows: readonly (readonly InfluxValue[])[]
}

/** What became of lines: taken, or refused for ever for the reason given (some of them may have been taken all the same). */
export type InfluxTaken = { readonly ok: true } | { readonly ok: false; readonly detail: string }

export interface Removal {
  readonly measurement: string
  /** All devices when absent. */
  readonly device?: string
  /** All times when absent. */
  readonly before?: number
}

/** Every method throws StoreAwayError when the server does not answer, is too busy or refuses the credentials. */
export interface InfluxServer {
  readonly name: 'influxdb1' | 'influxdb2'
  /** Prefix of a measurement in InfluxQL, such as `"rp".`; empty for the default retention policy. */
  readonly source: string
  /** Takes lines with times in ms. */
  write(lines: string): Promise<InfluxTaken>
  /** One list of series for each statement. */
  query(statements: readonly string[]): Promise<readonly (readonly InfluxTable[])[]>
  remove(removal: Removal): Promise<void>
}

/** A request that stays unanswered for this long makes the store away. */
export const REQUEST_TIMEOUT_MS = 30 * SECOND
const QUERY_TIMEOUT_MS = 2 * MINUTE

/** Hosts stay enabled: ingest decides when to try again, and two clocks that back off would wait for each other. */
const NO_BACKOFF = { getDelay: () => 0, next: () => NO_BACKOFF, reset: () => NO_BACKOFF }

export interface QueryDoor {
  readonly url: string
  readonly database: string
  readonly retentionPolicy: string | null
  readonly headers: Readonly<Record<string, string>>
}

export function poolOf(url: string): Pool {
  const pool = new Pool({ maxRetries: 0, requestTimeout: QUERY_TIMEOUT_MS, backoff: NO_BACKOFF })
  pool.addHost(url)
  return pool
}

/** Statements by way of `/query`, which 1.x and 2.x answer alike. */
export async function queryInflux(
  pool: Pool,
  door: QueryDoor,
  statements: readonly string[],
): Promise<readonly (readonly InfluxTable[])[]> {
  if (statements.length === 0) return []
  const answer: unknown = await pool
    .json({
      method: 'POST',
      path: '/query',
      query: {
        db: door.database,
        ...(door.retentionPolicy === null ? {} : { rp: door.retentionPolicy }),
        epoch: 'ms',
      },
      body: new URLSearchParams({ q: statements.join('; ') }).toString(),
      headers: { ...door.headers },
    })
    .catch((error: unknown) => {
      throw awayFault(error)
    })
  const { results } = answer as InfluxAnswer
  return results.map((result) => {
    if (result.error !== undefined) throw new InfluxQueryError(result.error)
    return (result.series ?? []).map(({ tags, columns, values }) => ({
      tags: tags ?? {},
      columns,
      rows: values ?? [],
    }))
  })
}

/** The form of `/query` answers: https://docs.influxdata.com/influxdb/v1/guides/query_data/ */
interface InfluxAnswer {
  readonly results: readonly {
    readonly error?: string
    readonly series?: readonly {
      readonly tags?: Readonly<Record<string, string>>
      readonly columns: readonly string[]
      readonly values?: readonly (readonly InfluxValue[])[]
    }[]
  }[]
}

/** A statement failed: `database not found`, or a fault of ours. */
export class InfluxQueryError extends Error {
  constructor(message: string) {
    super(`InfluxDB: ${message}`)
    this.name = 'InfluxQueryError'
  }
}

/** HTTP status of an error of the pool; null when there was no answer. */
export function statusOf(error: unknown): number | null {
  return error instanceof RequestError ? (error.res.statusCode ?? null) : null
}

export function awayFault(error: unknown): StoreAwayError {
  const message = error instanceof Error ? error.message : String(error)
  const status = statusOf(error)
  if (status === 401 || status === 403) {
    return new StoreAwayError(`InfluxDB refuses the credentials of PANTAU_STORE (${message})`, {
      cause: error,
    })
  }
  return new StoreAwayError(`InfluxDB does not answer (${message})`, { cause: error })
}

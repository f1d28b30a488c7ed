// InfluxDB 2.x: written to through `@influxdata/influxdb-client` with its own retries off (they end in dropped lines; our log is
// the retry queue), asked through the InfluxQL endpoint for 1.x clients, where the bucket's name is the database's.

import { HttpError, InfluxDB, type WriteApi } from '@influxdata/influxdb-client'
import { PantauError } from '../../contract/errors.ts'
import { formatTime } from '../../contract/time.ts'
import {
  type InfluxServer,
  type InfluxTable,
  type InfluxTaken,
  poolOf,
  type QueryDoor,
  queryInflux,
  REQUEST_TIMEOUT_MS,
  type Removal,
} from './influx-server.ts'
import { StoreAwayError } from './store.ts'

const FORM = 'influxdb2://host:8086/ORG/BUCKET'

/** The door to the bucket of the URL. Throws `bad_setting` when the URL is not of the form or the token is missing. */
export function influx2Server(text: string, token: string | null): InfluxServer {
  if (token === null) {
    throw new PantauError(
      'bad_setting',
      'PANTAU_STORE is influxdb2 without PANTAU_INFLUX_TOKEN; set the token',
    )
  }
  const known = text.replace(/^influxdb2\+tls:/, 'https:').replace(/^influxdb2:/, 'http:')
  const url = URL.canParse(known) ? new URL(known) : null
  const [org, bucket, ...rest] = (url?.pathname ?? '').slice(1).split('/').map(decodeURIComponent)
  if (
    url === null ||
    org === undefined ||
    org === '' ||
    bucket === undefined ||
    bucket === '' ||
    rest.length > 0
  ) {
    throw new PantauError('bad_setting', `PANTAU_STORE is not of the form ${FORM}`)
  }
  if (url.port === '') url.port = '8086'
  return new Influx2Server(`${url.protocol}//${url.host}`, org, bucket, token)
}

class Influx2Server implements InfluxServer {
  readonly name = 'influxdb2'
  readonly source = ''
  readonly #org: string
  readonly #bucket: string
  readonly #client: InfluxDB
  readonly #writer: WriteApi
  readonly #door: QueryDoor
  readonly #pool

  constructor(url: string, org: string, bucket: string, token: string) {
    this.#org = org
    this.#bucket = bucket
    this.#client = new InfluxDB({ url, token, timeout: REQUEST_TIMEOUT_MS })
    this.#writer = this.#client.getWriteApi(org, bucket, 'ms', {
      // A whole body is one record, sent by the flush that follows it.
      batchSize: 2,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      flushInterval: 0,
      maxRetries: 0,
      maxBufferLines: 0,
      // Without this the client logs to the console and decides by itself.
      writeFailed: (error) => Promise.reject(error),
    })
    this.#door = {
      url,
      database: bucket,
      retentionPolicy: null,
      headers: { authorization: `Token ${token}` },
    }
    this.#pool = poolOf(url)
  }

  async write(lines: string): Promise<InfluxTaken> {
    try {
      this.#writer.writeRecord(lines)
      await this.#writer.flush()
      return { ok: true }
    } catch (error) {
      const detail = refusalOf(error)
      if (detail !== null) return { ok: false, detail }
      throw awayFault2(error)
    }
  }

  async query(statements: readonly string[]): Promise<readonly (readonly InfluxTable[])[]> {
    return queryInflux(this.#pool, this.#door, statements)
  }

  async remove({ measurement, device, before }: Removal): Promise<void> {
    const predicate = `_measurement="${measurement}"${device === undefined ? '' : ` AND device="${device}"`}`
    const query = new URLSearchParams({ org: this.#org, bucket: this.#bucket })
    const body = { start: formatTime(0), stop: formatTime(before ?? END_OF_TIME), predicate }
    try {
      await this.#client.transport.request(`/api/v2/delete?${query}`, JSON.stringify(body), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      })
    } catch (error) {
      throw awayFault2(error)
    }
  }
}

/** InfluxDB keeps times up to 2262. */
const END_OF_TIME = Date.UTC(2262, 0, 1)

/**
 * What is wrong with the lines; null when it is not the lines. 400: malformed, or beyond the bucket's retention; 413: too
 * large; 422: points that contradict the schema; 403 is the credentials' unless it speaks of retention.
 */
function refusalOf(error: unknown): string | null {
  if (!(error instanceof HttpError)) return null
  const refused =
    [400, 413, 422].includes(error.statusCode) ||
    (error.statusCode === 403 && error.message.includes('retention'))
  return refused ? error.message : null
}

function awayFault2(error: unknown): StoreAwayError {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof HttpError && [401, 403, 404].includes(error.statusCode)) {
    return new StoreAwayError(`InfluxDB refuses org, bucket or token (${error.statusCode}: ${message})`, {
      cause: error,
    })
  }
  return new StoreAwayError(`InfluxDB does not take lines now (${message})`, { cause: error })
}

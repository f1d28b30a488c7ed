// InfluxDB 1.x through the `influx` package. Its points cost a third of the server's own speed (lines are built in bulk
// in `influx-lines.ts` instead), so its connection pool is what is used, with retries off: our log is the retry queue.

import { escape as influxQl } from 'influx'
import { PantauError } from '../../contract/errors.ts'
import {
  awayFault,
  InfluxQueryError,
  type InfluxServer,
  type InfluxTable,
  type InfluxTaken,
  poolOf,
  type QueryDoor,
  queryInflux,
  type Removal,
  statusOf,
} from './influx-server.ts'
import { StoreAwayError } from './store.ts'

const FORM = 'influxdb1://user:pw@host:8086/db?rp=…'

/** The door to the database of the URL. Throws `bad_setting` when the URL is not of the form. */
export function influx1Server(text: string): InfluxServer {
  const url = parseUrl(text)
  const database = decodeURIComponent(url.pathname.slice(1))
  if (database === '' || database.includes('/')) throw badUrl('it names no database')
  const retentionPolicy = url.searchParams.get('rp')
  const { username, password } = url
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const headers: Record<string, string> =
    username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
  return new Influx1Server({ url: `${url.protocol}//${url.host}`, database, retentionPolicy, headers })
}

function parseUrl(text: string): URL {
  // URL keeps ports and paths apart only for schemes that it knows.
  const known = text.replace(/^influxdb1\+tls:/, 'https:').replace(/^influxdb1:/, 'http:')
  if (!URL.canParse(known)) throw badUrl('it is no URL')
  const url = new URL(known)
  if (url.port === '') url.port = '8086'
  return url
}

function badUrl(what: string): PantauError {
  return new PantauError('bad_setting', `PANTAU_STORE is not of the form ${FORM}: ${what}`)
}

class Influx1Server implements InfluxServer {
  readonly name = 'influxdb1'
  readonly source: string
  readonly #door: QueryDoor
  readonly #pool

  constructor(door: QueryDoor) {
    this.#door = door
    this.source = door.retentionPolicy === null ? '' : `${influxQl.quoted(door.retentionPolicy)}.`
    this.#pool = poolOf(door.url)
  }

  async write(lines: string): Promise<InfluxTaken> {
    return (await this.#write(lines)) ?? (await this.#writeAnew(lines))
  }

  /** Null when the database is not there. */
  async #write(lines: string): Promise<InfluxTaken | null> {
    const { database, retentionPolicy, headers } = this.#door
    try {
      await this.#pool.discard({
        method: 'POST',
        path: '/write',
        query: {
          db: database,
          precision: 'ms',
          ...(retentionPolicy === null ? {} : { rp: retentionPolicy }),
        },
        body: lines,
        headers: { ...headers },
      })
      return { ok: true }
    } catch (error) {
      const status = statusOf(error)
      // 400: some or all lines cannot be taken, the others are stored; 413: the body is too large.
      if (status === 400 || status === 413) return { ok: false, detail: detailOf(error) }
      if (status === 404 && detailOf(error).includes('database not found')) return null
      throw awayFault(error)
    }
  }

  async #writeAnew(lines: string): Promise<InfluxTaken> {
    await this.#createDatabase()
    const taken = await this.#write(lines)
    if (taken !== null) return taken
    throw new StoreAwayError(`InfluxDB has no database ${this.#door.database}, and none could be created`)
  }

  async #createDatabase(): Promise<void> {
    try {
      await queryInflux(this.#pool, this.#door, [`CREATE DATABASE ${influxQl.quoted(this.#door.database)}`])
    } catch (error) {
      throw new StoreAwayError(
        `InfluxDB has no database ${this.#door.database} and does not let this account create it; create it, or give the account the right`,
        { cause: error },
      )
    }
  }

  async query(statements: readonly string[]): Promise<readonly (readonly InfluxTable[])[]> {
    try {
      return await queryInflux(this.#pool, this.#door, statements)
    } catch (error) {
      // Before the first write there is nothing to find.
      if (error instanceof InfluxQueryError && error.message.includes('database not found')) {
        return statements.map(() => [])
      }
      throw error
    }
  }

  async remove({ measurement, device, before }: Removal): Promise<void> {
    const conditions = [
      ...(device === undefined ? [] : [`"device" = ${influxQl.stringLit(device)}`]),
      ...(before === undefined ? [] : [`time < ${before}ms`]),
    ]
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
    // DELETE takes no retention policy; it acts on all of the database's.
    await this.query([`DELETE FROM ${influxQl.quoted(measurement)}${where}`])
  }
}

/** What the server says is wrong: `{"error":"partial write: …"}`. */
function detailOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return /"error":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message
}

// The built interface and the village's base map, from memory: what is served is what lay in the folder at the start, by
// exact name, so that no path of a request ever reaches the disk. Each file has an ETag and goes out compressed.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyRequest } from 'fastify'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.geojson': 'application/geo+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

type Encoding = 'br' | 'gzip' | 'identity'

export interface StaticFile {
  readonly type: string
  readonly body: Buffer
  /** Digest of the body. */
  readonly digest: string
  /** Names of such files carry their digest: they never change. */
  readonly immutable: boolean
  readonly encoded: Map<Encoding, Buffer>
}

/** Every file below `folder` by its path with `/`; `.br` and `.gz` beside a file are taken as its encodings. */
export function readStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>()
  if (!existsSync(folder)) return files
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /\.(br|gz|map)$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split(sep).join('/')
    files.set(name, readStaticFile(path, HASHED_NAME.test(name)))
  }
  return files
}

/** As Vite names what it builds: `assets/index-a1b2c3d4.js`. */
const HASHED_NAME = /^assets\/.*[.-][A-Za-z0-9_-]{8,}\.\w+$/

export function readStaticFile(path: string, immutable = false): StaticFile {
  const file = staticFile(readFileSync(path), extname(path), immutable)
  for (const [ending, encoding] of [
    ['.br', 'br'],
    ['.gz', 'gzip'],
  ] as const) {
    if (existsSync(path + ending)) file.encoded.set(encoding, readFileSync(path + ending))
  }
  return file
}

export function staticFile(body: Buffer, extension: string, immutable: boolean): StaticFile {
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    body,
    digest: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    immutable,
    encoded: new Map(),
  }
}

const SMALLEST_COMPRESSED = 1_024
const brotli = promisify(brotliCompress)
const deflate = promisify(gzip)

/** What this needs of Fastify's reply, whatever schema its route has. */
interface Reply {
  header(name: string, value: string): Reply
  code(status: number): Reply
  type(type: string): Reply
  send(body?: unknown): unknown
}

/** Sends the file, or 304 when the client has it. */
export async function sendStatic(file: StaticFile, request: FastifyRequest, reply: Reply): Promise<void> {
  const encoding = encodingFor(file, request.headers['accept-encoding'])
  const etag = `"${file.digest}${encoding === 'identity' ? '' : `-${encoding}`}"`
  reply
    .header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('etag', etag)
    .header('vary', 'accept-encoding')
  if (isKnown(request.headers['if-none-match'], etag)) {
    reply.code(304).send()
    return
  }
  if (encoding !== 'identity') reply.header('content-encoding', encoding)
  reply.type(file.type).send(await encode(file, encoding))
}

/** True when the list of `If-None-Match` names the tag (RFC 9110 section 13.1.2, weak comparison). */
export function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '')
  return header.trim() === '*' || header.split(',').some((tag) => bare(tag) === bare(etag))
}

function encodingFor(file: StaticFile, accepted: string | undefined): Encoding {
  const isText = /^(text|application|image\/svg)/.test(file.type)
  if (!isText || file.body.length < SMALLEST_COMPRESSED) return 'identity'
  return acceptsEncoding(accepted, 'br') ? 'br' : acceptsEncoding(accepted, 'gzip') ? 'gzip' : 'identity'
}

export function acceptsEncoding(accepted: string | undefined, name: 'br' | 'gzip'): boolean {
  return (accepted ?? '').split(',').some((part) => {
    const [token = '', quality = ''] = part.trim().split(/\s*;\s*/)
    return token.toLowerCase() === name && !/^q=0(\.0*)?$/.test(quality)
  })
}

async function encode(file: StaticFile, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'identity') return file.body
  const kept = file.encoded.get(encoding)
  if (kept !== undefined) return kept
  const made =
    encoding === 'br'
      ? await brotli(file.body, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: 6,
            [constants.BROTLI_PARAM_SIZE_HINT]: file.body.length,
          },
        })
      : await deflate(file.body, { level: 6 })
  file.encoded.set(encoding, made)
  return made
}

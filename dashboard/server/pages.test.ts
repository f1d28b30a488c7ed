import { request } from 'node:http'
import { brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVillage, type Village } from './harness/village.ts'
import { inlineHashes, tilesOrigin } from './security-headers.ts'

let village: Village
beforeAll(async () => {
  village = await startVillage({ environment: { PANTAU_TILES: 'https://{s}.tiles.example/{z}/{x}/{y}.png' } })
})
afterAll(async () => {
  await village.stop()
})

interface Raw {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Raw> {
  return new Promise((done, fail) => {
    const asked = request(village.url + path, { headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }),
      )
    })
    asked.on('error', fail)
    asked.end()
  })
}

describe('pages', () => {
  it.each(['/', '/sign-in', '/infrastructure', '/environment', '/system'])('%s is served', async (path) => {
    const { status, headers } = await get(path)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['cache-control']).toBe('no-cache')
  })

  it('are under a policy that lets nothing in but what is ours, the tiles as images alone', async () => {
    const policy = String((await get('/')).headers['content-security-policy'])
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("object-src 'none'; base-uri 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("img-src 'self' data: blob: https://*.tiles.example;")
    expect(policy.match(/tiles\.example/g)).toHaveLength(1)
    expect(policy).not.toContain('unsafe')
    expect(policy).toContain('https://*.tiles.example')
  })

  it('name the hash of the script that is inlined, and of no other', async () => {
    const { headers, body } = await get('/')
    const { scripts } = inlineHashes(body.toString())
    expect(scripts).toHaveLength(1)
    expect(String(headers['content-security-policy'])).toContain(`script-src 'self' ${scripts[0]};`)
  })

  it('tell the page of the tiles’ host', async () => {
    const { tiles } = JSON.parse((await get('/api/v1/village')).body.toString()) as {
      tiles: { host: string }
    }
    expect(tiles.host).toBe('a.tiles.example')
  })

  it('have a readable API among them, without script', async () => {
    const { status, body } = await get('/api/docs')
    expect(status).toBe(200)
    expect(body.toString()).toContain('/api/v1/devices/{id}/readings')
    expect(body.toString()).not.toMatch(/<script|<style|style=|https?:\/\//)
  })
})

describe('files', () => {
  it('of a hashed name are kept for ever, and go out compressed', async () => {
    const { headers, body } = await get('/assets/index-a1b2c3d4.js', { 'accept-encoding': 'gzip, br' })
    expect(headers['cache-control']).toContain('immutable')
    expect(headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(body).toString()).toMatch(/^\/\/ x+\n$/)
  })

  it('of the base map have an ETag, and are answered by 304 to who has them', async () => {
    const first = await get('/village/streets.geojson')
    expect(first.status).toBe(200)
    const again = await get('/village/streets.geojson', { 'if-none-match': String(first.headers['etag']) })
    expect(again.status).toBe(304)
    expect(again.body.length).toBe(0)
  })

  it.each([
    '/village/registry.json',
    '/village/../registry.json',
    '/village/..%2fregistry.json',
    '/village//etc/passwd',
    '/assets/../../registry.json',
    '/assets/',
    '/index.html.br',
    '/..%5cregistry.json',
  ])('%s is none', async (path) => {
    expect((await get(path)).status).toBe(404)
  })
})

describe('the origin of a tile template', () => {
  it.each([
    ['https://tiles.example:8443/{z}/{x}/{y}.png', 'https://tiles.example:8443'],
    ['https://{s}.tile.example/{z}/{x}/{y}.png', 'https://*.tile.example'],
    ['javascript:alert(1)', null],
    ['not a url', null],
    [null, null],
  ])('%s is %s', (template, origin) => {
    expect(tilesOrigin(template)).toBe(origin)
  })
})

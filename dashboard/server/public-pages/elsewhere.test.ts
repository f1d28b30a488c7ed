// Pages and feeds for those who do not open the map: screen, card, poster, planned work, privacy, rules.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatTime } from '../../../contract/time.ts'
import { startVillage, type Village } from '../harness/village.ts'
import { folded } from './maintenance-feeds.ts'
import { isOfThisMachine } from './page-parts.ts'
import { publicFields } from './privacy-page.ts'

let village: Village
beforeAll(async () => {
  village = await startVillage()
  const answer = await fetch(`${village.url}/api/v1/maintenance`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${village.tokens.infrastructure}`,
    },
    body: JSON.stringify({
      devices: ['hs-1'],
      from: formatTime(village.now + 3_600_000),
      to: formatTime(village.now + 7_200_000),
      reason: 'Budi replaces the antenna',
    }),
  })
  expect(answer.status).toBe(201)
})
afterAll(async () => {
  await village.stop()
})

async function get(path: string): Promise<{ text: string; headers: Headers }> {
  const answer = await fetch(village.url + path, { headers: { 'accept-language': 'id' } })
  expect(answer.status).toBe(200)
  return { text: await answer.text(), headers: answer.headers }
}

describe('planned work', () => {
  it('is an Atom feed with devices and times, without who announced it or why', async () => {
    const { text, headers } = await get('/feeds/maintenance.atom')
    expect(headers.get('content-type')).toContain('application/atom+xml')
    expect(text).toMatch(/^<\?xml version="1.0" encoding="utf-8"\?>/)
    expect(text).toContain('<title>Pemeliharaan: Device hs-1</title>')
    expect(text.match(/<updated>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z<\/updated>/g)).toHaveLength(2)
    expect(text).not.toMatch(/Budi|antenna|infrastructure-person/)
  })

  it('is a calendar of lines that end in CRLF and hold at most 75 bytes', async () => {
    const { text, headers } = await get('/feeds/maintenance.ics')
    expect(headers.get('content-type')).toContain('text/calendar')
    const lines = text.split('\r\n')
    expect(lines.at(-1)).toBe('')
    expect(lines[0]).toBe('BEGIN:VCALENDAR')
    expect(lines.filter((line) => Buffer.byteLength(line) > 75 || line.includes('\n'))).toEqual([])
    expect(lines).toContain('SUMMARY:Pemeliharaan: Device hs-1')
    expect(text).toMatch(/\r\nDTSTART:\d{8}T\d{6}Z\r\n/)
    expect(text).not.toMatch(/Budi|antenna|infrastructure-person/)
  })

  it('folds within no letter (RFC 5545 section 3.1)', () => {
    const rows = folded(`SUMMARY:${'é'.repeat(80)}`)
    expect(rows.every((row) => Buffer.byteLength(row) <= 75)).toBe(true)
    expect(rows.map((row, at) => (at === 0 ? row : row.slice(1))).join('')).toBe(`SUMMARY:${'é'.repeat(80)}`)
  })
})

describe('a card', () => {
  it('may stand in any page, and is the only one that may', async () => {
    const card = await get('/embed?place=hs-1')
    expect(card.headers.get('content-security-policy')).toContain('frame-ancestors *')
    expect(card.headers.get('x-frame-options')).toBeNull()
    expect(card.text).toContain('Di sekitar: Device hs-1')
    for (const path of ['/', '/ringan', '/kiosk', '/bagikan', '/poster', '/privasi', '/sign-in']) {
      const { headers } = await get(path)
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('x-frame-options')).toBe('DENY')
    }
  })

  it('is embedded by one line, which names this host', async () => {
    const { text } = await get('/bagikan?place=hs-1')
    expect(text).toContain(`&#60;iframe src=&#34;${village.url}/embed?place=hs-1&#34;`)
  })

  it('changes no place or language of the reader', async () => {
    expect((await get('/embed?place=hs-1&lang=en')).headers.getSetCookie()).toEqual([])
    expect((await get('/kiosk?place=hs-1')).headers.getSetCookie()).toEqual([])
  })
})

describe('a screen', () => {
  it('of a stop that is none is not found', async () => {
    expect((await fetch(`${village.url}/kiosk?stop=none`)).status).toBe(404)
  })
})

describe('an address that is none', () => {
  const asked = async (path: string, accept: string, language = 'id') =>
    fetch(village.url + path, { headers: { accept, 'accept-language': language } })

  it('is told to a reader in words, with the ways back, and to a program as a problem', async () => {
    for (const path of ['/halte', '/kiosk?stop=none', '/village/none.geojson']) {
      const page = await asked(path, 'text/html,application/xhtml+xml,*/*;q=0.8')
      expect(page.status, path).toBe(404)
      expect(page.headers.get('content-type'), path).toBe('text/html; charset=utf-8')
      const text = await page.text()
      expect(text, path).toContain('<h1>Halaman ini tidak ada</h1>')
      for (const href of ['/', '/ringan', '/cara-hitung', '/privasi', '/bagikan'])
        expect(text, path).toContain(`<a href="${href}">`)
      const problem = await asked(path, '*/*')
      expect(problem.status, path).toBe(404)
      expect(problem.headers.get('content-type'), path).toContain('application/problem+json')
    }
    expect(await (await asked('/halte', 'text/html', 'en')).text()).toContain('There is no such page')
  })

  it('is a problem of the API in a browser too', async () => {
    const { status, headers } = await asked('/api/v1/none', 'text/html')
    expect(status).toBe(404)
    expect(headers.get('content-type')).toContain('application/problem+json')
  })
})

describe('a poster', () => {
  it('holds the name, a code and the address of the place', async () => {
    const { text } = await get('/poster?place=hs-1')
    expect(text).toContain('<h1>Device hs-1</h1>')
    expect(text).toContain(`aria-label="${village.url}/?place=hs-1"`)
    expect(text).toMatch(/<path d="M4 4h1v1h-1z/)
  })

  it('says that its address leads nowhere but here, when it was opened by the address of this machine', async () => {
    const { text } = await get('/poster?place=hs-1')
    expect(text).toContain(`Alamat ${village.url} hanya berlaku di komputer ini`)
    expect((await get('/bagikan?place=hs-1')).text).toContain('hanya berlaku di komputer ini')
    for (const here of ['http://localhost', 'https://127.0.0.1:8443', 'http://[::1]:8080', 'http://0.0.0.0'])
      expect(isOfThisMachine(here), here).toBe(true)
    for (const there of ['http://192.168.1.7:8080', 'https://pantau.cideng.id', 'http://localhost.cideng.id'])
      expect(isOfThisMachine(there), there).toBe(false)
  })

  it('is for a place alone', async () => {
    expect((await get('/poster')).text).toContain('Pilih dahulu satu titik')
  })
})

describe('the privacy page', () => {
  it('lists every member that a public answer has, and no other as public', async () => {
    const { shown, staffOnly } = publicFields()
    expect(staffOnly).toEqual(['clockOffset_ms', 'conflicts', 'cloneSuspected'])
    const answer = await fetch(`${village.url}/api/v1/devices`)
    const { features } = (await answer.json()) as { features: { properties: object }[] }
    for (const { properties, ...outside } of features) {
      const members = [...Object.keys(outside), ...Object.keys(properties)].filter((name) => name !== 'type')
      expect(shown).toEqual(expect.arrayContaining(members))
    }
    const { text } = await get('/privasi')
    for (const name of [...shown, ...staffOnly])
      expect(text).toMatch(new RegExp(`<code>${name}</code></th><td>[^<]`))
  })
})

describe('the page of rules', () => {
  it('takes the bounds of ISPU from the rule: P.14/2020 has 15.5, 55.4, 150.4 and 250.4 for PM2.5', async () => {
    const { text } = await get('/cara-hitung')
    for (const bound of ['15,5', '55,4', '150,4', '250,4']) expect(text).toContain(`>${bound}<`)
  })
})

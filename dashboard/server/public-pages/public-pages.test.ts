import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleDevice, sampleDevices, startVillage, type Village } from '../harness/village.ts'
import { acceptedLanguage } from './visitor.ts'

const NASTY = `<img src=x onerror=alert(1)>"'&`

let village: Village
beforeAll(async () => {
  const now = Date.now()
  village = await startVillage({
    devices: [
      ...sampleDevices(now),
      sampleDevice({
        id: 'hs-0',
        kind: 'hotspot',
        name: NASTY,
        lastSeen: now,
        position: { lat: -6.17, lon: 106.807 },
      }),
    ],
  })
})
afterAll(async () => {
  await village.stop()
})

async function page(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ text: string; headers: Headers }> {
  const answer = await fetch(village.url + path, { headers })
  expect(answer.status).toBe(200)
  return { text: await answer.text(), headers: answer.headers }
}

/** What a reader without script or style sees. */
function seen(html: string): string {
  return html
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
}

describe.each(['/', '/ringan'])('%s', (path) => {
  it('says the three answers, each with its time, before any script', async () => {
    const text = seen((await page(path, { 'accept-language': 'id' })).text)
    expect(text).toMatch(/2 dari 2 titik Wi-Fi terdekat aktif/)
    expect(text).toMatch(/pukul \d\d\.\d\d WIB/)
    expect(text).toMatch(/ISPU 72, Sedang Masih aman beraktivitas di luar\./)
    expect(text).toMatch(/Rata-rata 24 jam s\.d\. \d\d\.\d\d WIB/)
    expect(text).toMatch(/Bus dan angkot/)
    expect(text).toMatch(/Data pukul \d\d\.\d\d WIB/)
  })

  it('is in Indonesian unless the address, the cookie or the browser says otherwise, in this order', async () => {
    const language = async (address: string, headers: Record<string, string>) =>
      /<html lang="(\w+)"/.exec((await page(address, headers)).text)?.[1]
    expect(await language(path, {})).toBe('id')
    expect(await language(path, { 'accept-language': 'en-GB,en;q=0.9' })).toBe('en')
    expect(await language(path, { 'accept-language': 'en-GB', cookie: 'pantau_lang=id' })).toBe('id')
    expect(await language(`${path}?lang=en`, { cookie: 'pantau_lang=id' })).toBe('en')
  })

  it('lets no name of a device become markup', async () => {
    const { text } = await page(path)
    expect(text).not.toContain('<img src=x')
    expect(text).toContain('&#60;img src=x onerror=alert(1)&#62;')
  })

  it('is about the place that was picked, and forgets one that is none', async () => {
    const around = async (cookie: string): Promise<string> =>
      /Di sekitar: [^<]*/.exec((await page(path, { cookie })).text)?.[0] ?? ''
    expect(await around('')).toBe('Di sekitar: Pusat Cideng')
    expect(await around('pantau_place=hs-1')).toBe('Di sekitar: Device hs-1')
    expect(await around('pantau_place=hs-999')).toBe('Di sekitar: Pusat Cideng')
    expect(await around('pantau_place=%E0%A4%A')).toBe('Di sekitar: Pusat Cideng')
    expect(await around('pantau_place=-6.17,106.8')).toBe('Di sekitar: Pusat Cideng')
  })

  it('keeps what the address chooses', async () => {
    const { headers } = await page(`${path}?lang=en&place=hs-1`)
    const cookies = headers.getSetCookie().join('\n')
    expect(cookies).toContain('pantau_lang=en; Path=/')
    expect(cookies).toContain('pantau_place=hs-1; Path=/')
    expect((await page(`${path}?lang=xx&place=nowhere`)).headers.getSetCookie()).toEqual([])
  })

  it('tells the public nothing that is for staff', async () => {
    const { text } = await page(path, { authorization: `Bearer ${village.tokens.admin}` })
    expect(text).not.toContain('clockOffset_ms')
    expect(text).not.toContain('conflicts')
  })
})

describe('the light page', () => {
  it('is under 15 KB as a whole, and has no script', async () => {
    const { text } = await page('/ringan')
    expect(text.length).toBeLessThan(15_000)
    expect(text).not.toMatch(/<script|<[^>]*\son\w+=|src="http/)
  })

  it('finds a place by its name, and says when there is none', async () => {
    expect((await page('/ringan?q=device+hs')).text).toContain('href="/ringan?place=hs-1"')
    const { text } = await page('/ringan?q=<b>nirgends</b>')
    expect(seen(text)).toContain('Tidak ditemukan: &#34;&#60;b&#62;nirgends')
    expect(text).not.toContain('<b>')
  })
})

describe('the language that a browser accepts', () => {
  it.each([
    [undefined, null],
    ['*', null],
    ['de', null],
    ['en-US', 'en'],
    ['in-ID, en;q=0.5', 'id'],
    ['en;q=0.3, id;q=0.9', 'id'],
    ['id;q=0, en;q=0.1', 'en'],
  ])('%s is %s', (header, language) => {
    expect(acceptedLanguage(header)).toBe(language)
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readZip, writeZip, ZIP_LIMITS } from './zip.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** An archive of one entry whose headers say what the test wants, true or not. */
function craft(entry: {
  name: string
  content: Uint8Array
  statedBytes?: number
  flags?: number
  method?: number
  crc?: number
}): Uint8Array {
  const archive = Buffer.from(writeZip(new Map([[entry.name, entry.content]])))
  const directory = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
  if (entry.statedBytes !== undefined) archive.writeUInt32LE(entry.statedBytes, directory + 24)
  if (entry.flags !== undefined) archive.writeUInt16LE(entry.flags, directory + 8)
  if (entry.method !== undefined) archive.writeUInt16LE(entry.method, directory + 10)
  if (entry.crc !== undefined) archive.writeUInt32LE(entry.crc, directory + 16)
  return archive
}

describe('zip', () => {
  it('what is written is read back, folders and order apart', () => {
    const files = new Map([
      ['b.txt', text('two')],
      ['a/c.txt', text('')],
      ['a.txt', text('one'.repeat(1000))],
    ])
    const read = readZip(writeZip(files))
    expect(read.ok && Object.fromEntries(read.files)).toEqual(Object.fromEntries(files))
  })

  it('equal content gives equal bytes, whatever its order', () => {
    const one = writeZip(
      new Map([
        ['a', text('1')],
        ['b', text('2')],
      ]),
    )
    const two = writeZip(
      new Map([
        ['b', text('2')],
        ['a', text('1')],
      ]),
    )
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(true)
  })

  const noise = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251)
  const refused: [string, Uint8Array, string][] = [
    ['a text', text('hello'), 'the file is no zip archive (it has no end of central directory)'],
    ['an empty file', new Uint8Array(), 'the file is no zip archive (it has no end of central directory)'],
    [
      'a torn archive',
      writeZip(new Map([['a.txt', noise]])).subarray(0, 400),
      'the file is no zip archive (it has no end of central directory)',
    ],
    [
      'a name that leads upwards',
      writeZip(new Map([['../a.txt', text('x')]])),
      '"../a.txt" is a name that leads out of the archive',
    ],
    [
      'an absolute name',
      writeZip(new Map([['/etc/passwd', text('x')]])),
      '"/etc/passwd" is a name that leads out of the archive',
    ],
    [
      'a drive letter',
      writeZip(new Map([['C:a.txt', text('x')]])),
      '"C:a.txt" is a name that leads out of the archive',
    ],
    [
      'a back slash',
      writeZip(new Map([['a\\..\\b', text('x')]])),
      '"a\\\\..\\\\b" is a name that leads out of the archive',
    ],
    [
      'an entry that states less than it holds',
      craft({ name: 'zeros.txt', content: new Uint8Array(10_000_000), statedBytes: 1000 }),
      'zeros.txt does not inflate to the size it states',
    ],
    [
      'an entry that states more than it holds',
      craft({ name: 'a.txt', content: noise, statedBytes: 6000 }),
      'a.txt does not inflate to the size it states',
    ],
    ['an encrypted entry', craft({ name: 'a.txt', content: noise, flags: 1 }), 'a.txt is encrypted'],
    [
      'an unknown method',
      craft({ name: 'a.txt', content: noise, method: 12 }),
      'a.txt is packed by method 12; 0 and 8 are read',
    ],
    ['a wrong checksum', craft({ name: 'a.txt', content: noise, crc: 1 }), 'a.txt fails its checksum'],
  ]
  for (const [what, bytes, detail] of refused) {
    it(`${what} is refused`, () => expect(readZip(bytes)).toEqual({ ok: false, detail }))
  }

  it('a bomb is refused by its ratio', () => {
    // Ten million zeros deflate to about 10 KB, whatever the library.
    const read = readZip(writeZip(new Map([['zeros.txt', new Uint8Array(10_000_000)]])))
    expect(read).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^zeros\.txt inflates 10\d\d to 1; at most 100 to 1 is read$/),
    })
  })

  it('more entries than the limit are refused', () => {
    const files = new Map(Array.from({ length: 4 }, (_, index) => [`${index}.txt`, text('x')] as const))
    expect(readZip(writeZip(files), { ...ZIP_LIMITS, maxEntries: 3 })).toEqual({
      ok: false,
      detail: 'the archive holds 4 entries; at most 3 are read',
    })
  })

  it('entries that together go beyond the total are refused', () => {
    const files = new Map([
      ['a', noise],
      ['b', noise],
    ])
    expect(readZip(writeZip(files), { ...ZIP_LIMITS, maxTotalBytes: 9000 })).toEqual({
      ok: false,
      detail: 'the archive inflates to more than 9000 bytes',
    })
  })

  it('two entries over the same bytes are refused', () => {
    const archive = Buffer.from(
      writeZip(
        new Map([
          ['a.txt', noise],
          ['b.txt', noise],
        ]),
      ),
    )
    const first = archive.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
    const second = archive.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]), first + 4)
    archive.writeUInt32LE(archive.readUInt32LE(first + 42), second + 42)
    expect(readZip(archive)).toEqual({ ok: false, detail: 'b.txt overlaps another entry' })
  })

  it('random damage never throws', () => {
    const archive = writeZip(
      new Map([
        ['a.txt', noise],
        ['b.txt', text('x')],
      ]),
    )
    for (let at = 0; at < archive.length; at += 1) {
      const damaged = Uint8Array.from(archive)
      damaged[at] = (damaged[at] ?? 0) ^ 0xff
      expect(() => readZip(damaged), `byte ${at}`).not.toThrow()
    }
    for (let length = 0; length < archive.length; length += 7)
      expect(() => readZip(archive.subarray(0, length))).not.toThrow()
  })

  it("this repository's own feed is within the limits", () => {
    const read = readZip(readFileSync(new URL('../villages/cideng/noncommercial/gtfs.zip', import.meta.url)))
    expect(read.ok && [...read.files.keys()]).toContain('stop_times.txt')
  })
})

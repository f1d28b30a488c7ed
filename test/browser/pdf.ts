// The text of a PDF that Chromium wrote, page by page: streams are inflated, glyphs are read through the fonts' own tables
// (ISO 32000-1, 9.10.3). It knows what Skia writes and no more.

import { inflateSync } from 'node:zlib'

/** The shorter side and the longer one, rounded. */
export const A4_PT: readonly number[] = [595, 842]

export interface PdfPage {
  readonly widthPt: number
  readonly heightPt: number
  /** As it is drawn, without spaces: where they are is a matter of place. */
  readonly text: string
}

export function pdfPages(pdf: Buffer): readonly PdfPage[] {
  const objects = objectsOf(pdf)
  return [...objects.values()]
    .filter(({ head }) => /\/Type \/Page\b/.test(head))
    .map(({ head }) => {
      const [, , width = '0', height = '0'] =
        /\/MediaBox \[([^\]]*)\]/.exec(head)?.[1]?.trim().split(/\s+/) ?? []
      const content = objects.get(/\/Contents (\d+) 0 R/.exec(head)?.[1] ?? '')?.stream ?? ''
      return {
        widthPt: Number(width),
        heightPt: Number(height),
        text: textOf(content, fontsOf(head, objects)),
      }
    })
}

interface PdfObject {
  readonly head: string
  /** Inflated. */
  readonly stream: string
}

function objectsOf(pdf: Buffer): ReadonlyMap<string, PdfObject> {
  const whole = pdf.toString('latin1')
  const objects = new Map<string, PdfObject>()
  for (const match of whole.matchAll(/(\d+) 0 obj\s([\s\S]*?)endobj/g)) {
    const [, number = '', body = ''] = match
    const begin = /stream\r?\n/.exec(body)
    if (begin === null) objects.set(number, { head: body, stream: '' })
    else {
      const head = body.slice(0, begin.index)
      const length = Number(/\/Length (\d+)/.exec(head)?.[1] ?? 0)
      const from = match.index + match[0].indexOf(body) + begin.index + begin[0].length
      const bytes = pdf.subarray(from, from + length)
      const isFlate = head.includes('/FlateDecode') && !head.includes('/Subtype /Image')
      objects.set(number, { head, stream: isFlate ? inflateSync(bytes).toString('latin1') : '' })
    }
  }
  return objects
}

/** Glyph to text, of each font that the page names. */
function fontsOf(
  head: string,
  objects: ReadonlyMap<string, PdfObject>,
): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const fonts = /\/Font\s*<<([\s\S]*?)>>/.exec(head)?.[1] ?? ''
  return new Map(
    [...fonts.matchAll(/\/(\w+) (\d+) 0 R/g)].map(([, name = '', number = '']) => {
      const table = /\/ToUnicode (\d+) 0 R/.exec(objects.get(number)?.head ?? '')?.[1] ?? ''
      return [name, glyphsOf(objects.get(table)?.stream ?? '')]
    }),
  )
}

function glyphsOf(table: string): ReadonlyMap<number, string> {
  const glyphs = new Map<number, string>()
  const letters = (hex: string): string =>
    (hex.match(/.{4}/g) ?? []).map((unit) => String.fromCharCode(Number.parseInt(unit, 16))).join('')
  for (const [, block = ''] of table.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
    for (const [, glyph = '', text = ''] of block.matchAll(/<(\w+)>\s*<(\w+)>/g))
      glyphs.set(Number.parseInt(glyph, 16), letters(text))
  for (const [, block = ''] of table.matchAll(/beginbfrange([\s\S]*?)endbfrange/g))
    for (const [, from = '', to = '', text = ''] of block.matchAll(/<(\w+)>\s*<(\w+)>\s*<(\w+)>/g)) {
      const first = Number.parseInt(from, 16)
      for (let glyph = first; glyph <= Number.parseInt(to, 16); glyph += 1)
        glyphs.set(glyph, String.fromCharCode(Number.parseInt(text, 16) + glyph - first))
    }
  return glyphs
}

function textOf(content: string, fonts: ReadonlyMap<string, ReadonlyMap<number, string>>): string {
  let glyphs: ReadonlyMap<number, string> = new Map()
  let text = ''
  for (const [, font, hex] of content.matchAll(/\/(\w+) [\d.]+ Tf|<([0-9A-Fa-f]+)>/g)) {
    if (font !== undefined) glyphs = fonts.get(font) ?? new Map()
    for (const glyph of hex?.match(/.{4}/g) ?? []) text += glyphs.get(Number.parseInt(glyph, 16)) ?? ''
  }
  return text.replaceAll(/\s/g, '')
}

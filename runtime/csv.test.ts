import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCsv, parseCsv, parseCsvLine } from './csv.ts'

describe('parseCsv', () => {
  // RFC 4180 section 2, items 1 to 7, and what GTFS feeds in use add.
  const taken: [string, string, { header: string[]; rows: string[][] }][] = [
    ['rows end in CRLF', 'a,b\r\n1,2\r\n', { header: ['a', 'b'], rows: [['1', '2']] }],
    ['the last line needs no end', 'a,b\n1,2', { header: ['a', 'b'], rows: [['1', '2']] }],
    ['spaces belong to the field', 'a,b\n 1 , 2', { header: ['a', 'b'], rows: [[' 1 ', ' 2']] }],
    ['a quoted field holds commas', 'a,b\n"1,5",2', { header: ['a', 'b'], rows: [['1,5', '2']] }],
    ['a quoted field holds line breaks', 'a,b\n"1\r\n5",2', { header: ['a', 'b'], rows: [['1\r\n5', '2']] }],
    ['a doubled quote is one quote', 'a\n"say ""ya"""', { header: ['a'], rows: [['say "ya"']] }],
    ['empty fields are kept', 'a,b,c\n,,\n', { header: ['a', 'b', 'c'], rows: [['', '', '']] }],
    ['a byte order mark is taken off', '\uFEFFa,b\n1,2', { header: ['a', 'b'], rows: [['1', '2']] }],
    ['empty lines are passed over', 'a\n\n1\r\n\r\n', { header: ['a'], rows: [['1']] }],
    ['a quoted empty field is a row', 'a\n""\n', { header: ['a'], rows: [['']] }],
    ['an empty text has no columns', '', { header: [], rows: [] }],
    ['a header alone has no rows', 'a,b\n', { header: ['a', 'b'], rows: [] }],
  ]
  for (const [statement, text, table] of taken) {
    it(statement, () => expect(parseCsv(text)).toEqual(table))
  }

  const refused: [string, string, string][] = [
    ['a short row', 'a,b\n1,2\n3\n', 'line 3 has 1 fields; the header has 2'],
    ['a long row', 'a,b\n1,2,3\n', 'line 2 has 3 fields; the header has 2'],
    ['a quote inside a bare field', 'a,b\n1,2"3\n', 'line 2 has a quote inside a field that is not quoted'],
    [
      'text after a closing quote',
      'a,b\n"1"x,2\n',
      'line 2 has text after a closing quote, or a lone carriage return',
    ],
    ['a quote left open', 'a,b\n"1\n\n2,3', 'line 2 opens a quote that is never closed'],
    ['a column named twice', 'a,b,a\n', 'line 1 names the column a twice'],
    ['a fault after a quoted line break', 'a,b\n"x\ny",2\n3\n', 'line 4 has 1 fields; the header has 2'],
  ]
  for (const [what, text, message] of refused) {
    it(`${what} is refused with its line`, () => expect(() => parseCsv(text)).toThrow(message))
  }

  it('more rows than the limit are refused', () => {
    expect(() => parseCsv('a\n1\n2\n3', { maxRows: 2 })).toThrow(
      'line 4 is one too many; at most 2 rows are read',
    )
  })

  it('what formatCsv writes, parseCsv reads back', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é', '9') })
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { maxLength: 8 }))
    fc.assert(
      fc.property(table, (rows) => {
        const header = (rows[0] ?? ['x', 'y']).map((_, index) => `column_${index}`)
        expect(parseCsv(formatCsv({ header, rows }))).toEqual({ header, rows })
      }),
    )
  })
})

describe('parseCsvLine', () => {
  it('gives the fields of one line, equal ones too', () => {
    expect(parseCsvLine('a,,"b,""c""",,a', 3)).toEqual(['a', '', 'b,"c"', '', 'a'])
  })

  it.each([
    ['a,"b', 'line 7 opens a quote that is never closed'],
    ['a\nb', 'line 7 holds a line break'],
    ['a"b', 'line 7 has a quote inside a field that is not quoted'],
  ])('%j is refused with its line', (text, fault) => {
    expect(() => parseCsvLine(text, 7)).toThrow(fault)
  })
})

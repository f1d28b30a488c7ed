import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inert, ofInert } from './spreadsheet.ts'

describe('a text in a cell', () => {
  it.each([
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ['+62812', "'+62812"],
    ['-1+2+cmd|x', "'-1+2+cmd|x"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', "'\r=1"],
    ["'=1", "''=1"],
    ['R1', 'R1'],
    ["Jum'at", "Jum'at"],
    ['', ''],
  ])('%j is written as %j', (text, cell) => {
    expect(inert(text)).toBe(cell)
  })

  it('begins with nothing that a spreadsheet runs, and comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', "'", 'a', '1') }),
        (text) => {
          expect(inert(text)).not.toMatch(/^[=+\-@\t\r]/)
          expect(ofInert(inert(text))).toBe(text)
        },
      ),
    )
  })
})

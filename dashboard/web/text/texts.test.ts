import { describe, expect, it } from 'vitest'
import { en } from './en.ts'
import { id, type Message, type TextKey } from './id.ts'

const formsOf = (message: Message): string[] =>
  typeof message === 'string' ? [message] : Object.values(message)
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

describe('texts', () => {
  it('have the same keys and fill in the same names in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(id).sort())
    for (const key of Object.keys(id) as TextKey[]) {
      const wanted = placeholders(formsOf(id[key])[0] ?? '')
      for (const form of [...formsOf(id[key]), ...formsOf(en[key])])
        expect([key, placeholders(form)]).toEqual([key, wanted])
    }
  })
})

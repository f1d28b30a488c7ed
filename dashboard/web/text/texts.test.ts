import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { en } from './en.ts'
import { id, type TextKey } from './id.ts'
import type { Message } from './message.ts'

const formsOf = (message: Message): string[] =>
  typeof message === 'string' ? [message] : Object.values(message)
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

/** The keys of every file of a language, one after another. */
async function keysOfFiles(language: 'id' | 'en'): Promise<string[]> {
  const files = readdirSync(new URL(language, import.meta.url)).sort()
  const modules = await Promise.all(
    files.map(
      (file) =>
        import(/* @vite-ignore */ new URL(`${language}/${file}`, import.meta.url).href) as Promise<
          Record<string, Record<string, Message>>
        >,
    ),
  )
  return modules.flatMap((module) => Object.values(module).flatMap((part) => Object.keys(part)))
}

describe('texts', () => {
  it('have the same keys and fill in the same names in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(id).sort())
    for (const key of Object.keys(id) as TextKey[]) {
      const wanted = placeholders(formsOf(id[key])[0] ?? '')
      for (const form of [...formsOf(id[key]), ...formsOf(en[key])])
        expect([key, placeholders(form)]).toEqual([key, wanted])
    }
  })

  it('stand in one file each', async () => {
    expect((await keysOfFiles('id')).sort()).toEqual(Object.keys(id).sort())
    expect((await keysOfFiles('en')).sort()).toEqual(Object.keys(en).sort())
  })
})

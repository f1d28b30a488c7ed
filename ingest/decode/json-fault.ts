// Where a text stops being JSON (RFC 8259). V8's own messages give the place only sometimes, and in words that change from
// version to version; this runs only once a text was found to be none.

export interface JsonFault {
  /** Index of the first letter that cannot stand there; the length of the text when it ends too early. */
  readonly at: number
  /** What stands there. */
  readonly found: string
}

type Expected = 'value' | 'first value or ]' | 'first name or }' | 'name' | ':' | ', or end' | 'end'

const SPACE = /[ \t\n\r]*/y
/** A number, `true`, `false` or `null`, and what is none of them. */
const TOKEN = /[-+.\w]+/y
const WHOLE_TOKEN = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/
/** What one of them may begin with. */
const CUT_TOKEN = /^(?:t|tr|tru|f|fa|fal|fals|n|nu|nul|-|-?(?:0|[1-9]\d*)(?:\.|(?:\.\d+)?[eE][+-]?))$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: a string of JSON holds none of them
const STRING_PIECE = /[^"\\\u0000-\u001f]+|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}/y

/** The first fault of a text that is not JSON; its end when there is none. */
export function jsonFault(text: string): JsonFault {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = skip(SPACE, text, 0)
  while (at < text.length) {
    const letter: string = text[at] ?? ''
    const begins: boolean = expected === 'value' || expected === 'first value or ]'
    const isName: boolean = expected === 'name' || expected === 'first name or }'
    let next = at
    if (begins && (letter === '{' || letter === '[')) {
      open.push(letter)
      expected = letter === '{' ? 'first name or }' : 'first value or ]'
      next = at + 1
    } else if (isClosing(letter, expected, open.at(-1))) {
      open.pop()
      expected = open.length === 0 ? 'end' : ', or end'
      next = at + 1
    } else if (letter === ',' && expected === ', or end') {
      expected = open.at(-1) === '{' ? 'name' : 'value'
      next = at + 1
    } else if (letter === ':' && expected === ':') {
      expected = 'value'
      next = at + 1
    } else if (letter === '"' && (begins || isName)) {
      const string = skipString(text, at)
      if (!string.isWhole) return found(text, string.end)
      next = string.end
      expected = isName ? ':' : open.length === 0 ? 'end' : ', or end'
    } else if (begins) {
      const end = skip(TOKEN, text, at)
      const token = text.slice(at, end)
      if (end === text.length && CUT_TOKEN.test(token)) return found(text, end)
      if (WHOLE_TOKEN.test(token)) next = end
      expected = open.length === 0 ? 'end' : ', or end'
    }
    if (next === at) return found(text, at)
    at = skip(SPACE, text, next)
  }
  return found(text, at)
}

function isClosing(letter: string, expected: Expected, innermost: '{' | '[' | undefined): boolean {
  if (letter === '}') return innermost === '{' && (expected === ', or end' || expected === 'first name or }')
  return letter === ']' && innermost === '[' && (expected === ', or end' || expected === 'first value or ]')
}

function found(text: string, at: number): JsonFault {
  const letter = text.codePointAt(at)
  return {
    at,
    found: letter === undefined ? 'it ends' : `there is ${JSON.stringify(String.fromCodePoint(letter))}`,
  }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function skipString(text: string, start: number): { end: number; isWhole: boolean } {
  let at = start + 1
  for (;;) {
    const next = skip(STRING_PIECE, text, at)
    if (next === at) break
    at = next
  }
  return text[at] === '"' ? { end: at + 1, isWhole: true } : { end: at, isWhole: false }
}

// Bytes that are almost right: packets and payloads of a real device, changed a little by a seed, so that a case can be repeated.

export type Random = () => number

/** Lengths, signs and ends of ranges that programs get wrong. */
const NUMBERS = [0, 1, 2, 0x7f, 0x80, 0x81, 0xc0, 0xfe, 0xff] as const
const LONGEST = 70_000

export const wholeNumber = (random: Random, below: number): number => Math.floor(random() * below)

export function oneOf<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  const item = items[wholeNumber(random, items.length)]
  if (item === undefined) throw new Error('there is nothing to choose from')
  return item
}

export function randomBytes(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: wholeNumber(random, most) }, () => wholeNumber(random, 256)))
}

type Change = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer

/** Puts `middle` in the place of the bytes from `from` to `to`. */
const splice = (bytes: Buffer, from: number, to: number, middle: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)])

const CHANGES: readonly Change[] = [
  // One bit.
  (bytes, random) => {
    const changed = Buffer.from(bytes)
    const at = wholeNumber(random, bytes.length)
    changed[at] = (changed[at] ?? 0) ^ (1 << wholeNumber(random, 8))
    return changed
  },
  // One byte.
  (bytes, random) => {
    const at = wholeNumber(random, bytes.length)
    return splice(bytes, at, at + 1, Buffer.from([wholeNumber(random, 256)]))
  },
  // One byte, to an end of a range; in the first bytes, where types and lengths stand.
  (bytes, random) => {
    const at = wholeNumber(random, Math.min(bytes.length, 16))
    return splice(bytes, at, at + 1, Buffer.from([oneOf(random, NUMBERS)]))
  },
  // Cut off.
  (bytes, random) => bytes.subarray(0, wholeNumber(random, bytes.length + 1)),
  // Something left out.
  (bytes, random) => {
    const from = wholeNumber(random, bytes.length)
    return splice(bytes, from, from + wholeNumber(random, bytes.length - from + 1), Buffer.alloc(0))
  },
  // Something put in.
  (bytes, random) => {
    const at = wholeNumber(random, bytes.length + 1)
    return splice(bytes, at, at, randomBytes(random, 32))
  },
  // Something twice.
  (bytes, random) => {
    const from = wholeNumber(random, bytes.length)
    const to = from + wholeNumber(random, bytes.length - from + 1)
    return splice(bytes, to, to, bytes.subarray(from, to))
  },
  // The end of another one.
  (bytes, random, others) => {
    const other = oneOf(random, others)
    const at = wholeNumber(random, bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), other.subarray(wholeNumber(random, other.length + 1))])
  },
]

/** One to four changes of `bytes`; `others` are what it may be mixed with. */
export function mutated(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let changed = bytes
  for (let left = 1 + wholeNumber(random, 4); left > 0; left -= 1) {
    if (changed.length > 0) changed = oneOf(random, CHANGES)(changed, random, others)
  }
  return changed.subarray(0, LONGEST)
}

/** What no device sends, in the place of a value. */
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  -0,
  1e308,
  5e-324,
  2 ** 53,
  9e15,
  '',
  'x'.repeat(5_000),
  '\u0000',
  '\ud800',
  '=1+1',
  '<script>',
  [],
  {},
  [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]],
  { constructor: { prototype: { admin: true } } },
  Array.from({ length: 100 }, (_, index) => index),
]
const NAMES = [
  'time',
  'seq',
  'values',
  'position',
  'lat',
  'event',
  '__proto__',
  'constructor',
  '',
  'a',
] as const

/** The text of a JSON value in which one value, or one name, is another; sometimes nested deeply, or cut by bytes. */
export function mutatedJson(value: unknown, random: Random, others: readonly Buffer[]): Buffer {
  const kind = random()
  if (kind < 0.1) {
    const depth = wholeNumber(random, 20_000)
    return Buffer.from(`${'['.repeat(depth)}1${']'.repeat(random() < 0.5 ? depth : 0)}`)
  }
  const text = Buffer.from(JSON.stringify(changedValue(value, random)))
  return kind < 0.6 ? text : mutated(text, random, others)
}

function changedValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return oneOf(random, VALUES)
  if (Array.isArray(value)) {
    const at = wholeNumber(random, value.length + 1)
    return [...value.slice(0, at), changedValue(value[at], random), ...value.slice(at + 1)]
  }
  const entries = Object.entries(value)
  const at = wholeNumber(random, entries.length)
  const [name = 'a', held] = entries[at] ?? []
  const changed = random() < 0.8 ? [name, changedValue(held, random)] : [oneOf(random, NAMES), held]
  // By pairs: a member `__proto__` is then one of its own.
  return Object.fromEntries([...entries.slice(0, at), changed, ...entries.slice(at + 1)])
}

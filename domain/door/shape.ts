// Shapes of what comes through the door of `npm run domain`: a shape reads an unknown value into a typed one, or says which member is
// wrong and what is taken. The domain stands on nothing but `contract/`, so it brings these few of its own.

/** A member that is not of its shape: where it is, and what would be taken. */
export interface Fault {
  readonly ok: false
  /** `parts[1].concentration`; empty for the whole input. */
  readonly member: string
  readonly rule: string
}

export type Read<T> = { readonly ok: true; readonly value: T } | Fault

/** Reads a value that stands at `member`. */
export type Shape<T> = (value: unknown, member: string) => Read<T>

/** What a shape reads. */
export type Of<S> = S extends Shape<infer T> ? T : never

const right = <T>(value: T): Read<T> => ({ ok: true, value })
const wrong = (member: string, rule: string): Fault => ({ ok: false, member, rule })

const LONGEST = 100_000

/** A finite number for which `holds`. */
function numberThat(rule: string, holds: (value: number) => boolean): Shape<number> {
  return (value, member) =>
    typeof value === 'number' && Number.isFinite(value) && holds(value) ? right(value) : wrong(member, rule)
}

export const number = numberThat('a number is taken', () => true)
export const positive = numberThat('a number above 0 is taken', (value) => value > 0)
export const notNegative = numberThat('a number from 0 on is taken', (value) => value >= 0)
export const share = numberThat('a number from 0 to 1 is taken', (value) => value >= 0 && value <= 1)
export const whole = numberThat('a whole number is taken', Number.isSafeInteger)
export const count = numberThat(
  'a whole number from 0 on is taken',
  (value) => Number.isSafeInteger(value) && value >= 0,
)
export const countAboveZero = numberThat(
  'a whole number above 0 is taken',
  (value) => Number.isSafeInteger(value) && value > 0,
)
/** Of a list that the rule makes as long. */
export const length = numberThat(
  `a whole number from 0 to ${LONGEST} is taken`,
  (value) => Number.isSafeInteger(value) && value >= 0 && value <= LONGEST,
)
export const latitude = numberThat('a number from -90 to 90 is taken', (value) => Math.abs(value) <= 90)
export const longitude = numberThat('a number from -180 to 180 is taken', (value) => Math.abs(value) <= 180)

export const yesNo: Shape<boolean> = (value, member) =>
  typeof value === 'boolean' ? right(value) : wrong(member, 'true or false is taken')

export const text: Shape<string> = (value, member) =>
  typeof value === 'string' ? right(value) : wrong(member, 'a text is taken')

/** A text that `read` understands; null of it means that it does not. */
export function textAs<T>(rule: string, read: (text: string) => T | null): Shape<T> {
  return (value, member) => {
    const understood = typeof value === 'string' ? read(value) : null
    return understood === null ? wrong(member, rule) : right(understood)
  }
}

export function oneOf<const T extends string | number>(members: readonly T[]): Shape<T> {
  return (value, member) => {
    const found = members.find((one) => one === value)
    return found === undefined ? wrong(member, `one of ${members.join(', ')} is taken`) : right(found)
  }
}

/** A number or a text: states that are only compared. */
export const label: Shape<number | string> = (value, member) =>
  typeof value === 'string' || typeof value === 'number'
    ? right(value)
    : wrong(member, 'a number or a text is taken')

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, member) => {
    if (value === null) return right(null)
    const read = shape(value, member)
    return read.ok ? read : wrong(read.member, read.member === member ? `${read.rule}, or null` : read.rule)
  }
}

/** May be absent, which reads as null. */
export function optional<T>(shape: Shape<T>): Shape<T | null> {
  const nullable = orNull(shape)
  return (value, member) => (value === undefined ? right(null) : nullable(value, member))
}

export interface ListRule {
  readonly least?: number
  readonly most?: number
}

export function list<T>(
  shape: Shape<T>,
  { least = 0, most = Number.POSITIVE_INFINITY }: ListRule = {},
): Shape<readonly T[]> {
  return (value, member) => {
    if (!Array.isArray(value)) return wrong(member, 'a list is taken')
    if (value.length < least || value.length > most) return wrong(member, lengthRule(least, most))
    const items: T[] = []
    for (const [index, item] of value.entries()) {
      const read = shape(item, `${member}[${index}]`)
      if (!read.ok) return read
      items.push(read.value)
    }
    return right(items)
  }
}

function lengthRule(least: number, most: number): string {
  if (least === most) return `a list of ${least} is taken`
  return most === Number.POSITIVE_INFINITY
    ? `a list of at least ${least} is taken`
    : `a list of ${least} to ${most} is taken`
}

type Shapes = Readonly<Record<string, Shape<unknown>>>

/** An object with these members; others are left out. */
export function object<S extends Shapes>(shapes: S): Shape<{ readonly [Name in keyof S]: Of<S[Name]> }> {
  return (value, member) => {
    if (!isObject(value)) return wrong(member, 'an object is taken')
    const members: Record<string, unknown> = {}
    for (const [name, shape] of Object.entries(shapes)) {
      const own = Object.hasOwn(value, name) ? value[name] : undefined
      const read = shape(own, memberOf(member, name))
      if (!read.ok) return read
      members[name] = read.value
    }
    // Each member was read by the shape of its name.
    return right(members as { readonly [Name in keyof S]: Of<S[Name]> })
  }
}

/** A fixed number of members in a list: `[lat, lon]`. */
export function tuple<S extends readonly Shape<unknown>[]>(
  ...shapes: S
): Shape<{ readonly [Index in keyof S]: Of<S[Index]> }> {
  return (value, member) => {
    if (!Array.isArray(value) || value.length !== shapes.length)
      return wrong(member, `a list of ${shapes.length} is taken`)
    const members: unknown[] = []
    for (const [index, shape] of shapes.entries()) {
      const read = shape(value[index], `${member}[${index}]`)
      if (!read.ok) return read
      members.push(read.value)
    }
    // As above, by position.
    return right(members as unknown as { readonly [Index in keyof S]: Of<S[Index]> })
  }
}

/** An object used as a table: any names, members of one shape. */
export function table<T>(shape: Shape<T>): Shape<ReadonlyMap<string, T>> {
  return (value, member) => {
    if (!isObject(value)) return wrong(member, 'an object is taken')
    const members = new Map<string, T>()
    for (const [name, own] of Object.entries(value)) {
      const read = shape(own, memberOf(member, name))
      if (!read.ok) return read
      members.set(name, read.value)
    }
    return right(members)
  }
}

/** The shape with a rule over several members; `faultOf` names the member that breaks it (empty: all of it), null when none does. */
export function checked<T>(
  shape: Shape<T>,
  faultOf: (value: T) => { readonly member: string; readonly rule: string } | null,
): Shape<T> {
  return (value, member) => {
    const read = shape(value, member)
    if (!read.ok) return read
    const fault = faultOf(read.value)
    return fault === null ? read : wrong(memberOf(member, fault.member), fault.rule)
  }
}

function memberOf(outer: string, name: string): string {
  return outer === '' || name === '' || name.startsWith('[') ? outer + name : `${outer}.${name}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// What tells one person or handset from another must not come out of a device by way of what we keep of its faults: hardware
// addresses, IMEI and IMSI, phone numbers and identity numbers are blanked in event details and in quarantine (reliability 7,
// UU 27/2022). The log keeps what was sent (D4) until the store has it; nobody is shown it.

/** Sixteen hexadecimal digits at most stand between these; a longer word is a digest or a token, not an address. */
const EDGE_BEFORE = '(?<![0-9A-Za-z])'
const EDGE_AFTER = '(?![0-9A-Za-z])'
const PAIR = '[0-9A-Fa-f]{2}'
const word = (pattern: string): RegExp => new RegExp(`${EDGE_BEFORE}(?:${pattern})${EDGE_AFTER}`, 'g')

/** Six or eight octets with one separator throughout (IEEE 802 writes `-`, most systems `:`); URLs write `:` as `%3A`. */
const ADDRESS_IN_PAIRS = word(
  `${PAIR}(?<gap>[:_ -]|%3[Aa])${PAIR}(?:\\k<gap>${PAIR}){4}(?:(?:\\k<gap>${PAIR}){2})?`,
)
/** As routers write it: `aabb.ccdd.eeff`. */
const ADDRESS_IN_FOURS = word('[0-9A-Fa-f]{4}(?<gap>[.:-])[0-9A-Fa-f]{4}\\k<gap>[0-9A-Fa-f]{4}')
/** Without separators a letter must be among them: twelve digits are a number. */
const ADDRESS_IN_ONE = word('(?:0[xX])?(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{12}')

/** Fifteen digits: IMEI (3GPP TS 23.003 section 6) or IMSI (section 2); an IMEI may be written 2-6-6-1, its check digit last. */
const HANDSET =
  /(?<![\d.])(?:\d{15}|\d{2}[- ]\d{6}[- ]\d{6}[- ]\d{1,2}|\d{6}[- ]\d{2}[- ]\d{6}[- ]\d{1,2})(?![\d]|\.\d)/g

/** Indonesian identity number: 16 digits, in the middle day (women: plus 40), month and year of birth. */
const IDENTITY = /(?<![\d.])[1-9]\d{5}(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d{6}(?![\d]|\.\d)/g

/** E.164 with its plus sign, and Indonesian mobile and landline numbers as people write them; gaps between groups are taken. */
const PHONE_GAP = '[ .()\\u2010-\\u2015-]{0,3}'
const digits = (least: number, most: number): string => `(?:${PHONE_GAP}\\d){${least},${most}}`
const PHONES = [
  new RegExp(`(?<![\\d+])\\+${PHONE_GAP}[1-9]${digits(7, 14)}(?!\\d)`, 'g'),
  new RegExp(`(?<![\\d.+-])(?:00)?62${PHONE_GAP}(?:0${PHONE_GAP})?8${digits(8, 11)}(?!\\d)`, 'g'),
  new RegExp(`(?<![\\d.+-])\\(?0[28]\\d?\\d?\\)?${digits(6, 10)}(?!\\d)`, 'g'),
]

/** Bytes of the longest form that is looked for. */
export const LONGEST_MASKED = 64

/** The text with what looks like a hardware address, a handset, a person's or a phone's number blanked by its kind. */
export function masked(text: string): string {
  let result = text
    .replace(ADDRESS_IN_PAIRS, '[address]')
    .replace(ADDRESS_IN_FOURS, '[address]')
    .replace(ADDRESS_IN_ONE, '[address]')
    .replace(HANDSET, '[handset]')
    .replace(IDENTITY, '[identity]')
  for (const phone of PHONES) result = result.replace(phone, '[phone]')
  return result
}

/** The value with every text in it masked, names of members included; numbers too when they read as one of those. */
export function maskedJson(value: unknown): unknown {
  if (typeof value === 'string') return masked(value)
  if (typeof value === 'number') {
    const text = String(value)
    const result = masked(text)
    return result === text ? value : result
  }
  if (Array.isArray(value)) return value.map(maskedJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [masked(name), maskedJson(member)]))
}

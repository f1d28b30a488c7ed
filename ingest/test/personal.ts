// For tests: what must not be kept of people.

/** Forms in which systems and people write them; the numbers are of documentation ranges or made up. */
export const PERSONAL: readonly (readonly [form: string, text: string])[] = [
  ['MAC with colons', '00:1a:2B:3c:4D:5e'],
  ['MAC with hyphens', '00-1A-2B-3C-4D-5E'],
  ['MAC of a router', '001a.2b3c.4d5e'],
  ['MAC in one', '001A2B3C4D5E'],
  ['MAC in one, in hexadecimal', '0x001a2b3c4d5e'],
  ['MAC with blanks', '00 1A 2B 3C 4D 5E'],
  ['MAC with underscores', '00_1a_2b_3c_4d_5e'],
  ['MAC in a URL', '00%3A1a%3A2b%3A3c%3A4d%3A5e'],
  ['EUI-64', '00:1a:2b:ff:fe:3c:4d:5e'],
  ['IMEI', '490154203237518'],
  ['IMEI in groups', '49-015420-323751-8'],
  ['IMEI in groups of a label', '490154-20-323751-8'],
  ['IMEI with blanks', '49 015420 323751 8'],
  ['IMSI of Indonesia', '510101234567890'],
  ['NIK', '3171014508900001'],
  ['phone, E.164', '+6281234567890'],
  ['phone with blanks', '+62 812 3456 7890'],
  ['phone with hyphens', '0812-3456-7890'],
  ['phone without', '081234567890'],
  ['phone without plus', '6281234567890'],
  ['phone dialled from abroad', '006281234567890'],
  ['phone with brackets', '(021) 345-6789'],
  ['phone of another country', '+44 20 7946 0958'],
]

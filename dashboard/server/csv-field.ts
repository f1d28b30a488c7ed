// A field of a CSV answer (RFC 4180), for texts that people gave.

/** A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection). Empty for what is absent. */
export function csvField(value: string | number | boolean | null | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') return String(value)
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

// A text that begins like a formula is run as one by spreadsheets that open a CSV file; an apostrophe before it keeps it a text.
// Source: OWASP, "CSV Injection".

const RUNS = /^'*[=+\-@\t\r\n]/

/** The text as a cell that no spreadsheet runs. */
export function inert(text: string): string {
  return RUNS.test(text) ? `'${text}` : text
}

/** The text of such a cell. */
export function ofInert(cell: string): string {
  return cell.startsWith("'") && RUNS.test(cell) ? cell.slice(1) : cell
}

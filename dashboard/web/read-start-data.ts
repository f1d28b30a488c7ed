// Reads what the server put into the page.

import { START_DATA, type StartData } from './start-data.ts'

let read: StartData | null | undefined

/** Null in a page that holds none. */
export function startData(): StartData | null {
  if (read === undefined) {
    const text = document.getElementById(START_DATA)?.textContent ?? ''
    // Written by our own server, or left empty in a page that it did not write.
    read = text.trim() === '' ? null : (JSON.parse(text) as StartData)
  }
  return read
}

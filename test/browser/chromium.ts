// Real Chromium for end-to-end tests, from where the system has it.

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { isThere } from '../influxdb.ts'

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** True when the machine has Chromium. Throws when PANTAU_REQUIRE wants it and it is missing. */
export function hasChromium(): boolean {
  return isThere(
    'chromium',
    PROGRAM !== undefined,
    'Chromium is not installed: tests in a browser are skipped',
  )
}

/** `more` are flags beside those that every test wants. */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: PROGRAM ?? 'chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

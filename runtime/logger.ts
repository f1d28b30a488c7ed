// Logs are one JSON object a line on standard error: level, time, part, msg (contract section 1); pretty for people.

import { createRequire } from 'node:module'
import pino from 'pino'
import type { Settings } from '../contract/settings.ts'
import { formatTime, systemClock } from '../contract/time.ts'

export type Logger = pino.Logger

/** Members that hold secrets are blanked wherever they appear. */
const SECRETS = [
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  '*.password',
  '*.secret',
  '*.token',
]

export function openLogger(
  part: string,
  settings: Pick<Settings, 'PANTAU_LOG_LEVEL' | 'PANTAU_LOG'>,
): Logger {
  const options: pino.LoggerOptions = {
    level: settings.PANTAU_LOG_LEVEL,
    base: { part },
    timestamp: () => `,"time":"${formatTime(systemClock.now())}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS, censor: '[secret]' },
  }
  return settings.PANTAU_LOG === 'pretty'
    ? pino(options, prettyStream())
    : pino(options, pino.destination({ fd: 2, sync: true }))
}

function prettyStream(): pino.DestinationStream {
  // Loaded only when asked for: it costs every start some 30 ms.
  const pretty = createRequire(import.meta.url)('pino-pretty') as (options: object) => pino.DestinationStream
  return pretty({
    destination: 2,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,part',
    messageFormat: '{part}: {msg}',
  })
}

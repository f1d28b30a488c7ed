// Logs are one JSON object a line on standard error: level, time, part, msg (contract section 1); pretty for people.

import { createRequire } from 'node:module'
import pino from 'pino'
import type { Settings } from '../contract/settings.ts'
import { formatTime, systemClock } from '../contract/time.ts'

export type Logger = pino.Logger

/** Members whose names say that they hold a secret are blanked, however deep they lie. */
const SECRET_NAME = /pass(word|wd|phrase)|secret|token|authori[sz]ation|cookie|credential|private.?key|^pw$/i
const BLANK = '[secret]'
/** Credentials in an address, wherever in a line: `influxdb1://user:pw@host`. */
const IN_ADDRESS = /(\/\/)[^/@\s"'<>]+@/g
const DEEPEST = 8
/** What JSON does not escape and a terminal obeys, or a reader does not see: C1, separators of lines, turns of direction. */
const UNSEEN = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

export function openLogger(
  part: string,
  settings: Pick<Settings, 'PANTAU_LOG_LEVEL' | 'PANTAU_LOG'>,
): Logger {
  const options = loggerOptions(part, settings)
  return settings.PANTAU_LOG === 'pretty'
    ? pino(options, prettyStream())
    : pino(options, pino.destination({ fd: 2, sync: true }))
}

/** One JSON object a line, with level, time, part and msg; no secret in any of them. */
export function loggerOptions(
  part: string,
  settings: Pick<Settings, 'PANTAU_LOG_LEVEL'>,
): pino.LoggerOptions {
  return {
    level: settings.PANTAU_LOG_LEVEL,
    base: { part },
    timestamp: () => `,"time":"${formatTime(systemClock.now())}"`,
    formatters: {
      level: (label) => ({ level: label }),
      log: (members) => withoutSecrets(members, DEEPEST) as Record<string, unknown>,
    },
    serializers: { err: (error: Error) => withoutSecrets(pino.stdSerializers.err(error), DEEPEST) },
    hooks: { streamWrite: (line) => line.replace(IN_ADDRESS, `$1${BLANK}@`).replace(UNSEEN, '\u00b7') },
  }
}

/** Errors are left to their serializer, which reads what is not enumerable. */
function withoutSecrets(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  if (levels === 0) return '[deeper]'
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, levels - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET_NAME.test(name) ? BLANK : withoutSecrets(member, levels - 1),
    ]),
  )
}

/** Lines for people. `destination`: a descriptor, or a stream. */
export function prettyStream(destination: number | NodeJS.WritableStream = 2): pino.DestinationStream {
  // Loaded only when asked for: it costs every start some 30 ms.
  const pretty = createRequire(import.meta.url)('pino-pretty') as (options: object) => pino.DestinationStream
  return pretty({
    destination,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,part',
    messageFormat: ({ part, msg }: Record<string, unknown>) => `${String(part)}: ${printable(String(msg))}`,
  })
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not reach a terminal
const CONTROLS = /[\u0000-\u0009\u000b-\u001f]/g

/** A stranger's words neither begin a line of their own nor command the terminal. */
function printable(message: string): string {
  return message.replace(CONTROLS, '\u00b7').replaceAll('\n', '\n    ')
}

// The log: one JSON object a line (level, time, part, msg), as of every part of Pantau, without a library: the agent is to be small.

import { type Clock, formatTime } from '../contract/time.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof LEVELS)[number]

type Fields = Readonly<Record<string, unknown>>
export type Log = Readonly<Record<Level, (message: string, fields?: Fields) => void>>

export interface LogOptions {
  readonly level: Level
  /** For people instead of programs. */
  readonly pretty: boolean
  readonly clock: Clock
  readonly write: (line: string) => void
}

export function openLog({ level: least, pretty, clock, write }: LogOptions): Log {
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return
      const time = formatTime(clock.now())
      if (!pretty) write(`${JSON.stringify({ level, time, part: 'edge-agent', msg: message, ...fields })}\n`)
      else {
        const more = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
        write(`${time.slice(11, 19)} ${level.toUpperCase().padEnd(5)} ${message}${more.join('')}\n`)
      }
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
